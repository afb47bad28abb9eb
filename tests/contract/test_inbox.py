import asyncio
from pathlib import Path

import pytest

from approvals.principals import PrincipalId
from orchestration.adapters.sqlite import open_store
from orchestration.heads import Heads
from orchestration.inbox import Entry, Inbox, finishing, from_json, to_json
from orchestration.messages import Clicked, EventId, Inbound, Said, ThreadId
from orchestration.ports import NotFound, Put, Store
from tests.clock import START, FakeClock
from tests.doubles.flaky import FlakyStore

ANA, THREAD = PrincipalId("ana"), ThreadId("19:abc@thread.tacv2;messageid=1")
WEIRD = ("a/b\\c?d#e", "ü ✓", "x" * 2000, "'", "..")


def said(event: str, text: str = "hello", thread: ThreadId = THREAD) -> Said:
    return Said(EventId(event), thread, ANA, text, START)


@pytest.fixture
def inbox(store: Store, clock: FakeClock) -> Inbox:
    return Inbox(store, clock)


async def waiting(store: Store, thread: ThreadId = THREAD) -> list[Entry]:
    return (await Heads(store, FakeClock(), "us").look(thread)).waiting


async def texts(store: Store, thread: ThreadId = THREAD) -> list[str]:
    return [e.event.text for e in await waiting(store, thread) if isinstance(e.event, Said)]


@pytest.mark.parametrize(
    "event",
    [
        said("e", "größer \n 日本"),
        Clicked(EventId("e"), THREAD, ANA, "approve", START, {"step": "s"}, {"reason": "ok"}),
    ],
)
async def test_an_event_comes_out_as_it_went_in(inbox: Inbox, store: Store, event: Inbound) -> None:
    assert from_json(to_json(event)) == event
    assert await inbox.put(event)
    assert [entry.event for entry in await waiting(store)] == [event]


async def test_events_come_out_in_the_order_they_arrived(
    inbox: Inbox, store: Store, clock: FakeClock
) -> None:
    for n in range(24):
        await inbox.put(said(f"e{n * 7 % 24}", f"{n}"))
        clock.advance(0.4 if n % 3 else 0)
    assert await texts(store) == [f"{n}" for n in range(24)]


async def test_an_event_waits_until_it_is_done(inbox: Inbox, store: Store) -> None:
    await inbox.put(said("1", "one"))
    await inbox.put(said("2", "two"))
    first, _ = await waiting(store)
    await inbox.done(first)
    await inbox.done(first)
    assert await texts(store) == ["two"]


async def test_a_repeat_is_a_no_op_while_it_waits(inbox: Inbox, store: Store) -> None:
    assert await inbox.put(said("1"))
    assert not await inbox.put(said("1"))
    assert len(await waiting(store)) == 1


@pytest.mark.parametrize("event", WEIRD)
async def test_an_event_id_may_hold_anything(inbox: Inbox, event: str) -> None:
    assert await inbox.put(said(event))
    assert not await inbox.put(said(event))
    assert await inbox.put(said(event + "'"))


async def test_threads_do_not_share_an_inbox(inbox: Inbox, store: Store) -> None:
    other = ThreadId("other")
    assert await inbox.put(said("1", "here"))
    assert await inbox.put(said("1", "there", other))
    assert await texts(store, other) == ["there"]
    assert await texts(store) == ["here"]


async def test_two_processes_keep_each_event_once(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "shared.db"
    async with open_store(path, clock) as one, open_store(path, clock) as two:
        inboxes = [Inbox(store, clock) for store in (one, two)]
        puts = [inboxes[n % 2].put(said(f"e{n // 2}", f"{n // 2}")) for n in range(40)]
        answers = await asyncio.gather(*puts)
        assert [sum(answers[n : n + 2]) for n in range(0, 40, 2)] == [1] * 20
        assert sorted(await texts(one), key=int) == [f"{n}" for n in range(20)]


async def test_what_nobody_finished_is_found_after_a_crash(
    inbox: Inbox, store: Store, clock: FakeClock
) -> None:
    await inbox.put(said("1", thread=ThreadId("left")))
    await inbox.put(said("2", thread=ThreadId("finished")))
    (entry,) = await waiting(store, ThreadId("finished"))
    await inbox.done(entry)
    assert await Inbox(store, clock).waiting() == ["left"]


async def test_taking_it_out_can_be_one_batch_with_the_turn(inbox: Inbox, store: Store) -> None:
    await inbox.put(said("1"))
    (entry,) = await waiting(store)
    turn = [finishing(entry), Put("session:head", {"turns": 1})]
    await store.batch("threads", THREAD, turn, operation="turn 1")
    with pytest.raises(NotFound):
        await store.batch(
            "threads", THREAD, [finishing(entry)], operation="turn 1, by another process"
        )


async def test_an_acknowledgement_waits_for_one_store_call(store: Store, clock: FakeClock) -> None:
    counted = FlakyStore(store)
    inbox = Inbox(counted, clock)
    await inbox.put(said("1"))
    assert counted.calls == ["batch"]
