import json
import logging
from pathlib import Path

import pytest

from bot.failures import told
from bot.settings import Settings
from bot.telemetry import LOG_FILE, logging_to
from orchestration.correlation import correlated
from orchestration.errors import PermanentError, TemporaryError, UserError
from orchestration.redaction import HIDDEN
from orchestration.tracing import about, trace_of


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / LOG_FILE


def entries(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_what_a_person_can_mend_is_told_as_it_is(tmp_path: Path) -> None:
    assert told(UserError("Choose a region."), doing="x") == "Choose a region."


@pytest.mark.parametrize("error", [PermanentError("secret path /x"), KeyError("secret path /x")])
def test_what_nobody_can_mend_gets_an_incident_id_that_is_in_the_log(
    error: Exception, log: Path
) -> None:
    with logging_to(log.parent, "info"), correlated("dep-1"):
        text = told(error, doing="saving")
    (entry,) = entries(log)
    assert "secret path" not in text
    assert str(entry["incident"]) in text
    assert "secret path" in str(entry["traceback"])
    assert entry["correlation"] == "dep-1"


def test_what_is_tried_again_says_so(log: Path) -> None:
    with logging_to(log.parent, "info"):
        text = told(TemporaryError("connecting 10.0.0.1"), doing="the plan")
    assert text == "Something needed for the plan is not available right now. I'll try again."


def test_logs_are_constant_names_with_data_in_fields(log: Path) -> None:
    with logging_to(log.parent, "info"):
        logging.getLogger("x").info("job_finished", extra={"fields": {"took_s": 1.5}})
        logging.getLogger("x").debug("unheard")
    (entry,) = entries(log)
    assert (entry["event"], entry["took_s"], entry["level"]) == ("job_finished", 1.5, "info")


def test_no_secret_is_logged(log: Path) -> None:
    secrets = Settings(openai_api_key='bare and odd "key"', openai_model="m").secrets
    fields = {"api_key": "hunter22x", "tokens": 1500, "place": ["t", {"url": "?sig=abcdefghijkl"}]}
    with logging_to(log.parent, "info", secrets):
        try:
            raise KeyError('bare and odd "key"')
        except KeyError:
            logging.getLogger("x").exception("job_fault", extra={"fields": fields})
    (entry,) = entries(log)
    assert (entry["api_key"], entry["tokens"]) == (HIDDEN, 1500)
    assert entry["place"] == ["t", {"url": f"?sig={HIDDEN}"}]
    assert f"KeyError: '{HIDDEN}'" in str(entry["traceback"])


def test_in_a_container_the_log_is_what_the_process_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_to(tmp_path, "info", to="stdout"), about("d-1", "job apply"):
        logging.getLogger("x").info("job_finished")
    entry = json.loads(capsys.readouterr().out)
    assert entry["event"] == "job_finished"
    assert entry["trace"] == f"{trace_of('d-1'):032x}", "found by the deployment alone"
    assert not (tmp_path / LOG_FILE).exists()
