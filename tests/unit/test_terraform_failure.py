from datetime import UTC, datetime

from orchestration.adapters.terraform.events import Diagnostic, Progress, parse
from orchestration.adapters.terraform.failure import StateLocked, failure, useful_sentence
from orchestration.ports import ApplyProgress, StateLock, TerraformFailed

QUOTA = Diagnostic(
    'creating Workspace (Subscription: "0"\nName: "x"): unexpected status 409 (409 Conflict) with'
    " error: QuotaExceeded: Operation could not be completed. Please request more.",
    address="azurerm_databricks_workspace.this",
)


def test_the_useful_sentence_is_the_cause_without_the_request() -> None:
    assert useful_sentence(QUOTA) == "QuotaExceeded: Operation could not be completed."
    missing = Diagnostic(
        "Missing required argument", 'The argument "name" is required, but no definition was found.'
    )
    assert useful_sentence(missing).startswith('Missing required argument: The argument "name"')
    assert "hunter22" not in useful_sentence(Diagnostic("bad password=hunter22"))


def test_a_lock_is_said_with_who_holds_it() -> None:
    detail = "Lock Info:\n  ID:        abc-1\n  Path:      p\n  Who:       root@host\n"
    detail += "  Operation: OperationTypePlan\n  Created:   2026-11-22 05:11:38.12 +0000 UTC\n"
    error = failure("plan", [Diagnostic("Error acquiring the state lock", detail)], "", 1)
    assert isinstance(error, StateLocked)
    since = datetime(2026, 11, 22, 5, 11, 38, tzinfo=UTC)
    assert error.lock == StateLock("abc-1", "root@host", "plan", since)
    assert error.lock.host == "host"
    assert str(error).endswith("locked by root@host")


def test_output_for_people_is_understood_too() -> None:
    text = (
        "╷\n│ Error: Failed to query available provider packages\n│ \n│ Could not retrieve it.\n╵"
    )
    error = failure("init", [], text, 1)
    assert "Could not retrieve it." in str(error)


def test_terraform_ended_by_a_signal_leaves_the_outcome_open() -> None:
    error = failure("apply", [], "", -9)
    assert isinstance(error, TerraformFailed)
    assert not error.outcome_known


def test_progress_counts_what_is_done_and_names_what_is_not() -> None:
    progress = Progress(2)

    def after(type_: str, address: str, action: str = "create") -> ApplyProgress | None:
        hook = f'{{"action":"{action}","resource":{{"addr":"{address}"}}}}'
        return progress.after(parse(f'{{"type":"{type_}","@message":"","hook":{hook}}}'))

    assert after("apply_start", "a.b") == ApplyProgress(0, 2, ("a.b",))
    assert after("apply_progress", "a.b") is None
    assert after("apply_start", "data.c.d", "read") is None
    assert after("apply_complete", "a.b") == ApplyProgress(1, 2)
    assert after("apply_start", "e.f") == ApplyProgress(1, 2, ("e.f",))
    assert after("apply_errored", "e.f") == ApplyProgress(1, 2)


def test_a_stale_plan_means_that_another_run_came_first() -> None:
    stale = failure("apply", [Diagnostic("Saved plan is stale", "The state was changed.")], "", 1)
    assert isinstance(stale, TerraformFailed)
    assert not stale.outcome_known
