"""Buttons and forms in Slack: every click is received or answered, and what was typed stays."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.cards.model import Button, Card, InputField
from orchestration.errors import TemporaryError, UserError
from orchestration.messages import Clicked, Inbound, Reply, Said, ThreadId
from tests.contract.slack_world import World, world
from tests.doubles.service import FakeService
from tests.doubles.slack_api import CHANNEL, TEAM, eventually

REASON = InputField("reason", "Why", required=True, long=True)
CARD = Card(
    "deployment:d1",
    "deployment",
    "Omar, your sign-off is wanted.",
    "Databricks for ML",
    buttons=(
        Button("Approve", "approve", {"deployment": "d1", "shown": "s=1"}, tone="good"),
        Button("Reject", "reject", {"deployment": "d1", "shown": "s=1"}, (REASON,), tone="bad"),
    ),
    page="d1",
)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


async def posted(here: World, card: Card = CARD) -> dict[str, Any]:
    """A card in a thread, as Slack has it."""
    root = here.slack.write(CHANNEL, "UANA", "hi")
    thread = ThreadId(f"slack:{TEAM}/{CHANNEL}/{root['ts']}")
    await here.front.surface.post(thread, card, key="k1")
    return here.slack.messages[CHANNEL][-1]


def clicks(here: World) -> list[Clicked]:
    return [event for event in here.service.received if isinstance(event, Clicked)]


async def test_a_click_says_who_pressed_what_where(here: World) -> None:
    card = await posted(here)
    status, _ = await here.person("UOMAR").clicks(card, "Approve")
    (click,) = clicks(here)
    assert status == 200
    assert (click.by, click.verb, click.data["deployment"]) == ("omar", "approve", "d1")
    assert click.thread == f"slack:{TEAM}/{CHANNEL}/{card['thread_ts']}"


async def test_two_presses_are_two_events_and_a_repeated_delivery_is_one(here: World) -> None:
    card = await posted(here)
    for _ in range(2):
        await here.ana.clicks(card, "Approve")
    await here.ana.clicks(card, "Approve", trigger_id="t.1")
    await here.ana.clicks(card, "Approve", trigger_id="t.1")
    assert len({click.event for click in clicks(here)}) == 3


async def test_a_hundred_people_clicking_at_once_are_all_received(here: World) -> None:
    card = await posted(here)
    answers = await asyncio.gather(*(here.ana.clicks(card, "Approve") for _ in range(100)))
    assert {status for status, _ in answers} == {200}
    assert len(clicks(here)) == 100
    assert here.slack.count("users.info") == 1


async def test_a_click_on_a_forwarded_copy_means_what_its_value_says(here: World) -> None:
    draft = f"slack:{TEAM}/{CHANNEL}/1700000000.000100"
    button = Button("Looks good", "submit", {"draft": f"{draft}:2"})
    card = await posted(here, Card("draft:x", "draft", "Check this.", "", buttons=(button,)))
    copy = {**card, "ts": "9.9", "thread_ts": None}
    await here.ana.clicks(copy, "Looks good", channel="C0000002")
    assert clicks(here)[0].thread == draft


async def test_a_click_that_cannot_be_read_is_answered(here: World) -> None:
    card = await posted(here)
    broken = json.loads(json.dumps(card))
    for block in broken["blocks"]:
        for element in block.get("elements", []):
            if "value" in element:
                element["value"] = '{"not": "ours"}'
    assert (await here.ana.clicks(broken, "Approve"))[0] == 200
    await eventually(lambda: here.slack.responses)
    answer = here.slack.responses[0]
    assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", False)
    assert "cannot be used" in answer["text"]


async def test_a_stranger_who_clicks_is_told_why_it_does_not_count(here: World) -> None:
    card = await posted(here)
    assert (await here.person("UGUEST").clicks(card, "Approve"))[0] == 200
    await eventually(lambda: here.slack.responses)
    assert "Guests can't" in here.slack.responses[0]["text"]
    assert clicks(here) == []


async def test_without_a_response_url_the_answer_is_whispered_in_the_thread(here: World) -> None:
    card = await posted(here)
    await here.person("UGUEST").clicks(card, "Approve", response_url="")
    await eventually(lambda: here.slack.ephemeral)
    assert here.slack.ephemeral[0]["thread_ts"] == card["thread_ts"]


async def test_a_click_that_could_not_be_kept_says_so(here: World) -> None:
    card = await posted(here)
    here.service.__class__ = Failing
    assert (await here.ana.clicks(card, "Approve"))[0] == 503
    await eventually(lambda: here.slack.responses)
    assert "not available right now" in here.slack.responses[0]["text"]


class Failing(FakeService):
    async def receive(self, event: Inbound) -> None:
        raise TemporaryError("the store is not there")


class Refusing(FakeService):
    async def receive(self, event: Inbound) -> None:
        raise UserError("that card belongs to a deployment that does not exist")


async def test_a_button_that_asks_for_more_opens_its_form_before_anything_is_read(
    here: World,
) -> None:
    card = await posted(here)
    before = len(here.slack.calls)
    assert (await here.ana.clicks(card, "Reject…"))[0] == 200
    assert [method for method, _ in here.slack.calls[before:]] == ["views.open"]
    assert here.slack.views[0]["blocks"][0]["block_id"] == "reason"
    assert clicks(here) == []


async def rejecting(here: World) -> dict[str, Any]:
    await here.ana.clicks(await posted(here), "Reject…")
    return here.slack.views[-1]


async def test_a_submitted_form_is_a_click_with_what_was_filled_in(here: World) -> None:
    view = await rejecting(here)
    status, text = await here.person("UOMAR").submits(view, reason="too large")
    (click,) = clicks(here)
    assert (status, text) == (200, "")
    assert (click.verb, click.by, dict(click.inputs)) == ("reject", "omar", {"reason": "too large"})
    assert click.thread.startswith(f"slack:{TEAM}/{CHANNEL}/")


async def test_blanks_are_no_reason_and_the_form_stays(here: World) -> None:
    status, text = await here.ana.submits(await rejecting(here), reason="   ")
    assert (status, json.loads(text)) == (
        200,
        {"response_action": "errors", "errors": {"reason": "Please fill this in."}},
    )
    assert clicks(here) == []


@pytest.mark.parametrize(
    ("kind", "said"), [(Refusing, "does not exist"), (Failing, "not available right now")]
)
async def test_what_goes_wrong_is_said_in_the_form_which_stays(
    here: World, kind: type[FakeService], said: str
) -> None:
    view = await rejecting(here)
    here.service.__class__ = kind
    status, text = await here.ana.submits(view, reason="no")
    answer = json.loads(text)
    assert (status, answer["response_action"]) == (200, "errors")
    assert said in answer["errors"]["reason"]


async def test_a_form_of_another_workspace_does_not_count(here: World) -> None:
    view = await rejecting(here)
    view["callback_id"] = view["callback_id"].replace(TEAM, "T0000009")
    _, text = await here.ana.submits(view, reason="no")
    assert json.loads(text)["response_action"] == "errors"
    assert clicks(here) == []


async def test_a_form_that_opens_too_late_says_press_again(here: World) -> None:
    card = await posted(here)
    await here.ana.clicks(card, "Reject…", trigger_id="long.ago")
    await eventually(lambda: here.slack.responses)
    assert "press the button again" in here.slack.responses[0]["text"]


async def test_a_choice_is_said_and_shown_in_the_place_of_the_buttons(here: World) -> None:
    root = here.slack.write(CHANNEL, "UANA", "hi")
    thread = ThreadId(f"slack:{TEAM}/{CHANNEL}/{root['ts']}")
    reply = Reply("Which region?", choices=("East US", "West Europe"))
    await here.front.surface.say(thread, reply, key="k")
    question = here.slack.messages[CHANNEL][-1]
    await here.ana.clicks(question, "East US")
    (said,) = here.service.received
    assert isinstance(said, Said)
    assert (said.text, said.thread, said.by) == ("East US", thread, "ana")
    await eventually(lambda: here.slack.count("chat.update"))
    left = json.dumps(question["blocks"])
    assert "<@UANA>: East US" in left
    assert "West Europe" not in left


async def test_a_link_on_a_card_is_acknowledged_and_nothing_else(here: World) -> None:
    link = {"action_id": "page", "text": {"type": "plain_text", "text": "Open"}, "url": "https://x"}
    card = {"ts": "1.1", "blocks": [{"type": "actions", "elements": [link]}]}
    assert (await here.ana.clicks(card, "Open"))[0] == 200
    assert here.service.received == []
    assert here.slack.responses == []


async def test_after_a_click_the_home_tab_of_who_clicked_is_shown_again(here: World) -> None:
    await here.ana.clicks(await posted(here), "Approve")
    await eventually(lambda: "UANA" in here.slack.homes)
