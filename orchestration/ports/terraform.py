"""What runs Terraform, and what looks past it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from approvals.change import Operation, ResourceChange
from capabilities.values import Json
from orchestration.errors import SignoffError
from orchestration.ports.ids import Body, WorkspaceId


@dataclass(frozen=True, slots=True)
class ApplyProgress:
    """How far an apply is: resources done of all, and the addresses being worked on."""

    done: int
    total: int
    current: tuple[str, ...] = ()


OnProgress: TypeAlias = Callable[[ApplyProgress], Awaitable[None]]
OnLine: TypeAlias = Callable[[str], None]
"""Takes one line of Terraform's human-readable log, already redacted."""


@dataclass(frozen=True, slots=True)
class StateVersion:
    """Which state a plan was made against; an empty lineage means that there was none."""

    lineage: str
    serial: int


@dataclass(frozen=True, slots=True)
class StateLock:
    """Who holds the lock of a state: `USER@HOST`, what for, and since when where that is told."""

    id: str
    holder: str = ""
    operation: str = ""
    since: datetime | None = None

    @property
    def host(self) -> str:
        return self.holder.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Import:
    """Adopt what exists: an import block."""

    address: str
    id: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A saved plan: its bytes, what it changes, and what it was made against."""

    file: bytes
    resources: tuple[ResourceChange, ...]
    state: StateVersion
    lock: str
    """Content of .terraform.lock.hcl."""
    facts: Body
    """What policies look at: `terraform show -json` of the plan, sensitive values removed."""
    adopts: tuple[str, ...] = ()
    """Addresses that it imports; such a plan has to be applied even if it changes no resource."""
    remakes: tuple[ResourceChange, ...] = ()
    """Those of `resources` that replace what an interrupted create left half-made, as creates."""


@dataclass(frozen=True, slots=True)
class OutputValue:
    value: Json
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Applied:
    outputs: Mapping[str, OutputValue]
    state: StateVersion


class TerraformFailed(SignoffError):
    """Terraform said no. `str()` is one useful sentence; `address` is "" when no resource is named.

    `outcome_known` is False when Terraform itself was killed: what exists must be looked up.
    """

    def __init__(
        self,
        operation: str,
        summary: str,
        *,
        address: str = "",
        detail: str = "",
        outcome_known: bool = True,
    ) -> None:
        super().__init__(summary)
        self.operation = operation
        self.summary = summary
        self.address = address
        self.detail = detail
        self.outcome_known = outcome_known


class TerraformCancelled(SignoffError):
    """Stopped because it was asked to; the state says what had been done by then."""


class Terraform(Protocol):
    """Runs Terraform for one workspace at a time; the working folder is made anew by each call.

    `files` are the rendered files (name to content). Cancelling the awaiting task interrupts
    Terraform gracefully, then by force after `cancel_grace_s`, and returns only when it has gone.

    Raises: TerraformFailed, TerraformCancelled, WorkspaceLocked; PermanentError - no binary.
    """

    async def plan(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        *,
        operation: Operation,
        imports: Sequence[Import] = (),
        on_line: OnLine | None = None,
    ) -> Planned:
        """What applying would do. A plan that applies adopts the imports when it is applied; to
        destroy them they have to be in the state, so they are put there at once; those that
        cannot be are not among the plan's resources."""
        ...

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
        """Apply exactly this saved plan. That it is applied only once is the caller's duty."""
        ...

    async def state(self, workspace: WorkspaceId) -> StateVersion: ...

    async def addresses(self, workspace: WorkspaceId) -> frozenset[str]:
        """The resource addresses that the state knows."""
        ...

    async def locked(self, workspace: WorkspaceId) -> StateLock | None:
        """The lock that outlives whoever took it; None where there is none, or no such locks."""
        ...

    async def unlock(self, workspace: WorkspaceId, lock: str) -> None:
        """Remove exactly this lock, left behind by a machine that died. The caller proves that
        nobody runs.

        Raises: TerraformFailed - it is another one by now, or has gone.
        """
        ...


class Inventory(Protocol):
    """Looks at what really exists, past any state."""

    async def find(
        self, workspace: WorkspaceId, creates: Sequence[ResourceChange]
    ) -> tuple[Import, ...]:
        """Of the resources to be created, those that exist and are ours, with their import ids.

        Ours: tagged `signoff-workspace` with this workspace, or without tags but inside a parent
        that is ours. What exists and belongs to somebody else is not returned.
        """
        ...
