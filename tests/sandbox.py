"""A sandbox with Terraform in it, for tests that plan, apply and destroy rendered files."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from approvals.change import Operation
from orchestration.adapters.sandbox_inventory import SandboxInventory
from orchestration.adapters.terraform import binary
from orchestration.adapters.terraform.backend import Backend, LocalBackend
from orchestration.adapters.terraform.cli import TerraformCli
from orchestration.ports import Applied, Import, Planned, WorkspaceId
from orchestration.sandbox import mirror

WORKSPACE = WorkspaceId("acme/dev/databricks/ml")


@cache
def terraform() -> binary.Binary:
    """What is found, or the one that SIGNOFF_TEST_TERRAFORM names, to try the tests on it."""
    chosen = os.environ.get("SIGNOFF_TEST_TERRAFORM")
    return binary.at(chosen) if chosen else binary.find()


@dataclass(frozen=True, slots=True)
class SandboxTerraform:
    """Real Terraform against a simulated cloud of its own."""

    root: Path
    cli: TerraformCli
    inventory: SandboxInventory

    async def plan(
        self,
        files: Mapping[str, str],
        *,
        workspace: WorkspaceId = WORKSPACE,
        operation: Operation = Operation.APPLY,
        imports: Sequence[Import] = (),
    ) -> Planned:
        return await self.cli.plan(workspace, files, operation=operation, imports=imports)

    async def apply(
        self, files: Mapping[str, str], *, workspace: WorkspaceId = WORKSPACE
    ) -> Applied:
        """Plan and apply."""
        planned = await self.plan(files, workspace=workspace)
        return await self.cli.apply(workspace, files, planned, lock=planned.lock)

    async def destroy(
        self, files: Mapping[str, str], *, workspace: WorkspaceId = WORKSPACE
    ) -> Applied:
        planned = await self.plan(files, workspace=workspace, operation=Operation.DESTROY)
        return await self.cli.apply(workspace, files, planned, lock=planned.lock)


def make_sandbox(
    folder: Path,
    *,
    speed: float = 0.0,
    apply_timeout_s: float = 120.0,
    lock_timeout_s: float = 0.0,
    cancel_grace_s: float = 20.0,
    backend: Backend | None = None,
    login: Mapping[str, str] | None = None,
) -> SandboxTerraform:
    """`speed` scales the cloud's delays: 1 is what a person sees, 0 has none."""
    root = folder / "sandbox"
    cli = TerraformCli(
        terraform().argv,
        workdir=folder / "work",
        backend=backend or LocalBackend((folder / "state").absolute()),
        cli_config=mirror.build(root),
        environment={**mirror.environment(speed=speed), **(login or {})},
        plan_timeout_s=120,
        apply_timeout_s=apply_timeout_s,
        lock_timeout_s=lock_timeout_s,
        cancel_grace_s=cancel_grace_s,
    )
    return SandboxTerraform(root, cli, SandboxInventory(root))
