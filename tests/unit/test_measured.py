"""What goes in and out is timed, and begins a trace that its deployment will be in."""

import time
from datetime import UTC, datetime

import pytest

from approvals.principals import PrincipalId
from orchestration import tracing
from orchestration.correlation import correlation
from orchestration.errors import TemporaryError, UserError
from orchestration.measured import (
    Arrival,
    MeasuredService,
    MeasuredSurface,
    arriving,
    surface_of,
)
from orchestration.messages import Clicked, EventId, Inbound, Reply, Said, ThreadId
from orchestration.submission import deployment_id, subject_of
from tests.doubles.meters import Meters
from tests.doubles.service import FakeService
from tests.doubles.surface import FakeSurface

THREAD = ThreadId("teams:tenant/19:x")
AT = datetime(2026, 1, 1, tzinfo=UTC)
SAID = Said(EventId("e1"), THREAD, PrincipalId("ana"), "hello", AT)
ACKNOWLEDGED = "signoff_acknowledgement_duration_seconds"


class Inside(FakeService):
    """Tells in which trace and under which id it was called; fails when it is told to."""

    error: Exception | None = None

    async def receive(self, event: Inbound) -> None:
        self.called = (tracing.trace_id(), correlation())
        if self.error:
            raise self.error


@pytest.fixture
def inside() -> Inside:
    return Inside(FakeSurface(), None)  # type: ignore[arg-type]


async def test_a_message_is_in_the_trace_of_the_deployment_it_may_make(inside: Inside) -> None:
    await MeasuredService(inside).receive(SAID)
    made = deployment_id(THREAD, SAID.event)
    assert inside.called == (f"{tracing.trace_of(made):032x}", "e1")
    assert tracing.trace_id() == ""


def test_a_decision_is_about_its_deployment_and_any_other_click_like_a_message() -> None:
    click = Clicked(EventId("e2"), THREAD, PrincipalId("mia"), "approve", AT, {"deployment": "d-1"})
    assert subject_of(click) == "d-1"
    other = Clicked(EventId("e2"), THREAD, PrincipalId("mia"), "submit", AT, {"deployment": "d-1"})
    assert subject_of(other) == deployment_id(THREAD, EventId("e2"))


async def test_acknowledging_is_timed_from_the_arrival_of_the_request(inside: Inside) -> None:
    meters = Meters()
    ten_seconds_ago = time.time_ns() - 10_000_000_000
    with arriving(Arrival("POST", "/api/messages", ten_seconds_ago)):
        await MeasuredService(inside).receive(SAID)
    assert meters(f"{ACKNOWLEDGED}_count", surface="teams", outcome="ok") == 1
    assert meters(f"{ACKNOWLEDGED}_sum", surface="teams", outcome="ok") >= 10


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(UserError("x"), "user"), (TemporaryError("x"), "temporary"), (KeyError("x"), "fault")],
)
async def test_what_could_not_be_taken_in_is_told_and_still_raised(
    inside: Inside, error: Exception, outcome: str
) -> None:
    meters = Meters()
    inside.error = error
    with pytest.raises(type(error)):
        await MeasuredService(inside).receive(SAID)
    assert meters(f"{ACKNOWLEDGED}_count", outcome=outcome) == 1


async def test_a_message_that_is_sent_is_told_by_surface_and_kind() -> None:
    meters = Meters()
    await MeasuredSurface(FakeSurface()).say(THREAD, Reply("hi"), key="k")
    sent = "signoff_message_duration_seconds_count"
    assert meters(sent, surface="teams", kind="reply", outcome="ok") == 1


def test_a_thread_of_a_terminal_has_a_name_that_is_no_label() -> None:
    assert surface_of(ThreadId("my thread")) == "terminal"
    assert surface_of(THREAD) == "teams"
