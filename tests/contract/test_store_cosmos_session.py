"""Reads at Session consistency: what may be missing, what never is, and what they cost."""

from collections.abc import AsyncIterator

import pytest

from orchestration.adapters.cosmos import open_store
from orchestration.adapters.cosmos.session_tokens import SessionTokens
from orchestration.ports import Create, Delete, Replace, Store
from tests.clock import FakeClock
from tests.contract.cosmos_world import DATABASE, QUICK
from tests.far.cosmos.account import KEY
from tests.far.cosmos.double import CosmosDouble, cosmos_double, writes
from tests.far.faults import Dropped


@pytest.fixture
async def double(clock: FakeClock) -> AsyncIterator[CosmosDouble]:
    async with cosmos_double(clock, consistency="BoundedStaleness") as started:
        started.account.make(DATABASE, "c")
        yield started


@pytest.fixture
async def ours(double: CosmosDouble) -> AsyncIterator[Store]:
    async with open_store(double.url, DATABASE, KEY, patience=QUICK) as opened:
        yield opened


@pytest.fixture
async def theirs(double: CosmosDouble) -> AsyncIterator[Store]:
    async with open_store(double.url, DATABASE, KEY, patience=QUICK) as opened:
        yield opened


async def seen(store: Store, *, session: bool = True) -> str:
    page = await store.find("c", "p", session=session)
    return " ".join(f"{one.id}{one.body['n']}" for one in page.documents)


async def create(store: Store, id: str, n: int = 1) -> None:
    await store.batch("c", "p", [Create(id, {"n": n})], operation=f"{id}{n}")


async def test_what_was_there_before_our_write_is_seen(ours: Store, theirs: Store) -> None:
    await create(ours, "a")
    await create(theirs, "b")
    found = await theirs.get("c", "p", "a")
    await theirs.batch("c", "p", [Replace("a", {"n": 2}, found.etag)], operation="2")
    await create(ours, "c")
    assert await seen(ours) == "a2 b1 c1"


async def test_what_came_after_it_may_be_missing(ours: Store, theirs: Store) -> None:
    """The double is a replica that is as far behind as the service allows."""
    await create(ours, "a")
    await create(ours, "b")
    found = await theirs.get("c", "p", "a")
    writes = [Replace("a", {"n": 2}, found.etag), Delete("b"), Create("d", {"n": 1})]
    await theirs.batch("c", "p", writes, operation="2")
    assert await seen(ours) == "a1 b1"
    assert await seen(ours, session=False) == "a2 d1"
    await create(ours, "e")
    assert await seen(ours) == "a2 d1 e1"


async def test_who_has_written_nothing_sees_everything(ours: Store, theirs: Store) -> None:
    await create(theirs, "a")
    assert await seen(ours) == "a1"


async def test_after_an_answer_that_was_lost_everything_is_seen(
    ours: Store, theirs: Store, double: CosmosDouble
) -> None:
    await create(ours, "a")
    double.faults.add(Dropped(), writes)
    await create(ours, "b")
    await create(theirs, "c")
    assert await seen(ours) == "a1 b1 c1"


async def test_where_no_replica_has_come_so_far_everything_is_read(
    ours: Store, double: CosmosDouble
) -> None:
    await create(ours, "a")
    double.account.container(DATABASE, "c").items.lsn = 0
    assert await seen(ours) == "a1"
    assert await seen(ours) == "a1"


async def test_it_costs_half(ours: Store, double: CosmosDouble) -> None:
    await create(ours, "a")
    await seen(ours, session=False)
    whole = double.charged["query"]
    await seen(ours)
    assert double.charged["query"] == pytest.approx(1.5 * whole, abs=0.02)


@pytest.mark.parametrize("token", ["0:-1#7", "12:3#7#4=9#5=-1"])
def test_the_newest_write_counts_in_whatever_order_answers_come(token: str) -> None:
    tokens = SessionTokens()
    for one in (token, "0:-1#5"):
        with tokens.writing("c", "p") as heard:
            heard({"x-ms-session-token": one})
    assert tokens.options("c", "p")["session_token"] == token
    assert not tokens.options("c", "q")


@pytest.mark.parametrize("token", ["", "7", "0:-1", "0:-1#x", "0:-1#5,1:-1#6"])
def test_a_token_of_another_form_is_not_relied_on(token: str) -> None:
    tokens = SessionTokens()
    for one in ("0:-1#5", token):
        with tokens.writing("c", "p") as heard:
            heard({"x-ms-session-token": one})
    assert not tokens.options("c", "p")


def test_after_an_answer_that_was_lost_no_earlier_write_counts() -> None:
    tokens = SessionTokens()
    with tokens.writing("c", "p") as slow:
        with tokens.writing("c", "p"):
            """No answer comes."""
        slow({"x-ms-session-token": "0:-1#9"})
    assert not tokens.options("c", "p")
    with tokens.writing("c", "p") as later:
        later({"x-ms-session-token": "0:-1#11"})
    assert tokens.options("c", "p")
