"""Every alert is true of what it is for, and of nothing that is well; by promtool, where it is."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.repository import ROOT

RULES = ROOT / "deploy" / "monitoring" / "prometheus" / "alerts.yaml"
_EVERY = {
    'up{job="signoff-serve",instance="s"}': "1x60",
    'up{job="signoff-work",instance="w"}': "1x60",
    'process_start_time_seconds{job="signoff-work",instance="w"}': "1x60",
    'signoff_dependency_up{dependency="store"}': "1x60",
    'signoff_dependency_up{dependency="engine"}': "1x60",
    'signoff_failures_total{kind="fault",during="turn"}': "0x60",
    'signoff_failures_total{kind="temporary",during="plan"}': "0+0.1x60",
    "signoff_clock_seconds": "0+60x60",
    'signoff_disk_free_bytes{instance="s"}': "5e9x60",
    'signoff_message_duration_seconds_count{surface="teams",outcome="ok"}': "0+10x60",
    'signoff_acknowledgement_duration_seconds_count{surface="teams",outcome="ok"}': "0+10x60",
    'signoff_acknowledgement_duration_seconds_bucket{surface="teams",le="0.1"}': "0+10x60",
    'signoff_acknowledgement_duration_seconds_bucket{surface="teams",le="+Inf"}': "0+10x60",
    'db_client_operation_duration_seconds_count{outcome="ok"}': "0+100x60",
    'signoff_planner_duration_seconds_count{service="gpt",outcome="ok"}': "0+10x60",
    'signoff_job_duration_seconds_count{capability="storage",outcome="ok"}': "0+1x60",
    'http_server_request_duration_seconds_count{http_route="/a",'
    'http_response_status_code="200"}': "0+60x60",
}
"""A quiet hour; a minute between two values."""

FIRES: dict[str, dict[str, str]] = {
    "SignoffProcessDown": {'up{job="signoff-serve",instance="t"}': "1x20 0x40"},
    "SignoffNoWorker": {'up{job="signoff-work",instance="w"}': "1x20 0x40"},
    "SignoffRestartsOften": {
        'process_start_time_seconds{job="signoff-work",instance="w"}': "1x24 2 3 4 5 6 7x40"
    },
    "SignoffStoreUnreachable": {'signoff_dependency_up{dependency="store"}': "1x20 0x40"},
    "SignoffEngineDown": {'signoff_dependency_up{dependency="engine"}': "1x20 0x40"},
    "SignoffArtifactsUnreachable": {'signoff_dependency_up{dependency="artifacts"}': "0x60"},
    "SignoffDirectoryUnreachable": {'signoff_dependency_up{dependency="directory"}': "0x60"},
    "SignoffStoreThrottled": {
        'db_client_operation_duration_seconds_count{outcome="temporary"}': "0+5x60"
    },
    "SignoffStoreSlow": {
        'db_client_operation_duration_seconds_bucket{db_operation_name="get",le="0.5"}': "0x60",
        'db_client_operation_duration_seconds_bucket{db_operation_name="get",le="1"}': "0+5x60",
        'db_client_operation_duration_seconds_bucket{db_operation_name="get",le="+Inf"}': "0+5x60",
    },
    "SignoffAcknowledgesLate": {
        'signoff_acknowledgement_duration_seconds_bucket{surface="slack",le="2"}': "0x60",
        'signoff_acknowledgement_duration_seconds_bucket{surface="slack",le="5"}': "0+5x60",
        'signoff_acknowledgement_duration_seconds_bucket{surface="slack",le="+Inf"}': "0+5x60",
    },
    "SignoffAnswersLate": {
        'signoff_turn_duration_seconds_bucket{le="20"}': "0x60",
        'signoff_turn_duration_seconds_bucket{le="60"}': "0+5x60",
        'signoff_turn_duration_seconds_bucket{le="+Inf"}': "0+5x60",
    },
    "SignoffServerErrors": {
        'http_server_request_duration_seconds_count{http_route="/a",'
        'http_response_status_code="500"}': "0+2x60"
    },
    "SignoffFault": {'signoff_failures_total{kind="fault",during="turn"}': "0x25 1x35"},
    "SignoffRequestsRefused": {
        'http_server_request_duration_seconds_count{http_route="/slack/events",'
        'http_response_status_code="401"}': "0+60x60"
    },
    "SignoffClockWrong": {"signoff_clock_seconds": "120+60x60"},
    "SignoffDiskFilling": {'signoff_disk_free_bytes{instance="s"}': "1e9x60"},
    "SignoffDiskFull": {'signoff_disk_free_bytes{instance="s"}': "1e8x60"},
    "SignoffSurfaceRefuses": {
        'signoff_message_duration_seconds_count{surface="teams",outcome="temporary"}': "0+5x60"
    },
    "SignoffOutboxLate": {
        'signoff_outbox_lag_seconds_bucket{container="threads",le="60"}': "0x60",
        'signoff_outbox_lag_seconds_bucket{container="threads",le="300"}': "0+5x60",
        'signoff_outbox_lag_seconds_bucket{container="threads",le="+Inf"}': "0+5x60",
    },
    "SignoffOutboxStuck": {
        'signoff_message_duration_seconds_count{surface="teams",outcome="ok"}': "9x60"
    },
    "SignoffModelFails": {
        'signoff_planner_duration_seconds_count{service="gpt",outcome="429"}': "0+30x60"
    },
    "SignoffModelSpend": {"signoff_model_cost_usd_total": "0+2x60"},
    "SignoffJobsWaitForWorkers": {
        'signoff_job_queue_duration_seconds_bucket{operation="plan",le="120"}': "0x60",
        'signoff_job_queue_duration_seconds_bucket{operation="plan",le="300"}': "0+5x60",
        'signoff_job_queue_duration_seconds_bucket{operation="plan",le="+Inf"}': "0+5x60",
    },
    "SignoffOutcomeUnknown": {'signoff_failures_total{kind="unknown",during="apply"}': "0x25 1x35"},
    "SignoffTerraformFails": {
        'signoff_job_duration_seconds_count{capability="storage",outcome="failed"}': "0+2x60"
    },
    "SignoffJobsPostponed": {'signoff_failures_total{kind="temporary",during="plan"}': "0+5x60"},
}
"""What is different when the alert is to fire; at minute 30 it has to."""


def _alerts() -> list[dict[str, Any]]:
    rules = yaml.safe_load(RULES.read_text("utf-8"))
    return [rule for group in rules["groups"] for rule in group["rules"]]


def test_every_alert_has_something_that_fires_it() -> None:
    assert {alert["alert"] for alert in _alerts()} == FIRES.keys()


@pytest.mark.parametrize("well", [True, False], ids=["well", "ill"])
def test_alerts_fire_when_they_are_to(well: bool, tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool, which comes with Prometheus, is not on PATH")
    tests = [_asked(alert["expr"], {} if well else FIRES[alert["alert"]]) for alert in _alerts()]
    path = tmp_path / "tests.yaml"
    path.write_text(yaml.safe_dump({"evaluation_interval": "1m", "tests": tests}), "utf-8")
    done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _asked(expression: str, different: dict[str, str]) -> dict[str, Any]:
    series = _EVERY | different
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": v} for name, v in series.items()],
        "promql_expr_test": [
            {
                "expr": f"count({expression}) > bool 0",
                "eval_time": "30m",
                "exp_samples": [{"labels": "{}", "value": 1}] if different else [],
            }
        ],
    }
