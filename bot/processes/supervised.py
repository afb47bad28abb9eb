"""A child process that is restarted when it dies, until it is stopped."""

import asyncio
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.errors import PermanentError
from orchestration.measures import child_restarted

log = logging.getLogger(__name__)

_LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between restarts: doubling, and from the start again once the child lived a while."""

    first_s: float = 0.1
    longest_s: float = 10.0
    steady_after_s: float = 10.0

    def wait_s(self, failures: int) -> float:
        return float(min(self.longest_s, self.first_s * 2 ** min(failures, 20)))


async def at_once() -> None:
    """A child that counts as ready when it runs."""


@dataclass(frozen=True, slots=True)
class Child:
    """What to run. `ready` returns once the child can be used."""

    name: str
    command: Sequence[str]
    log_file: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], Awaitable[None]] = at_once
    ready_within_s: float = 20.0
    stop_within_s: float = 10.0


class Supervised:
    """Runs a child in a session of its own, on a leash that ends it with this process."""

    def __init__(self, child: Child, backoff: Backoff | None = None) -> None:
        self.child = child
        self.restarts = 0
        self._backoff = backoff or Backoff()
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Supervised":
        """Raises: PermanentError - it did not become ready; its last words are in it."""
        self._process = await self._spawn()
        try:
            await self._become_ready(self._process)
        except BaseException:
            await self._end()
            raise
        self._watch = asyncio.create_task(self._keep_alive(), name=f"watch-{self.child.name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._end()

    @property
    def pid(self) -> int | None:
        """The running child's process id, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def _keep_alive(self) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            assert self._process is not None
            since = loop.time()
            code = await self._process.wait()
            failures = 0 if loop.time() - since > self._backoff.steady_after_s else failures
            self._log("child_died", code=code)
            await asyncio.sleep(self._backoff.wait_s(failures))
            failures += 1
            await self._restart()

    async def _restart(self) -> None:
        self._process = await self._spawn()
        self.restarts += 1
        child_restarted(self.child.name)
        try:
            await self._become_ready(self._process)
        except PermanentError as error:
            self._log("child_not_ready", error=str(error))
            await self._end()

    async def _spawn(self) -> Process:
        child = self.child
        with child.log_file.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(_LEASH), str(os.getpid())),
                *child.command,
                stdin=DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **child.environment},
                start_new_session=True,
            )
        self._log("child_started", pid=process.pid)
        return process

    async def _become_ready(self, process: Process) -> None:
        died = asyncio.create_task(process.wait())
        ready = asyncio.ensure_future(self.child.ready())
        try:
            await asyncio.wait(
                {died, ready},
                timeout=self.child.ready_within_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if ready.done():
                return await ready
        finally:
            for task in (died, ready):
                task.cancel()
            await asyncio.gather(died, ready, return_exceptions=True)
        how = "ended" if process.returncode is not None else "was not ready in time"
        raise PermanentError(f"{self.child.name} {how}: {self._last_words()}")

    async def _end(self) -> None:
        """SIGTERM, then SIGKILL to a child that has not ended in time; by its id alone."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(self.child.stop_within_s):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        self._log("child_stopped", code=process.returncode)

    def _last_words(self) -> str:
        lines = self.child.log_file.read_text(errors="replace").splitlines()
        return " / ".join(lines[-3:]) or "it said nothing"

    def _log(self, event: str, **fields: object) -> None:
        log.info(event, extra={"fields": {"child": self.child.name, **fields}})
