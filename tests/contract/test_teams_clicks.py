"""What people press in Teams, and what they are shown then."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.teams import hearing
from orchestration.errors import PermanentError, TemporaryError, UserError
from orchestration.messages import Clicked, Inbound
from tests.doubles.teams_chat import (
    AT_BOT,
    CARD,
    THREAD,
    actions_of,
    buttons_of,
    cards_of,
    in_channel,
    pressing,
)
from tests.doubles.teams_room import Room, account, teams_room


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with teams_room(tmp_path) as opened:
        yield opened


async def test_a_click_is_received_and_answered_with_the_card_as_it_is_now(room: Room) -> None:
    invoke = await pressing(room, "approve", "omar")
    room.service.cards[CARD.id] = replace(CARD, lead="Omar has approved.", buttons=())
    status, body = await room.send(invoke)
    assert status == 200
    assert (body["statusCode"], body["type"]) == (200, "application/vnd.microsoft.card.adaptive")
    assert "Omar has approved." in str(body["value"])
    click = room.service.received[-1]
    assert isinstance(click, Clicked)
    assert (click.by, click.verb, click.data) == ("omar", "approve", {"deployment": "1"})
    assert click.event == f"teams:a:omar/{invoke['id']}"


async def test_a_click_that_is_delivered_again_is_answered_alike(room: Room) -> None:
    room.service.cards[CARD.id] = CARD
    invoke = await pressing(room, "approve", "omar")
    first, again = await room.send(invoke), await room.send(invoke)
    assert first == again
    events = [e.event for e in room.service.received if isinstance(e, Clicked)]
    assert len(set(events)) == 1


async def test_asking_for_ones_buttons_reaches_nobody_and_draws_the_card_for_who_asked(
    room: Room,
) -> None:
    room.service.cards[CARD.id] = CARD
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    await room.front.surface.post(THREAD, CARD, key="k")
    refresh = next(a for a in actions_of(cards_of(room)[0]) if a.get("verb") == "refresh")
    value = {"action": {"verb": "refresh", "data": refresh["data"]}, "trigger": "automatic"}
    asked = {"type": "invoke", "name": "adaptiveCard/action", "value": value, **in_channel("7")}
    before = len(room.service.received)
    for by, sees in (("omar", True), ("ben", False)):
        _, body = await room.send({**room.activity(by), **asked})
        assert ("Approve" in buttons_of(body["value"])) is sees
    assert len(room.service.received) == before


async def test_a_refused_click_gives_the_card_with_the_reason_and_what_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with teams_room(tmp_path) as room:
        room.service.cards[CARD.id] = CARD
        invoke = await pressing(room, "rename")
        field = _input_id(cards_of(room)[-1])
        invoke["value"]["action"]["data"][field] = "data-lake"

        async def refuse(event: Inbound) -> None:
            raise UserError("'data-lake' is taken; please choose another name")

        monkeypatch.setattr(room.service, "receive", refuse)
        status, body = await room.send(invoke)
    assert (status, body["type"]) == (200, "application/vnd.microsoft.card.adaptive")
    assert "is taken" in str(body["value"])
    assert "'value': 'data-lake'" in str(body["value"])


def _input_id(node: Any) -> str:
    if isinstance(node, dict) and str(node.get("type", "")).startswith("Input."):
        return str(node["id"])
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return next((found for part in parts if (found := _input_id(part))), "")


async def test_a_click_of_a_stranger_is_answered_with_a_sentence(room: Room) -> None:
    invoke = {**await pressing(room, "rename"), "from": account("nobody")}
    before = len(room.service.received)
    status, body = await room.send(invoke)
    assert (status, body["type"]) == (200, "application/vnd.microsoft.activity.message")
    assert "I don't know you" in body["value"]
    assert len(room.service.received) == before


@pytest.mark.parametrize("value", [None, {}, {"action": 5}, {"action": {"verb": "x", "data": []}}])
async def test_junk_from_a_card_is_answered_with_a_sentence(room: Room, value: Any) -> None:
    activity = room.activity(type="invoke", name="adaptiveCard/action", value=value)
    status, body = await room.send(activity)
    assert (status, body["type"]) == (200, "application/vnd.microsoft.activity.message")
    assert room.service.received == []


async def test_an_invoke_is_answered_as_one_whatever_else_is_asked_for(room: Room) -> None:
    room.service.cards[CARD.id] = CARD
    invoke = {**await pressing(room, "rename"), "deliveryMode": "expectReplies"}
    status, body = await room.send(invoke)
    assert (status, body["type"]) == (200, "application/vnd.microsoft.card.adaptive")


async def test_other_invokes_are_refused(room: Room) -> None:
    assert (await room.send(room.activity(type="invoke", name="composeExtension/query")))[0] == 400


async def test_when_the_store_is_away_a_click_is_answered_and_a_message_sent_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoke = await pressing(room, "rename")

    async def fail(event: Inbound) -> None:
        raise TemporaryError("the store is away")

    monkeypatch.setattr(room.service, "receive", fail)
    _, body = await room.send(invoke)
    assert "Try again in a moment" in body["value"]
    assert (await room.send(room.activity()))[0] == 503


async def test_a_message_that_takes_too_long_is_refused_in_time_and_stored_once_it_can_be(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "_MESSAGE_IN_TIME_S", 0.05)
    there = away_at_first(room, monkeypatch)
    assert (await room.send(room.activity()))[0] == 503
    assert room.service.received == []
    there.set()
    await room.front._hearing.drain(5)
    assert len(room.service.received) == 1


async def test_a_click_that_takes_too_long_is_answered_in_time_and_goes_on(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "_IN_TIME_S", 0.05)
    invoke = await pressing(room, "rename")
    before, there = len(room.service.received), away_at_first(room, monkeypatch)
    status, body = await room.send(invoke)
    assert (status, "takes longer" in body["value"]) == (200, True)
    there.set()
    await room.front._hearing.drain(5)
    assert len(room.service.received) == before + 1


def away_at_first(room: Room, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Nothing is received until the event is set."""
    there, receive = asyncio.Event(), room.service.receive

    async def slowly(event: Inbound) -> None:
        await asyncio.wait_for(there.wait(), 2)
        await receive(event)

    monkeypatch.setattr(room.service, "receive", slowly)
    return there


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (TemporaryError("the store is away"), "Try again in a moment"),
        (UserError("This plan is not the one that you saw."), "This plan is not the one that you"),
    ],
)
async def test_a_late_click_that_comes_to_nothing_is_said_in_the_chat(
    room: Room, monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    monkeypatch.setattr(hearing, "_IN_TIME_S", 0.05)
    invoke = await pressing(room, "rename")

    async def slowly(event: Inbound) -> None:
        await asyncio.sleep(0.2)
        raise error

    monkeypatch.setattr(room.service, "receive", slowly)
    _, body = await room.send(invoke)
    assert "takes longer" in body["value"]
    await room.front._hearing.drain(5)
    await room.settled()
    assert says in room.connector.texts[-1]


async def test_a_late_click_is_waited_for_before_the_process_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "_IN_TIME_S", 0.05)
    taken = asyncio.Event()

    async def slowly(event: Inbound) -> None:
        await asyncio.sleep(0.3)
        taken.set()

    async with teams_room(tmp_path) as room:
        invoke = await pressing(room, "rename")
        monkeypatch.setattr(room.service, "receive", slowly)
        await room.send(invoke)
    assert taken.is_set()


@pytest.mark.parametrize("error", [PermanentError("too large"), KeyError("deployment")])
async def test_what_nobody_can_take_is_answered_with_an_incident(
    room: Room, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    invoke = await pressing(room, "rename")

    async def fail(event: Inbound) -> None:
        raise error

    monkeypatch.setattr(room.service, "receive", fail)
    status, body = await room.send(invoke)
    assert (status, "incident id" in body["value"]) == (200, True)
    assert (await room.send(room.activity()))[0] == 201
    await room.settled()
    assert "incident id" in room.connector.texts[-1]


async def test_a_submit_of_an_old_client_is_a_click_too(room: Room) -> None:
    invoke = await pressing(room, "rename")
    data = invoke["value"]["action"]["data"]
    await room.send(room.activity(text=None, value=data))
    click = room.service.received[-1]
    assert isinstance(click, Clicked)
    assert (click.verb, click.data) == ("rename", {"draft": "1"})
