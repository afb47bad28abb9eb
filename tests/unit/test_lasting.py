"""What is done again and again survives what goes wrong."""

import logging

import pytest

from orchestration.errors import PermanentError, TemporaryError
from orchestration.lasting import going_on


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (TemporaryError("the store is away"), logging.WARNING),
        (PermanentError("no access"), logging.ERROR),
        (KeyError("a bug"), logging.ERROR),
    ],
)
def test_whatever_happens_is_logged_and_the_next_time_comes(
    caplog: pytest.LogCaptureFixture, error: Exception, level: int
) -> None:
    with going_on("sweeping"):
        raise error
    (logged,) = caplog.records
    assert logged.levelno == level
    assert logged.exc_info and logged.exc_info[1] is error


def test_who_is_told_to_go_goes() -> None:
    with pytest.raises(KeyboardInterrupt), going_on("sweeping"):
        raise KeyboardInterrupt
