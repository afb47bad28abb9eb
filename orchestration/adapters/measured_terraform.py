"""Terraform whose runs are counted, timed and traced."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from approvals.change import Operation
from orchestration import tracing
from orchestration.measures import failed, job_ended, timing
from orchestration.ports import (
    Applied,
    Import,
    OnLine,
    OnProgress,
    Planned,
    StateLock,
    StateVersion,
    Terraform,
    TerraformCancelled,
    TerraformFailed,
    WorkspaceId,
)


class MeasuredTerraform:
    """Satisfies `ports.Terraform` by way of another one."""

    def __init__(self, terraform: Terraform) -> None:
        self._terraform = terraform

    async def plan(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        *,
        operation: Operation,
        imports: Sequence[Import] = (),
        on_line: OnLine | None = None,
    ) -> Planned:
        with _run("plan", workspace):
            return await self._terraform.plan(
                workspace, files, operation=operation, imports=imports, on_line=on_line
            )

    async def apply(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        plan: Planned | bytes,
        *,
        lock: str,
        on_progress: OnProgress | None = None,
        on_line: OnLine | None = None,
    ) -> Applied:
        with _run("apply", workspace):
            return await self._terraform.apply(
                workspace, files, plan, lock=lock, on_progress=on_progress, on_line=on_line
            )

    async def state(self, workspace: WorkspaceId) -> StateVersion:
        return await self._terraform.state(workspace)

    async def addresses(self, workspace: WorkspaceId) -> frozenset[str]:
        return await self._terraform.addresses(workspace)

    async def locked(self, workspace: WorkspaceId) -> StateLock | None:
        return await self._terraform.locked(workspace)

    async def unlock(self, workspace: WorkspaceId, lock: str) -> None:
        await self._terraform.unlock(workspace, lock)


@contextmanager
def _run(operation: str, workspace: WorkspaceId) -> Iterator[None]:
    capability = workspace.split("/")[2]  # <organisation>/<environment>/<capability>/<name>
    with (
        tracing.span(f"terraform {operation}", workspace=workspace),
        timing(partial(job_ended, operation, capability)) as timed,
    ):
        try:
            yield
        except TerraformFailed as error:
            timed.outcome = "failed" if error.outcome_known else "unknown"
            failed("terraform" if error.outcome_known else "unknown", operation)
            raise
        except TerraformCancelled:
            timed.outcome = "cancelled"
            raise
