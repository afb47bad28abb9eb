"""What Terraform says while it runs, readable by other processes as it comes.

In the deployment's partition: `log:run:<step>:<plan>:<what>` tells of one run, and
`log:lines:<step>:<plan>:<what>:<number>` holds some of its lines, at most one document a second.
When the run has ended, the whole log is one artifact that the run's document names. A worker that
is killed loses the lines of its last second; a run that nothing was said in leaves nothing.
"""

import asyncio
import logging
from asyncio import shield
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import uuid4

from orchestration.paging import all_in
from orchestration.ports import (
    ArtifactStore,
    Clock,
    DeploymentId,
    Document,
    OnLine,
    Put,
    StepId,
    Store,
)

CONTAINER = "deployments"
EVERY_S = 1.0
LARGEST_CHUNK = 64_000
LONGEST_LINE = 4_000
MOST = 4_000_000
"""Characters of a log that are kept, and after them its last lines."""
_TAIL = 200
_READ_AT_ONCE = 1000
_LINES_KEPT_S = 7 * 24 * 3600
_KEPT_S = 30 * 24 * 3600
_RUNS = "log:run:"
_log = logging.getLogger(__name__)

What: TypeAlias = Literal["plan", "apply"]


@dataclass(frozen=True, slots=True)
class RunId:
    """A Terraform run: planning or applying the plan of that number."""

    step: StepId
    plan: int
    what: What

    def __str__(self) -> str:
        return f"{self.step}/{self.plan:03d}/{self.what}"


@dataclass(frozen=True, slots=True)
class Run:
    """`chunks` and `artifact` are known when it has ended; one that was killed never ends."""

    id: RunId
    started: datetime
    ended: datetime | None = None
    chunks: int = 0
    artifact: str = ""


@asynccontextmanager
async def kept_log(
    store: Store,
    artifacts: ArtifactStore,
    clock: Clock,
    deployment: DeploymentId,
    run: RunId,
    *,
    every_s: float = EVERY_S,
) -> AsyncIterator[OnLine]:
    """Takes the lines of one run; that they cannot be kept is no reason to stop it."""
    log = _Log(store, artifacts, clock, deployment, run)
    writing = asyncio.create_task(log.write_until_closed(every_s), name=f"log of {run}")
    try:
        yield log.hear
    finally:
        log.closed.set()
        await shield(writing)


class _Log:
    def __init__(
        self,
        store: Store,
        artifacts: ArtifactStore,
        clock: Clock,
        deployment: DeploymentId,
        run: RunId,
    ) -> None:
        self._store = store
        self._artifacts = artifacts
        self._clock = clock
        self._deployment = deployment
        self._run = run
        self._waiting: deque[str] = deque()
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._taken = 0
        self._beyond = 0
        self._chunks = 0
        self._started: datetime | None = None
        self.closed = asyncio.Event()

    def hear(self, line: str) -> None:
        for part in line.splitlines():
            short = part if len(part) <= LONGEST_LINE else f"{part[:LONGEST_LINE]} ..."
            self._taken += len(short) + 1
            if self._taken <= MOST:
                self._waiting.append(short)
            else:
                self._beyond += 1
                self._tail.append(short)

    async def write_until_closed(self, every_s: float) -> None:
        while not self.closed.is_set():
            await self._safely(self._write_waiting)
            with suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await self.closed.wait()
        await self._safely(self._end)

    async def _safely(self, write: Callable[[], Awaitable[None]]) -> None:
        try:
            await write()
        except Exception:
            _log.warning(
                "log_not_kept",
                extra={"fields": {"deployment": self._deployment, "run": str(self._run)}},
                exc_info=True,
            )

    async def _write_waiting(self) -> None:
        """What could not be written stays and is written with what comes next."""
        while self._waiting:
            if self._started is None:
                await self._start()
            lines = list(_first(self._waiting))
            body = {"lines": lines}
            write = Put(f"{_lines(self._run)}{self._chunks + 1:08d}", body, ttl_s=_LINES_KEPT_S)
            await self._put(write)
            self._chunks += 1
            for _ in lines:
                self._waiting.popleft()

    async def _start(self) -> None:
        """A run that is tried again goes on after what the first try said."""
        prefix = _lines(self._run)
        page = await self._store.find(
            CONTAINER, self._deployment, prefix=prefix, limit=1, descending=True
        )
        self._chunks = max((_number(document) for document in page.documents), default=0)
        started = self._clock.now()
        await self._put(_described(Run(self._run, started)))
        self._started = started

    async def _end(self) -> None:
        left_out = self._beyond - len(self._tail)
        note = [f"... {left_out} lines are left out ..."] if left_out else []
        self._waiting.extend([*note, *self._tail])
        self._tail.clear()
        await self._write_waiting()
        if self._started is None:
            return
        whole = await lines_after(self._store, self._deployment, self._run, 0)
        name = f"logs/{self._deployment}/{self._run}-{uuid4().hex[:8]}.log"
        content = "".join(f"{line}\n" for line in whole.lines).encode()
        await self._artifacts.put(name, content, ttl_s=_KEPT_S)
        ended = Run(self._run, self._started, self._clock.now(), self._chunks, name)
        await self._put(_described(ended))

    async def _put(self, write: Put) -> None:
        await self._store.batch(CONTAINER, self._deployment, [write], operation=uuid4().hex)


@dataclass(frozen=True, slots=True)
class Lines:
    """`last` is the number of the document that they end with."""

    lines: tuple[str, ...]
    last: int


async def lines_after(store: Store, deployment: DeploymentId, run: RunId, number: int) -> Lines:
    """The lines in the documents after that number, while they are kept."""
    found: list[str] = []
    prefix = _lines(run)
    after = f"{prefix}{number:08d}"
    async for document in all_in(
        store, CONTAINER, deployment, prefix=prefix, after=after, at_once=_READ_AT_ONCE
    ):
        found += document.body["lines"]
        number = _number(document)
    return Lines(tuple(found), number)


async def runs_of(store: Store, deployment: DeploymentId) -> tuple[Run, ...]:
    """The runs that said anything, the first one first."""
    runs = all_in(store, CONTAINER, deployment, prefix=_RUNS)
    return tuple(sorted([_run(document.body) async for document in runs], key=_order))


def _order(run: Run) -> tuple[datetime, int, bool]:
    return run.started, run.id.plan, run.id.what == "apply"


def _first(lines: deque[str]) -> Iterator[str]:
    """As many as one document takes."""
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > LARGEST_CHUNK and size > len(line) + 1:
            return
        yield line


def _described(run: Run) -> Put:
    body = {
        "step": run.id.step,
        "plan": run.id.plan,
        "what": run.id.what,
        "started": run.started.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
        "chunks": run.chunks,
        "artifact": run.artifact,
    }
    return Put(f"{_RUNS}{_name(run.id)}", body, ttl_s=_KEPT_S)


def _run(body: Mapping[str, Any]) -> Run:
    return Run(
        RunId(StepId(body["step"]), body["plan"], body["what"]),
        datetime.fromisoformat(body["started"]),
        datetime.fromisoformat(body["ended"]) if body["ended"] else None,
        body["chunks"],
        body["artifact"],
    )


def _name(run: RunId) -> str:
    return str(run).replace("/", ":")


def _lines(run: RunId) -> str:
    return f"log:lines:{_name(run)}:"


def _number(document: Document) -> int:
    return int(document.id.rpartition(":")[2])
