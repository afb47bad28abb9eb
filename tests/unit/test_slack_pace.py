"""How fast Slack is spoken to."""

import pytest

from bot.slack.pace import PROGRESS_PER_MINUTE, UPDATES_PER_MINUTE, Pace
from bot.slack.web_api import NotSent
from tests.clock import FakeClock


def test_a_burst_goes_at_once_then_one_message_a_second() -> None:
    pace = Pace(FakeClock())
    assert [pace.post("T1", "C1") for _ in range(5)] == [0, 0, 0, 1, 2]
    with pytest.raises(NotSent) as postponed:
        pace.post("T1", "C1")
    assert postponed.value.retry_after_s == 3


def test_channels_do_not_wait_for_each_other() -> None:
    pace = Pace(FakeClock())
    for _ in range(5):
        pace.post("T1", "C1")
    assert pace.post("T1", "C2") == 0


def test_a_quiet_channel_may_burst_again() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    for _ in range(5):
        pace.post("T1", "C1")
    clock.advance(10)
    assert [pace.post("T1", "C1") for _ in range(3)] == [0, 0, 0]


def test_a_minute_has_fifty_updates_and_progress_leaves_some_for_what_matters() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    for number in range(PROGRESS_PER_MINUTE):
        pace.update("T1", f"C1/{number}", progress=True)
    with pytest.raises(NotSent) as postponed:
        pace.update("T1", "C1/0", progress=True)
    assert postponed.value.retry_after_s == 60
    for number in range(UPDATES_PER_MINUTE - PROGRESS_PER_MINUTE):
        pace.update("T1", f"C1/{number}", progress=False)
    with pytest.raises(NotSent):
        pace.update("T1", "C1/0", progress=False)
    pace.update("T2", "C1/0", progress=True)
    clock.advance(60)
    pace.update("T1", "C1/0", progress=True)


def test_cards_move_often_while_there_is_plenty_and_share_the_minute_when_it_is_scarce() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    for used, interval_s in ((30, 1.5), (5, 6.0), (5, 12.0)):
        for number in range(used):
            pace.update("T1", f"C1/{number % 8}", progress=True)
        assert pace.interval_s("T1") == interval_s
    assert pace.interval_s("T2") == 1.5
    clock.advance(61)
    assert pace.interval_s("T1") == 1.5


def test_a_hundred_steps_of_a_deployment_are_a_few_updates_and_the_last_is_shown() -> None:
    clock = FakeClock()
    pace, shown, due = Pace(clock), [], 0.0
    for step in range(1, 101):
        clock.advance(0.1)
        if (now := clock.now().timestamp()) >= due or step == 100:
            pace.update("T1", "C1/1", progress=step < 100)
            shown.append(step)
            due = now + pace.interval_s("T1")
    assert len(shown) <= 8
    assert shown[-1] == 100


def test_slack_says_how_long_to_be_quiet_and_where() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    pace.rest("T1/C1", 30)
    with pytest.raises(NotSent) as postponed:
        pace.post("T1", "C1")
    assert postponed.value.retry_after_s == 30
    assert pace.post("T1", "C2") == 0
    pace.update("T1", "C1/1", progress=True)
    clock.advance(30)
    assert pace.post("T1", "C1") == 0
