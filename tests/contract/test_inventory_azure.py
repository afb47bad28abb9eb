"""Azure's own ways: what it refuses, and that nothing is concluded where it does not say."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestration.adapters.azure import arm
from orchestration.adapters.azure.databricks import DATABRICKS
from orchestration.adapters.azure.inventory import AzureInventory
from orchestration.adapters.azure.resource_ids import KINDS
from orchestration.errors import PermanentError, TemporaryError
from tests.contract.inventory_world import GROUPS, TAG, InAzure, azure
from tests.contract.test_inventory import OURS, account, create, make_account
from tests.doubles.arm import Fault, ManagerDouble

TEMPLATES = Path(__file__).parents[2] / "templates" / "terraform"


@pytest.fixture
def double() -> ManagerDouble:
    return ManagerDouble()


@pytest.fixture
async def inventory(double: ManagerDouble, tmp_path: Path) -> AsyncIterator[AzureInventory]:
    async with azure(tmp_path, double) as made:
        InAzure(double, made).put("azurerm_resource_group", f"{GROUPS}/rg", None)
        yield made


def test_every_type_that_the_templates_make_can_be_found() -> None:
    made = set()
    for path in TEMPLATES.rglob("*.j2"):
        lines = path.read_text(encoding="utf-8").splitlines()
        made |= {line.split('"')[1] for line in lines if line.startswith('resource "')}
    known = {*KINDS, *DATABRICKS, "azurerm_resource_group", "azurerm_role_assignment"}
    assert len(made) > 5
    assert made <= known


@pytest.mark.parametrize(
    ("fault", "wait_s"),
    [
        (Fault(429, "TooManyRequests", {"Retry-After": "17"}), 17),
        (Fault(429, "TooManyRequests", {"Retry-After": "soon"}), 5),
        (Fault(503, "ServerTimeout"), 5),
        (Fault(403, "AuthorizationFailed"), 60),
        (Fault(401, "ExpiredAuthenticationToken"), 60),
    ],
)
async def test_what_azure_does_not_say_now_is_asked_again_later(
    double: ManagerDouble, inventory: AzureInventory, fault: Fault, wait_s: float
) -> None:
    double.faults.append(fault)
    with pytest.raises(TemporaryError) as raised:
        await inventory.find(OURS, [account("one")])
    assert raised.value.retry_after_s == wait_s
    assert fault.code in str(raised.value)
    assert "secret-in-a-message" not in str(raised.value)


async def test_who_takes_too_long_is_asked_again_later(
    double: ManagerDouble, inventory: AzureInventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arm, "DEADLINE_S", 0.2)
    double.faults.append(Fault(200, after_s=5))
    with pytest.raises(TemporaryError, match=r"no answer within 0\.2 s"):
        await inventory.find(OURS, [account("one")])


async def test_a_refusal_that_stays_is_one(
    double: ManagerDouble, inventory: AzureInventory
) -> None:
    for fault in (Fault(400, "BadRequest"), Fault(404, "SubscriptionNotFound"), Fault(302, "x")):
        double.faults.append(fault)
        with pytest.raises(PermanentError, match=fault.code):
            await inventory.find(OURS, [account("one")])


async def test_of_a_kind_that_nobody_has_used_there_is_none(
    double: ManagerDouble, inventory: AzureInventory
) -> None:
    double.faults.append(Fault(409, "MissingSubscriptionRegistration"))
    assert await inventory.find(OURS, [account("one")]) == ()


@pytest.mark.parametrize("state", ["Creating", "Accepted", "Deleting", "ResolvingDNS"])
async def test_what_azure_is_not_done_with_is_waited_for(
    double: ManagerDouble, inventory: AzureInventory, state: str
) -> None:
    there = InAzure(double, inventory)
    id = make_account(there, "one", OURS)
    double.things[id.lower()]["properties"]["provisioningState"] = state
    with pytest.raises(TemporaryError, match=f"not done with .*/one: {state}"):
        await inventory.find(OURS, [account("one")])
    double.things[id.lower()]["tags"] = {TAG: "acme/dev/storage/other"}
    assert await inventory.find(OURS, [account("one")]) == ()


async def test_what_was_asked_once_is_not_asked_again(
    double: ManagerDouble, inventory: AzureInventory
) -> None:
    make_account(InAzure(double, inventory), "one", None)
    await inventory.find(OURS, [account("one"), create("azurerm_resource_group", name="rg")])
    assert sorted(double.asked) == sorted(set(double.asked))


async def test_databricks_at_another_host_gets_no_token(
    double: ManagerDouble, inventory: AzureInventory
) -> None:
    there = InAzure(double, inventory)
    id = f"{GROUPS}/rg/providers/Microsoft.Databricks/workspaces/dbw"
    there.put("azurerm_databricks_workspace", id, OURS)
    double.things[id.lower()]["properties"]["workspaceUrl"] = "evil.example"
    with pytest.raises(PermanentError, match=r"'evil\.example' is none of its hosts"):
        await inventory.find(OURS, [create("databricks_cluster", cluster_name="ml")])


async def test_what_it_has_never_heard_of_is_not_found_and_logged(
    inventory: AzureInventory, caplog: pytest.LogCaptureFixture
) -> None:
    assert await inventory.find(OURS, [create("azurerm_key_vault", name="kv")]) == ()
    assert [one.message for one in caplog.records] == ["inventory.unknown_type"]
