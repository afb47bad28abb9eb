"""Every query of dashboard and alert rules is PromQL about metrics and labels that exist, and every
alert leads to a runbook that somebody has followed."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.architecture.repository import ROOT, files, first_column, page, shown
from tests.unit.test_measures import on_the_page

MONITORING = ROOT / "deploy" / "monitoring"
OF_PROMETHEUS = {
    "up": {"job", "instance"},
    "process_start_time_seconds": {"job", "instance"},
    "process_resident_memory_bytes": {"job", "instance"},
    "process_cpu_seconds_total": {"job", "instance"},
}
_INTERVAL = re.compile(r"\$__rate_interval")
_SUFFIX = re.compile(r"_(bucket|count|sum|total)$")
_HEADINGS = ["Symptom", "What people see", "Check", "Do", "Tried"]


def _alerts() -> list[dict[str, Any]]:
    rules = yaml.safe_load((MONITORING / "prometheus" / "alerts.yaml").read_text("utf-8"))
    return [rule for group in rules["groups"] for rule in group["rules"]]


def _dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((MONITORING / "grafana" / "signoff.json").read_text("utf-8"))
    return found


def _panels() -> list[dict[str, Any]]:
    return [panel for panel in _dashboard()["panels"] if panel["type"] != "row"]


def _queries() -> list[tuple[str, str]]:
    shown = [
        (f"{panel['title']} {target['refId']}", _INTERVAL.sub("5m", target["expr"]))
        for panel in _panels()
        for target in panel["targets"]
    ]
    return [(alert["alert"], alert["expr"]) for alert in _alerts()] + shown


def _walk(expression: Any) -> Iterator[Any]:
    yield expression
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        if (inside := getattr(expression, name, None)) is not None:
            yield from _walk(inside)
    for argument in getattr(expression, "args", None) or ():
        yield from _walk(argument)


def _known() -> dict[str, set[str]]:
    return on_the_page() | {_SUFFIX.sub("", name): told for name, told in OF_PROMETHEUS.items()}


@pytest.mark.parametrize(("name", "query"), _queries())
def test_a_query_is_about_what_exists(name: str, query: str) -> None:
    selectors = [e for e in _walk(promql_parser.parse(query)) if hasattr(e, "matchers")]
    assert selectors
    for selector in selectors:
        labels = _known()[_SUFFIX.sub("", selector.name)] | {"le", "job", "instance"}
        assert {matcher.name for matcher in selector.matchers.matchers} <= labels, selector.name


@pytest.mark.parametrize(("name", "query"), _queries())
def test_what_a_query_groups_by_its_metrics_have(name: str, query: str) -> None:
    for grouped in _walk(promql_parser.parse(query)):
        modifier = getattr(grouped, "modifier", None)
        if isinstance(grouped, promql_parser.AggregateExpr) and modifier is not None:
            metrics = [e.name for e in _walk(grouped.expr) if hasattr(e, "matchers")]
            for metric in metrics:
                labels = _known()[_SUFFIX.sub("", metric)] | {"le", "job", "instance"}
                assert set(modifier.labels) <= labels, metric


def test_a_histogram_is_asked_by_its_parts_and_a_counter_by_its_rise() -> None:
    for name, query in _queries():
        for metric in re.findall(r"\b(\w+_bucket)\b", query):
            assert f"rate({metric}" in query, name
        for metric in re.findall(r"\b(signoff_\w+_total)\b", query):
            assert re.search(rf"(rate|increase)\({metric}", query), name


def test_every_metric_is_on_the_dashboard_or_in_an_alert() -> None:
    text = " ".join(query for _, query in _queries())
    assert [name for name in on_the_page() if name not in text] == []


def test_no_panel_lies_over_another_one() -> None:
    every = _dashboard()["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    for one, other in combinations([panel["gridPos"] for panel in every], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below
    assert all(p["gridPos"]["x"] + p["gridPos"]["w"] <= 24 for p in every)


def test_a_legend_names_labels_that_its_query_keeps() -> None:
    for panel in _panels():
        for target in panel["targets"]:
            for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                kept = re.findall(r"by \(([^)]*)\)", target["expr"])
                assert any(label in each for each in kept) or label == "instance", panel["title"]


def test_every_alert_is_on_the_page_and_leads_to_a_runbook() -> None:
    rows = {cell.strip("`") for cell in first_column(page("docs/monitoring.md"))}
    assert rows == {alert["alert"] for alert in _alerts()}
    for alert in _alerts():
        assert alert["labels"]["severity"] in {"page", "ticket"}
        assert (ROOT / alert["annotations"]["runbook"]).is_file(), alert["alert"]
        runbook = page(alert["annotations"]["runbook"])
        assert f"`{alert['alert']}`" in runbook, "the page names the alerts that lead to it"


RUNBOOKS = [path for path in files(".md", under="docs/runbooks") if path.name != "README.md"]


@pytest.mark.parametrize("path", RUNBOOKS, ids=shown)
def test_a_runbook_says_what_to_do_and_how_that_was_tried(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"^## (.*)$", text, re.M) == _HEADINGS
    assert f"({path.name})" in page("docs/runbooks/README.md")
    tried = text.partition("## Tried")[2]
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", tried)
    assert named, "by a test that can be run"
    for file, test in named:
        source = page(file)
        assert not test or f"def {test}(" in source, test


def test_promtool_takes_the_rules() -> None:
    """What it says is the last word; it comes with Prometheus and not with a package of ours."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not on PATH")
    rules = MONITORING / "prometheus" / "alerts.yaml"
    done = subprocess.run([promtool, "check", "rules", rules], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
