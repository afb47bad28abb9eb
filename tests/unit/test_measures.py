"""Every instrument is on docs/metrics.md, with its labels, and nothing else is."""

import inspect
import re
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

from orchestration import measures
from orchestration.errors import PermanentError, TemporaryError, UserError
from tests.architecture.repository import page
from tests.doubles.meters import Meters, families

_SAMPLES: dict[type, object] = {str: "x", int: 1, float: 1.0, bool: True}
_SUFFIX = re.compile(r"_(bucket|count|sum|total|created)$")


def _measuring() -> list[Callable[..., None]]:
    """The functions that measure something: they return nothing."""
    found = [f for _, f in inspect.getmembers(measures, inspect.isfunction)]
    ours = [f for f in found if f.__module__ == measures.__name__ and f.__name__[0] != "_"]
    return [f for f in ours if get_type_hints(f).get("return") is type(None)]


def _sample(hint: Any) -> object:
    return next((value for kind, value in _SAMPLES.items() if hint is kind), 1.0)


def _labelled() -> dict[str, set[str]]:
    """The labels of every metric that there is once everything was measured."""
    Meters()
    for measure in _measuring():
        hints = get_type_hints(measure)
        hints.pop("return")
        given = {name: _sample(hint) for name, hint in hints.items()}
        measure(**given | ({"kind": "fault"} if "kind" in given else {}))
    return {
        _SUFFIX.sub("", sample.name): set(sample.labels) - {"le"}
        for family in families()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def on_the_page() -> dict[str, set[str]]:
    rows = [line.split("|") for line in page("docs/metrics.md").splitlines() if line[:3] == "| `"]
    return {
        _SUFFIX.sub("", row[1].strip(" `")): set(re.findall(r"`(\w+)`", row[3])) for row in rows
    }


def test_every_metric_ison_the_page_with_its_labels_and_nothing_else_is() -> None:
    assert _labelled() == on_the_page()


def test_counters_end_as_prometheus_wants_them_and_times_are_in_seconds() -> None:
    for name in _labelled():
        assert "duration" not in name or name.endswith("_seconds"), name


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (UserError("x"), "user"),
        (TemporaryError("x"), "temporary"),
        (PermanentError("x"), "permanent"),
        (ZeroDivisionError(), "fault"),
    ],
)
def test_an_error_is_told_by_who_acts_on_it(error: Exception, kind: str) -> None:
    told: list[str] = []
    with pytest.raises(type(error)), measures.timing(lambda outcome, _: told.append(outcome)):
        raise error
    assert told == [kind]


def test_what_was_told_beforehand_stays() -> None:
    meters = Meters()

    def ended(outcome: str, seconds: float) -> None:
        measures.job_ended("apply", "storage", outcome, seconds)

    with pytest.raises(UserError), measures.timing(ended) as timed:
        timed.outcome = "unknown"
        raise UserError("x")
    assert meters("signoff_job_duration_seconds_count", outcome="unknown") == 1
