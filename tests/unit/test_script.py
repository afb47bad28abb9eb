import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.terminal.memory import Memory
from bot.terminal.start import Streams, Wiring, run_script
from orchestration.cards.model import Button, Card, InputField
from orchestration.messages import Clicked, Inbound, Notice, Reply, Said
from tests.doubles.service import Answer, FakeDirectory, FakeInside, FakeService

PLAN = Card(
    id="plan-1",
    kind="plan",
    lead="Mia: your sign-off is asked for",
    title="Databricks for ML",
    buttons=(
        Button("Approve", "approve", {"digest": "d1"}, audience=frozenset()),
        Button("Reject", "reject", inputs=(InputField("reason", "Why", required=True),)),
        Button("Approve storage-ml", "approve", {"step": "storage-ml"}),
    ),
)


async def answer(service: FakeService, event: Inbound) -> None:
    match event:
        case Said(text="hello"):
            await service.surface.say(
                event.thread, Reply("Which region?", None, ("eastus",)), key="k"
            )
        case Said(text="plan"):
            await service.surface.post(event.thread, PLAN, key="")
            service.enters(event.thread, "planned", "awaiting")
        case Said():
            await service.surface.say(
                event.thread, Reply(f"You said {event.text}", event.by), key="k"
            )
        case Clicked(verb="approve"):
            message = await service.surface.post(event.thread, PLAN, key="")
            await service.surface.update(event.thread, message, replace(PLAN, lead="Approved"))
            await service.surface.update(event.thread, message, replace(PLAN, lead="Approved"))
            await service.surface.notify(event.thread, Notice("#deployments", "It is up."), key="")
            service.enters(event.thread, "queued", "applying", "succeeded")
        case Clicked():
            await service.surface.say(event.thread, Reply("A reason is needed.", event.by), key="")


class Ran:
    def __init__(self, code: int, out: str, err: str, inside: FakeInside) -> None:
        self.code = code
        self.out = out
        self.err = err
        self.inside = inside

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def received(self) -> list[Inbound]:
        assert self.inside.service is not None
        return self.inside.service.received


class Run(Protocol):
    async def __call__(self, script: str, answer: Answer = ..., *, as_json: bool = ...) -> Ran: ...


@pytest.fixture
def run(tmp_path: Path) -> Run:
    async def run(script: str, answer: Answer = answer, *, as_json: bool = True) -> Ran:
        out, err, inside = io.StringIO(), io.StringIO(), FakeInside(answer)
        wiring = Wiring(inside, FakeDirectory(), Memory(tmp_path / "terminal"), list)
        streams = Streams(io.StringIO(), out, err)
        code = await run_script(script.splitlines(), wiring, streams, as_json=as_json)
        return Ran(code, out.getvalue(), err.getvalue(), inside)

    return run


async def test_every_outbound_thing_is_one_json_line(run: Run) -> None:
    ran = await run("ana: hi there\nana: plan\nmia! Approve\n")
    assert ran.code == 0
    assert [line["kind"] for line in ran.lines] == ["message", "card", "card", "update", "notice"]
    assert all({"thread", "to", "text", "card"} <= line.keys() for line in ran.lines)
    assert ran.lines[0] | {"choices": [], "calls": []} == {
        "kind": "message",
        "thread": "infra",
        "to": "ana",
        "text": "You said hi there",
        "card": None,
        "choices": [],
        "calls": [],
    }
    button = ran.lines[1]["card"]["buttons"][1]
    assert (button["number"], button["label"], button["verb"]) == (2, "Reject", "reject")
    assert button["inputs"][0]["required"] is True
    assert ran.lines[4]["to"] == "#deployments"


async def test_a_click_carries_the_buttons_data_and_what_was_filled_in(run: Run) -> None:
    ran = await run('ana: plan\nmia! Reject reason="too big"\nomar! 1\nlena! approve STORAGE-ml')
    clicks = [event for event in ran.received if isinstance(event, Clicked)]
    assert [(c.by, c.verb, dict(c.data), dict(c.inputs)) for c in clicks] == [
        ("mia", "reject", {}, {"reason": "too big"}),
        ("omar", "approve", {"digest": "d1"}, {}),
        ("lena", "approve", {"step": "storage-ml"}, {}),
    ]


async def test_a_missing_required_input_is_clicked_without_and_refused_inside(run: Run) -> None:
    ran = await run("ana: plan\nmia! Reject")
    assert ran.code == 0
    assert ran.lines[-1]["text"] == "A reason is needed."


async def test_an_earlier_version_of_a_card_can_be_clicked(run: Run) -> None:
    async def changing(service: FakeService, event: Inbound) -> None:
        if isinstance(event, Said):
            digest = event.text
            card = Card("c", "plan", "", "", buttons=(Button("Go", "go", {"digest": digest}),))
            await service.surface.post(event.thread, card, key="")

    ran = await run("ana: one\nana: two\nmia! Go\nmia! #c@1 Go", changing)
    clicks = [event for event in ran.received if isinstance(event, Clicked)]
    assert [click.data["digest"] for click in clicks] == ["two", "one"]


