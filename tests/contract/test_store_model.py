"""The store against a dict: whatever is done in whatever order, both say the same."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from orchestration.adapters.sqlite import open_store
from orchestration.ports import (
    Conflict,
    Create,
    Delete,
    ETag,
    NotFound,
    Put,
    Replace,
    Stale,
    Store,
    StoreError,
    Write,
)
from tests.clock import FakeClock

IDS = st.sampled_from(["a", "a:1", "a:2", "b", "~"])
KINDS = st.sampled_from(["create", "replace", "replace stale", "put", "delete", "delete stale"])
TTLS = st.sampled_from([None, 5, 50])
WRITES = st.lists(
    st.tuples(KINDS, IDS, TTLS), min_size=1, max_size=4, unique_by=lambda drawn: drawn[1]
)


class Model:
    """A dict with expiry; a batch works on a copy."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[ETag, dict[str, Any], float | None]] = {}

    def live(self, now: float) -> dict[str, tuple[ETag, dict[str, Any], float | None]]:
        return {k: v for k, v in self.documents.items() if v[2] is None or v[2] > now}

    def expected(self, writes: list[Write], now: float) -> type[StoreError] | None:
        """What the batch must raise. An etag made inside of it is never one that was read."""
        tags: dict[str, ETag | None] = {k: v[0] for k, v in self.live(now).items()}
        for write in writes:
            missing = write.id not in tags
            if isinstance(write, Create) and not missing:
                return Conflict
            if isinstance(write, Replace | Delete):
                if missing:
                    return NotFound
                if write.if_match is not None and write.if_match != tags[write.id]:
                    return Stale
            if isinstance(write, Delete):
                del tags[write.id]
            else:
                tags[write.id] = None
        return None

    def apply(self, writes: list[Write], etags: tuple[ETag | None, ...], now: float) -> None:
        self.documents = self.live(now)
        for write, etag in zip(writes, etags, strict=True):
            if isinstance(write, Delete):
                assert etag is None
                del self.documents[write.id]
            else:
                assert etag is not None
                expires = None if write.ttl_s is None else now + write.ttl_s
                self.documents[write.id] = (etag, dict(write.body), expires)


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock, self.model, self.count = FakeClock(), Model(), 0
        self.repeatable: tuple[str, list[Write], tuple[ETag | None, ...]] | None = None
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.store = self.runner.run(self._open())

    async def _open(self) -> Store:
        return await self.stack.enter_async_context(
            open_store(Path(self.folder) / "s.db", self.clock)
        )

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    @property
    def now(self) -> float:
        return self.clock.now().timestamp()

    def _write(self, kind: str, id: str, ttl: int | None) -> Write:
        self.count += 1
        body = {"n": self.count}
        current = self.model.live(self.now).get(id)
        known = current[0] if current else ETag("never")
        match kind:
            case "create":
                return Create(id, body, ttl)
            case "put":
                return Put(id, body, ttl)
            case "delete":
                return Delete(id)
            case "delete stale":
                return Delete(id, ETag("never"))
            case "replace":
                return Replace(id, body, known, ttl)
            case _:
                return Replace(id, body, ETag("never"), ttl)

    @rule(drawn=WRITES)
    def batch(self, drawn: list[tuple[str, str, int | None]]) -> None:
        writes = [self._write(*one) for one in drawn]
        operation = f"o{self.count}-{len(writes)}-{self.now}"
        expected = self.model.expected(writes, self.now)
        try:
            etags = self.runner.run(self.store.batch("c", "p", writes, operation=operation))
        except StoreError as error:
            assert type(error) is expected
            return
        assert expected is None
        if writes:
            self.model.apply(writes, etags, self.now)
            told = any(isinstance(write, Create) for write in writes)
            lasting = all(isinstance(write, Delete) or write.ttl_s is None for write in writes)
            self.repeatable = (operation, writes, etags) if told and lasting else None

    @rule()
    def repeat(self) -> None:
        if self.repeatable:
            operation, writes, etags = self.repeatable
            again = self.store.batch("c", "p", writes, operation=operation)
            assert self.runner.run(again) == etags

    @rule(seconds=st.sampled_from([1, 5, 49, 100]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @invariant()
    def the_store_has_what_the_model_has(self) -> None:
        page = self.runner.run(self.store.find("c", "p"))
        live = self.model.live(self.now)
        found = [(document.id, document.etag, document.body) for document in page.documents]
        assert found == [(name, *live[name][:2]) for name in sorted(live)]


StoreMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, database=None
)
TestStoreModel = StoreMachine.TestCase
