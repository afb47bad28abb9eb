"""A cloud in memory, Terraform on it and the looking-up in it: honest to the ports, and quick.

What the rendered files name with `resource "TYPE" "NAME"` is what is wanted, without what has a
count; every resource has one attribute, `content`, the text of the variables. A state is a serial
and the addresses it knows, and has a lock.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from approvals.change import Action, AttributeChange, Operation, ResourceChange
from orchestration.errors import WorkspaceLocked
from orchestration.ports import (
    Applied,
    ApplyProgress,
    Import,
    OnLine,
    OnProgress,
    OutputValue,
    Planned,
    StateLock,
    StateVersion,
    TerraformCancelled,
    TerraformFailed,
    WorkspaceId,
)

_RESOURCE = re.compile(r'^resource "(\w+)" "(\w+)" \{\n(?!\s*(?:count|for_each)\b)', re.MULTILINE)
_OUTPUT = re.compile(r'^output "(\w+)"', re.MULTILINE)
_LOCK = "# providers"


@dataclass
class State:
    serial: int = 0
    locked: bool = False
    contents: dict[str, str] = field(default_factory=dict)

    @property
    def version(self) -> StateVersion:
        return StateVersion("lineage" if self.serial else "", self.serial)


@dataclass
class FakeCloud:
    """What exists, by workspace and address, and every create there ever was."""

    exists: dict[tuple[str, str], str] = field(default_factory=dict)
    created: list[tuple[str, str]] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    applied: list[bytes] = field(default_factory=list)
    left_locks: dict[str, StateLock] = field(default_factory=dict)
    keeps: bool = True
    """Whether what is made stays there when Terraform is killed right after."""

    def state(self, workspace: str) -> State:
        return self.states.setdefault(workspace, State())

    def create(self, workspace: str, address: str, content: str) -> None:
        """Refuses what exists, as azurerm does."""
        if (workspace, address) in self.exists:
            raise TerraformFailed("apply", "a resource with the ID already exists", address=address)
        self.exists[workspace, address] = content
        self.created.append((workspace, address))


async def _nothing(workspace: str, address: str) -> None:
    """What happens in the middle of a resource, unless a test says otherwise."""


class FakeTerraform:
    """Satisfies `ports.Terraform`. `during` is awaited when a resource has been made or is
    changed in the cloud, and the state does not know it yet."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.during: Callable[[str, str], Awaitable[None]] = _nothing
        self.refuses: dict[str, str] = {}
        """Workspace to what every apply there fails with."""
        self.extra: dict[str, ResourceChange] = {}
        """Workspace to one more change that its plans have."""
        self.gives: dict[str, OutputValue] = {}
        """Output to what it is, other than the usual."""
        self.plans = 0

    async def plan(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        *,
        operation: Operation,
        imports: Sequence[Import] = (),
        on_line: OnLine | None = None,
    ) -> Planned:
        async with self._locked(workspace) as state:
            return self._planned(state, workspace, files, operation, imports)

    def _planned(
        self,
        state: State,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        operation: Operation,
        imports: Sequence[Import],
    ) -> Planned:
        self.plans += 1
        content = "".join(text for name, text in files.items() if "tfvars" in name)
        wanted = {} if operation is Operation.DESTROY else dict.fromkeys(_addresses(files), content)
        adopted = {one.address: self.cloud.exists[workspace, one.address] for one in imports}
        if operation is Operation.DESTROY and adopted:
            assert not adopted.keys() & state.contents.keys(), "an import of what is known fails"
            state.contents |= adopted
            state.serial += 1
            adopted = {}
        known = state.contents | adopted
        changes = [*_changes(known, wanted)]
        if workspace in self.extra:
            changes.append(self.extra[workspace])
        body = {
            "workspace": workspace,
            "serial": state.serial,
            "wanted": wanted,
            "adopted": adopted,
            "outputs": _OUTPUT.findall("\n".join(files.values())) if wanted else [],
            "number": self.plans,
        }
        return Planned(
            file=json.dumps(body).encode(),
            resources=tuple(changes),
            state=state.version,
            lock=_LOCK,
            facts={},
            adopts=tuple(adopted),
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
        assert lock == _LOCK
        saved = plan if isinstance(plan, bytes) else plan.file
        body = json.loads(saved)
        async with self._locked(workspace) as state:
            await self._apply(workspace, state, saved, on_progress)
            outputs = {n: OutputValue(f"{n} of {workspace}", False) for n in body["outputs"]}
            given = {name: self.gives.get(name, value) for name, value in outputs.items()}
            return Applied(given, state.version)

    async def _apply(
        self, workspace: WorkspaceId, state: State, saved: bytes, on_progress: OnProgress | None
    ) -> None:
        body = json.loads(saved)
        if body["serial"] != state.serial or body["workspace"] != workspace:
            raise TerraformFailed("apply", "Saved plan is stale", outcome_known=False)
        self.cloud.applied.append(saved)
        state.serial += 1
        state.contents |= body["adopted"]
        try:
            await self._carry_out(workspace, state, body["wanted"], on_progress)
        except asyncio.CancelledError as error:
            raise TerraformCancelled("terraform apply was stopped") from error

    @asynccontextmanager
    async def _locked(self, workspace: WorkspaceId) -> AsyncIterator[State]:
        state = self.cloud.state(workspace)
        await asyncio.sleep(0)
        if state.locked:
            raise WorkspaceLocked(f"another run holds the lock of {workspace}")
        state.locked = True
        try:
            yield state
        finally:
            state.locked = False

    async def _carry_out(
        self,
        workspace: WorkspaceId,
        state: State,
        wanted: Mapping[str, str],
        on_progress: OnProgress | None,
    ) -> None:
        if workspace in self.refuses:
            raise TerraformFailed("apply", self.refuses[workspace], address="thing.first")
        for done, (address, content) in enumerate(wanted.items()):
            if address not in state.contents:
                self.cloud.create(workspace, address, content)
                if not self.cloud.keeps:
                    del self.cloud.exists[workspace, address]
            if state.contents.get(address) != content:
                await self.during(workspace, address)
            self.cloud.exists[workspace, address] = content
            state.contents[address] = content
            if on_progress:
                await on_progress(ApplyProgress(done + 1, len(wanted)))
        for address in [*state.contents]:
            if address not in wanted:
                del self.cloud.exists[workspace, address], state.contents[address]

    async def state(self, workspace: WorkspaceId) -> StateVersion:
        return self.cloud.state(workspace).version

    async def addresses(self, workspace: WorkspaceId) -> frozenset[str]:
        return frozenset(self.cloud.state(workspace).contents)

    async def locked(self, workspace: WorkspaceId) -> StateLock | None:
        return self.cloud.left_locks.get(workspace)

    async def unlock(self, workspace: WorkspaceId, lock: str) -> None:
        if self.cloud.left_locks[workspace].id == lock:
            del self.cloud.left_locks[workspace]


class FakeInventory:
    """Satisfies `ports.Inventory`."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    async def find(
        self, workspace: WorkspaceId, creates: Sequence[ResourceChange]
    ) -> tuple[Import, ...]:
        return tuple(
            Import(wanted.address, f"id of {wanted.address}")
            for wanted in creates
            if (workspace, wanted.address) in self._cloud.exists
        )


def _changes(known: Mapping[str, str], wanted: Mapping[str, str]) -> list[ResourceChange]:
    changes = [
        _change(address, known.get(address), content)
        for address, content in wanted.items()
        if known.get(address) != content
    ]
    return changes + [_change(a, c, None) for a, c in known.items() if a not in wanted]


def _change(address: str, before: str | None, after: str | None) -> ResourceChange:
    action = Action.CREATE if before is None else Action.UPDATE if after else Action.DELETE
    attributes = (AttributeChange("content", before, after),)
    return ResourceChange(address, address.partition(".")[0], action, attributes)


def _addresses(files: Mapping[str, str]) -> list[str]:
    return [".".join(found) for found in _RESOURCE.findall("\n".join(files.values()))]
