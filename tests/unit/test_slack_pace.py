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


def test_cards_that_move_share_the_minute() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    assert pace.interval_s("T1") == 1.5
    for number in range(4):
        pace.update("T1", f"C1/{number}", progress=True)
    assert pace.interval_s("T1") == 6.0
    clock.advance(61)
    assert pace.interval_s("T1") == 1.5


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
