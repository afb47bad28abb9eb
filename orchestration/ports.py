"""What Signoff needs from outside, as promises that contract suites prove of every adapter."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType, Protocol, TypeAlias

from approvals.change import Operation, ResourceChange
from approvals.findings import Finding
from approvals.principals import Principal, PrincipalId, Role
from capabilities.cost import Meter, Price
from capabilities.values import Environment, Json
from orchestration.errors import SignoffError
from orchestration.identity import Identity

DeploymentId = NewType("DeploymentId", str)
StepId = NewType("StepId", str)
WorkspaceId = NewType("WorkspaceId", str)
"""`<organisation>/<environment>/<capability>/<name>`"""

ETag = NewType("ETag", str)
Body: TypeAlias = Mapping[str, Any]
"""A JSON object."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present, in UTC."""
        ...


# ---------------------------------------------------------------- store


class StoreError(SignoffError):
    """Something the store refused."""


class NotFound(StoreError):
    """There is no such document, or it has expired."""


class Conflict(StoreError):
    """The document exists already."""


class Stale(StoreError):
    """The document changed since it was read."""


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    body: Body
    etag: ETag


@dataclass(frozen=True, slots=True)
class Create:
    id: str
    body: Body
    ttl_s: int | None = None


@dataclass(frozen=True, slots=True)
class Replace:
    id: str
    body: Body
    if_match: ETag
    ttl_s: int | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """Create or replace whatever is there; only for documents with one writer, or derived ones."""

    id: str
    body: Body
    ttl_s: int | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    id: str
    if_match: ETag | None = None


Write: TypeAlias = Create | Replace | Put | Delete


@dataclass(frozen=True, slots=True)
class Page:
    documents: tuple[Document, ...]
    cursor: str | None
    """Pass it to `find` for what follows; None at the end."""


class Store(Protocol):
    """Small JSON documents in containers; one partition changes atomically, and only that.

    A write that returned is durable and is seen by every later read from any process.
    `Create` raises `Conflict`, `Replace` raises `NotFound` or `Stale`, `Delete` raises `NotFound`
    or `Stale`; then nothing of the batch has happened. Ids and partitions are 1-255 characters of
    any kind, a document has at most 1,000,000 bytes as JSON and a batch 2,000,000; what passes a
    limit or is not JSON raises `PermanentError`. A document with `ttl_s` is gone after that.
    """

    async def get(self, container: str, partition: str, id: str) -> Document:
        """Raises: NotFound."""
        ...

    async def find(
        self,
        container: str,
        partition: str,
        *,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 100,
        descending: bool = False,
    ) -> Page:
        """The documents of a partition whose id starts with `prefix`, in order of id (bytes)."""
        ...

    async def batch(
        self, container: str, partition: str, writes: Sequence[Write], *, operation: str
    ) -> tuple[ETag | None, ...]:
        """Do all writes or none; the new etags in order (None for a delete). At most 100 writes.

        `operation` names this batch in its partition: repeating it within a week after it was
        applied changes nothing and returns the etags it has produced. One that failed is not
        remembered. Later writes of a batch see the earlier ones.

        Raises: Conflict, NotFound, Stale; TemporaryError - nothing is known to have happened, and
        repeating the operation is safe.
        """
        ...


# ---------------------------------------------------------------- artifacts


class ArtifactStore(Protocol):
    """Plan files, rendered files and logs; encrypted at rest, immutable, expiring."""

    async def put(self, name: str, content: bytes, *, ttl_s: int | None = None) -> None:
        """Store under `name` (`a/b/c`, of letters, digits and `._@:+-`; no part starts with a dot).

        Putting the same content again is a no-op, except that the later expiry holds.

        Raises: Conflict - other content is there; PermanentError - not a name; TemporaryError.
        """
        ...

    async def get(self, name: str) -> bytes:
        """Raises: NotFound - never stored, or expired; PermanentError - damaged; TemporaryError."""
        ...


# ---------------------------------------------------------------- terraform


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
    ) -> Planned: ...

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


# ---------------------------------------------------------------- facts from outside


class PriceSource(Protocol):
    async def prices(self, meters: Sequence[Meter]) -> Mapping[Meter, Price]:
        """Prices for those meters that have one; never a guess, never raises for a missing one."""
        ...


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What policy rules look at; the input document of the Rego rules."""

    workspace: WorkspaceId
    environment: Environment
    capability: str
    parameters: Mapping[str, Json]
    allowed_regions: tuple[str, ...]
    plan: Body


class PlanPolicy(Protocol):
    async def check(self, facts: PlanFacts) -> tuple[Finding, ...]:
        """Findings in a stable order. Raises: PermanentError - a rule itself is broken."""
        ...


class Directory(Protocol):
    """Who exists."""

    async def get(self, id: PrincipalId) -> Principal | None: ...

    async def identified(self, identity: Identity) -> Principal | None:
        """The one person behind what a surface has proved of somebody; None for a stranger.

        Raises: TemporaryError - who that is cannot be looked up now.
        """
        ...

    async def identities(self, id: PrincipalId) -> tuple[Identity, ...]:
        """What surfaces may know the person by, so that they can be told there."""
        ...

    async def named(self, name: str) -> Principal | None: ...

    async def with_roles(self, roles: frozenset[Role]) -> tuple[Principal, ...]:
        """Everybody who has at least one of the roles, by name."""
        ...


# ---------------------------------------------------------------- engine


class Engine(Protocol):
    """Durable execution. It holds no truth: on every nudge it reads the store."""

    async def nudge(self, deployment: DeploymentId) -> None:
        """See to it that the deployment's workflow runs and looks at the store again soon.

        Raises: TemporaryError - the engine cannot be reached; a reconciler nudges later.
        """
        ...
