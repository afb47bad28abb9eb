"""A build does not touch what a later one wrote: it says so, and the later one goes on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.adapters.formats import FORMAT, FormattedStore, NewerFormat
from orchestration.adapters.sqlite import open_store
from orchestration.errors import PermanentError
from orchestration.ports import Create, Document, Replace, Store
from orchestration.standing import standing
from tests.clock import FakeClock
from tests.contract.leaving import asked
from tests.contract.store_contract import StoreContract
from tests.doubles.house import House, draft
from tests.doubles.temporal import cluster

_LATER = FORMAT + 1


class TestStoreOfALaterBuild(StoreContract):
    """Nobody notices the marks."""

    @pytest.fixture
    async def store(self, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
        async with open_store(tmp_path / "store.db", clock) as opened:
            yield FormattedStore(opened, format=_LATER)

    async def test_a_document_has_at_most_a_million_bytes(self, store: Store) -> None:
        """The mark's few included."""
        most = 1_000_000 - len(b'{"s":"","format":2}')
        await store.batch("c", "p", [Create("x", {"s": "x" * most})], operation="fits")
        with pytest.raises(PermanentError, match="c/p/y: 1000001 bytes, at most 1000000"):
            await store.batch("c", "p", [Create("y", {"s": "x" * (most + 1)})], operation="not")


async def test_what_a_later_build_wrote_is_not_read(store: Store) -> None:
    now, later = FormattedStore(store), FormattedStore(store, format=_LATER)
    await later.batch("c", "p", [Create("a", {"n": 1})], operation="1")
    for reading in (now.get("c", "p", "a"), now.find("c", "p"), now.everywhere("c", "a")):
        with pytest.raises(NewerFormat, match="c/a: a newer Signoff wrote it"):
            await reading
    assert (await later.get("c", "p", "a")).body == {"n": 1}


async def test_a_later_build_reads_what_was_there_and_marks_what_it_writes(store: Store) -> None:
    now, later = FormattedStore(store), FormattedStore(store, format=_LATER)
    await now.batch("c", "p", [Create("a", {"n": 1}), Create("b", {"n": 1})], operation="1")
    found: Document = await later.get("c", "p", "a")
    await later.batch("c", "p", [Replace("a", {"n": 2}, found.etag)], operation="2")
    assert (await now.get("c", "p", "b")).body == {"n": 1}
    with pytest.raises(NewerFormat):
        await now.get("c", "p", "a")


async def test_the_first_form_is_written_without_a_mark(store: Store) -> None:
    await FormattedStore(store, format=1).batch("c", "p", [Create("a", {"n": 1})], operation="1")
    assert (await store.get("c", "p", "a")).body == {"n": 1}


async def test_an_old_worker_leaves_it_to_a_new_one_and_breaks_nothing(home: House) -> None:
    later = FormattedStore(home.store, format=_LATER)
    old, new = FormattedStore(home.store), later
    home = replace(home, store=later)  # people speak to a later build
    async with cluster(home) as temporal:
        id = await home.submit(draft("storage"))
        async with temporal.worker(store=old):
            await temporal.engine.nudge(id)
            await asyncio.sleep(1.0)
            assert standing(await home.get(id)) == "planning", "not failed, not touched"
        async with temporal.worker(store=new):
            await temporal.until(id, asked)
    assert "fault" not in await home.actions(id)
