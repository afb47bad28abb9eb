"""What cards say, whatever draws them."""

from dataclasses import replace
from datetime import datetime, timedelta

from capabilities.registry import catalogue
from orchestration.cards.deployment import deployment_card
from orchestration.cards.draft import closed_draft_card, draft_card
from orchestration.cards.model import Card, Details, Fact, Facts, Heading, Text
from orchestration.cards.overviews import history_card
from orchestration.deployment import Awaiting, Step, Succeeded
from tests.doubles.deployments import NOON
from tests.golden import kinds
from tests.golden.kinds import DONE, PLANNED, RUNNING, SIGNED, facing


def test_who_is_waited_for_is_said_while_another_step_goes_on() -> None:
    half = replace(SIGNED, decisions=tuple(d for d in SIGNED.decisions if d.step != "storage"))
    half = half.with_step(replace(half.steps[1], state=Awaiting(1)))
    running = half.with_step(RUNNING.steps[0])
    for now, begins in ((half, "Signed off; it starts"), (running, "Applying.")):
        lead = deployment_card(now, facing()).lead
        assert lead.startswith(begins)
        assert lead.endswith("still waits for omar or olga (platform), and for mia (finance).")


def test_what_is_asked_for_every_step_is_said_once() -> None:
    facts = _face(kinds.cards()["plan"])
    assert [fact.note for fact in facts].count("above $1,000 a month needs finance") == 1
    assert [fact.label for fact in facts][-3:] == ["Platform", "Finance", "Asked by"]


def test_what_differs_between_steps_is_said_at_each() -> None:
    signed = [f.value for f in _face(kinds.cards()["plan-difference"]) if f.label == "Sign-off"]
    assert signed == ["waits for mia", "approved by mia"]


def test_a_long_plan_is_counted_and_what_it_ends_is_named() -> None:
    card = kinds.cards()["plan-long"]
    facts = {fact.label: fact.value for fact in _face(card)}
    assert facts["Creates"] == "48 resources: 30 x subnet, 18 x role assignment"
    assert facts["Changes"] == "9 x app service"
    [ends] = [b.text for b in card.blocks if isinstance(b, Text) and "destroys" in b.text]
    assert ends == (
        "This destroys storage account raw, postgresql flexible server (made anew), key vault team"
    )
    [resources] = [b for b in card.blocks if isinstance(b, Details) and "Resources" in b.label]
    assert resources.label == "Resources (+49 ~9 -3)"
    assert "and 45 more" in str(resources.blocks)
    assert str(resources.blocks).index("key_vault") < str(resources.blocks).index("app_service")


def test_how_long_it_took_is_the_same_for_the_whole_and_its_only_step() -> None:
    """What is stored is noted a little later than it happens."""
    step = _done(DONE.steps[0], 0, 1.6)
    log = (*PLANNED.log, ("applying", _at(0.4)), ("succeeded", _at(1.7)))
    card = deployment_card(replace(DONE, steps=(step,), log=log), facing())
    assert card.lead == "It is up: done in 2 s."
    headings = [block.text for block in card.blocks if isinstance(block, Heading)]
    assert headings[0] == f"{step.name}: done in 2 s"


def test_how_long_it_took_is_from_the_first_start_to_the_last_end_of_the_last_attempt() -> None:
    first, second = DONE.steps
    whole = replace(DONE, steps=(_done(first, 0, 20), _done(second, 25, 65)))
    assert deployment_card(whole, facing()).lead == "It is up: done in 65 s."
    log = (*DONE.log[:-1], ("partly", _at(21)), ("applying", _at(25)), ("succeeded", _at(66)))
    assert deployment_card(replace(whole, log=log), facing()).lead == "It is up: done in 40 s."


def test_how_long_it_took_counts_what_was_cut_off() -> None:
    """A worker died at it, and the next one had little left to do."""
    whole = replace(DONE, steps=(_done(DONE.steps[0], 630, 633),))
    log = (*PLANNED.log, ("applying", _at(0)), ("succeeded", _at(634)))
    assert deployment_card(replace(whole, log=log), facing()).lead == "It is up: done in 11 min."


def _done(step: Step, began: float, ended: float) -> Step:
    return replace(step, state=Succeeded(1, _at(ended), ended - began, {}))


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_queue_says_whose_run_is_before() -> None:
    assert kinds.cards()["queue"].lead == (
        "Signed off; number 2 in the queue, behind dbw-ml-prod of d-1234, which olga asked for."
    )


def test_a_draft_that_is_submitted_or_closed_has_nothing_to_press() -> None:
    card = draft_card("draft:infra:1", kinds.COMPLETE, catalogue(), {}, submitted=True)
    assert card.buttons == closed_draft_card("draft:infra:1").buttons == ()


def test_a_button_says_which_draft_it_is_about() -> None:
    card = draft_card("draft:infra:3", kinds.INCOMPLETE, catalogue(), {})
    assert {button.data["draft"] for button in card.buttons} == {"infra:3"}


def test_reasons_are_on_demand_and_what_was_said_is_marked() -> None:
    card = kinds.cards()["draft-complete"]
    assert {fact.note for fact in _face(card) if fact.label == "Workers"} == {"said by ana"}
    assert "the T4 is the smallest GPU node" not in str(_face(card))
    details = [block for block in card.blocks if isinstance(block, Details)]
    assert "the T4 is the smallest GPU node" in str(details)


def test_an_empty_history_says_so() -> None:
    assert history_card("history:e", (), {}).lead == "Nothing has been deployed yet."


def _face(card: Card) -> list[Fact]:
    return [fact for block in card.blocks if isinstance(block, Facts) for fact in block.rows]