async def test_a_choice_is_said_by_who_presses_it(run: Run) -> None:
    ran = await run("ana: hello\nlena! 1")
    assert isinstance(ran.received[-1], Said)
    assert (ran.received[-1].by, ran.received[-1].text) == ("lena", "eastus")


async def test_the_current_speaker_and_thread_can_be_changed(run: Run) -> None:
    ran = await run("# who\n\n/as mia\nhi\n/thread web\nhi")
    assert [(event.by, event.thread) for event in ran.received] == [
        ("mia", "infra"),
        ("mia", "web"),
    ]


async def test_wait_is_satisfied_by_a_state_entered_since_the_last_act(run: Run) -> None:
    ran = await run(
        "ana: plan\nwait: awaiting 1\nmia! Approve\nwait: applying 1\nwait: succeeded 1"
    )
    assert ran.code == 0


@pytest.mark.parametrize(
    ("script", "number", "says"),
    [
        ("ana: plan\nmia! Aprove", 2, "[1] Approve, [2] Reject, [3] Approve storage-ml"),
        ("ana: plan\n\nmia! #nope Approve", 3, "Cards: #plan-1"),
        ("ana: plan\nmia! #plan-1@9 Approve", 2, "versions 1 to 1"),
        ("ana: plan\nmia! 7", 2, "There is no button '7'"),
        ("mia! Approve", 1, "There are no buttons yet."),
        ("zoe: hi", 1, "There is nobody called 'zoe' here. There are: ana (engineer)"),
        ("ana:", 1, "'ana:' says nothing. Write the words after it: 'ana: TEXT'."),
        ("ana: plan\nwait: applying 0.1", 2, "States so far: planned, awaiting."),
        ("ana: plan\nmia! 1\nwait: failed 60", 3, "it ended as 'succeeded'"),
        ("show: draft", 1, "There is no draft"),
        ("wait: whatever 3", 1, "cannot be read"),
    ],
)
async def test_a_line_that_cannot_be_done_is_named(
    script: str, number: int, says: str, run: Run
) -> None:
    ran = await run(script)
    assert ran.code == 2
    assert f"line {number}: {script.splitlines()[number - 1]}" in ran.err
    assert says in ran.err
    error = ran.lines[-1]
    assert (error["kind"], error["line"]) == ("error", number)
    assert says in error["text"]


async def test_a_new_deployments_history_does_not_count_the_old_ones_end(run: Run) -> None:
    async def again(service: FakeService, event: Inbound) -> None:
        if isinstance(event, Said) and event.text == "again":
            service.states[event.thread] = ("planned",)
        else:
            await answer(service, event)

    ran = await run("ana: plan\nmia! Approve\nana: again\nwait: planned 1\nwait: failed 0.2", again)
    assert ran.code == 2
    assert "States so far: planned." in ran.err


async def test_an_old_final_state_does_not_end_a_wait(run: Run) -> None:
    ran = await run("ana: plan\nmia! Approve\nana: tear it down\nwait: destroyed 0.2")
    assert "was not reached in 0.2 s" in ran.err


async def test_show_prints_one_object(run: Run) -> None:
    async def drafting(service: FakeService, event: Inbound) -> None:
        service.shows["draft"] = {"steps": [], "missing": ["region"], "cost": {}}

    ran = await run("ana: hi\nshow: draft", drafting)
    assert ran.lines[-1] == {
        "kind": "show",
        "what": "draft",
        "thread": "infra",
        "steps": [],
        "missing": ["region"],
        "cost": {},
    }


async def test_restart_stops_and_starts_everything_and_goes_on(run: Run) -> None:
    ran = await run("ana: plan\nrestart:\nmia! Approve")
    assert ran.inside.starts == 2
    assert ran.code == 0


async def test_without_json_the_conversation_is_drawn(run: Run) -> None:
    ran = await run("ana: plan\nmia! Approve", as_json=False)
    assert "ana" in ran.out
    assert "[2] Reject (reason)" in ran.out
    assert "#deployments It is up." in ran.out


async def test_starting_again_shows_the_open_cards_and_they_can_be_pressed(run: Run) -> None:
    first = await run("ana: plan")
    again = await run("mia! Approve")
    assert again.lines[0]["again"] is True
    assert again.lines[0]["card"] == first.lines[0]["card"]
    assert again.code == 0


async def test_the_simulated_cloud_is_meddled_with_from_a_script(run: Run) -> None:
    ran = await run("sandbox: fault add --kind quota\n")
    assert ran.lines == [
        {
            "kind": "show",
            "thread": "infra",
            "what": "sandbox",
            "lines": ["fault", "add", "--kind", "quota"],
        }
    ]
