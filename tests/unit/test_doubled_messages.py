"""Why chaos takes a message for one that may be there twice."""

from dataclasses import replace

import pytest

from tests.faults.chaos.sendings import Sending, cause
from tests.faults.chaos.troubles import Trouble

FIRST = Sending("teams", "1", "11", asked_s=100.0, done_s=100.1, lost=False)
SECOND = Sending("teams", "2", "22", asked_s=131.0, done_s=131.1, lost=False)


def told(*troubles: Trouble, first: Sending = FIRST, second: Sending = SECOND) -> str:
    return cause(first, second, troubles)


def test_without_a_trouble_there_is_no_reason() -> None:
    assert told() == ""


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("store away", "", 100.0, 130.0),
        Trouble("store slow", "", 100.0, 130.0),
        Trouble("clock jumps", "", 100.2, 100.2),
        Trouble("far side slow", "teams", 99.0, 99.0),
        Trouble("far side gone", "teams", 101.0, 116.0),
        Trouble("far side gone", "slack", 100.05, 116.0),
        Trouble("web replica killed", "22", 100.2, 100.2),
        Trouble("web replica killed", "11", 99.9, 99.9),
        Trouble("web replica killed", "11", 111.0, 111.0),
        Trouble("web replica killed", "11", 140.0, 140.0),
        Trouble("web replica frozen", "11", 100.1, 108.0),
        Trouble("web replica frozen", "33", 100.1, 140.0),
        Trouble("web replica frozen", "22", 101.0, 130.9),
        Trouble("web replica frozen", "22", 60.0, 110.0),
    ],
    ids=str,
)
def test_a_trouble_that_did_not_cut_this_very_sending_off_is_none(trouble: Trouble) -> None:
    assert told(trouble) == ""


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("web replica killed", "11", 100.2, 100.2),
        Trouble("web replica frozen", "11", 100.05, 140.0),
        Trouble("web replica frozen", "22", 90.0, 130.5),
    ],
    ids=str,
)
def test_whoever_was_cut_off_may_have_posted_it_in_vain(trouble: Trouble) -> None:
    assert told(trouble) == trouble.kind


def test_an_answer_that_was_lost_is_a_reason() -> None:
    assert told(first=replace(FIRST, lost=True)) == "answer lost"
    assert told(first=replace(FIRST, lost=True), second=replace(SECOND, process="11"))
    assert told(Trouble("far side gone", "teams", 100.2, 115.0)) == "answer lost"
    assert told(second=replace(SECOND, lost=True)) == ""


def test_in_slack_it_is_looked_for_first() -> None:
    first, second = replace(FIRST, surface="slack", lost=True), replace(SECOND, surface="slack")
    killed = Trouble("web replica killed", "11", 100.2, 100.2)
    frozen = Trouble("web replica frozen", "11", 100.05, 140.0)
    assert told(killed, frozen, first=first, second=second) == ""
    late = Trouble("web replica frozen", "22", 90.0, 130.5)
    assert told(late, first=first, second=second) == "web replica frozen"
