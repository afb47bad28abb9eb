import asyncio
from pathlib import Path

import pytest

from approvals.principals import PrincipalId
from orchestration import inbox as inboxes
from orchestration.adapters.sqlite import open_store
from orchestration.backlog import GRACE_S, Backlog
from orchestration.inbox import Inbox, finishing, from_json, to_json
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
    return Inbox(store, Backlog(store, clock, "inbox"))


async def drained(inbox: Inbox, thread: ThreadId = THREAD) -> list[str]:
    texts = []
    while entry := await inbox.next(thread):
        assert isinstance(entry.event, Said)
        texts.append(entry.event.text)
        await inbox.done(thread, entry)
    return texts


@pytest.mark.parametrize(
    "event",
    [
        said("e", "größer \n 日本"),
        Clicked(EventId("e"), THREAD, ANA, "approve", START, {"step": "s"}, {"reason": "ok"}),
    ],
)
async def test_an_event_comes_out_as_it_went_in(inbox: Inbox, event: Inbound) -> None:
    assert from_json(to_json(event)) == event
    assert await inbox.put(event)
    entry = await inbox.next(THREAD)
    assert entry is not None
    assert entry.event == event


async def test_events_come_out_in_the_order_they_arrived(inbox: Inbox) -> None:
    for n in range(12):
        await inbox.put(said(f"e{n * 7 % 12}", f"{n}"))
    assert await drained(inbox) == [f"{n}" for n in range(12)]


async def test_an_event_stays_first_until_it_is_done(inbox: Inbox) -> None:
    await inbox.put(said("1"))
    await inbox.put(said("2"))
    first = await inbox.next(THREAD)
    assert first
    assert first == await inbox.next(THREAD)
    await inbox.done(THREAD, first)
    await inbox.done(THREAD, first)
    second = await inbox.next(THREAD)
    assert second
    assert second.event.event == "2"


async def test_a_repeat_is_a_no_op_while_it_waits_and_for_a_week_after(
    inbox: Inbox, clock: FakeClock
) -> None:
    assert await inbox.put(said("1"))
    assert not await inbox.put(said("1"))
    assert await drained(inbox) == ["hello"]
    clock.advance(inboxes.REMEMBERED_S - 1)
    assert not await inbox.put(said("1"))
    assert await inbox.next(THREAD) is None
    clock.advance(1)
    assert await inbox.put(said("1"))


async def test_a_late_done_does_not_take_out_another_event(inbox: Inbox) -> None:
    await inbox.put(said("1"))
    first = await inbox.next(THREAD)
    assert first
    await inbox.done(THREAD, first)
    await inbox.put(said("2", "kept"))
    with pytest.raises(Exception, match="changed"):
        await inbox.done(THREAD, first)
    assert await drained(inbox) == ["kept"]


@pytest.mark.parametrize("event", WEIRD)
async def test_an_event_id_may_hold_anything(inbox: Inbox, event: str) -> None:
    assert await inbox.put(said(event))
    assert not await inbox.put(said(event))
    assert await inbox.put(said(event + "'"))


async def test_threads_do_not_share_an_inbox(inbox: Inbox) -> None:
    other = ThreadId("other")
    assert await inbox.put(said("1", "here"))
    assert await inbox.put(said("1", "there", other))
    assert await drained(inbox, other) == ["there"]
    assert await drained(inbox) == ["here"]


async def test_two_processes_give_out_no_place_twice(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "shared.db"
    async with open_store(path, clock) as one, open_store(path, clock) as two:
        inboxes = [Inbox(store, Backlog(store, clock, "inbox")) for store in (one, two)]
        puts = [inboxes[n % 2].put(said(f"e{n // 2}", f"{n // 2}")) for n in range(40)]
        answers = await asyncio.gather(*puts)
        assert [sum(answers[n : n + 2]) for n in range(0, 40, 2)] == [1] * 20
        assert sorted(await drained(inboxes[0]), key=int) == [f"{n}" for n in range(20)]


async def test_what_nobody_finished_is_found_after_a_crash(
    inbox: Inbox, store: Store, clock: FakeClock
) -> None:
    await inbox.put(said("1", thread=ThreadId("left")))
    await inbox.put(said("2", thread=ThreadId("finished")))
    await drained(inbox, ThreadId("finished"))
    later = Inbox(store, Backlog(store, clock, "inbox"))
    clock.advance(GRACE_S + 1)
    assert await later.waiting() == ["left"]
    assert len((await store.find("outbox", "inbox")).documents) == 1


async def test_taking_it_out_can_be_one_batch_with_the_turn(inbox: Inbox, store: Store) -> None:
    await inbox.put(said("1"))
    entry = await inbox.next(THREAD)
    assert entry
    turn = [*finishing(entry), Put("session/head", {"turns": 1})]
    await store.batch("threads", THREAD, turn, operation="turn 1")
    with pytest.raises(NotFound):
        await store.batch("threads", THREAD, turn, operation="turn 1, by another process")
    assert not await inbox.put(said("1"))


async def test_an_acknowledgement_waits_for_two_store_calls(store: Store, clock: FakeClock) -> None:
    counted = FlakyStore(store)
    inbox = Inbox(counted, Backlog(counted, clock, "inbox"))
    await inbox.put(said("1"))
    counted.calls.clear()
    await inbox.put(said("2"))
    assert counted.calls == ["find", "batch"]
