"""The store on Cosmos DB against a dict, with answers that are lost on the way."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from orchestration.adapters.cosmos import open_store
from orchestration.ports import Store
from tests.contract import test_store_model as model
from tests.contract.cosmos_world import DATABASE, QUICK
from tests.far.cosmos.account import KEY
from tests.far.cosmos.double import cosmos_double, items
from tests.far.faults import Answers, Cut


class CosmosMachine(model.StoreMachine):
    async def _open(self) -> Store:
        self.double = await self.stack.enter_async_context(cosmos_double(self.clock))
        self.double.account.make(DATABASE, "c")
        return await self.stack.enter_async_context(
            open_store(self.double.url, DATABASE, KEY, patience=QUICK)
        )

    @rule(fault=st.sampled_from([Cut(), Answers(429), Answers(503)]))
    def fail(self, fault: Cut | Answers) -> None:
        self.double.faults.add(fault, items)


CosmosMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, database=None
)
TestCosmosModel = CosmosMachine.TestCase
