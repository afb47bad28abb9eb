"""One run of a program: its lines as they come, its end whatever happens."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_LONGEST_LINE = 256 * 1024 * 1024  # `show -json` is one line

Hear = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    timeout_s: float
    cancel_grace_s: float


class Interrupted(Exception):
    """The program was stopped; `clean` if it ended by itself once it was asked to."""

    def __init__(self, *, clean: bool) -> None:
        super().__init__(clean)
        self.clean = clean


class TimedOut(Interrupted):
    """It took longer than `timeout_s`."""


class Cancelled(Interrupted):
    """The task that awaited it was cancelled."""


async def run(command: Command, hear: Hear) -> int:
    """The exit code; negative for the signal that ended it. Both output streams are heard as one.

    Raises: TimedOut, Cancelled - the program has gone when they are raised.
    """
    async with _started(command) as (process, lines):
        try:
            async with asyncio.timeout(command.timeout_s):
                while line := await lines.readline():
                    await hear(line.decode(errors="replace").rstrip("\n"))
                return await process.wait()
        except BaseException as error:
            clean = await _stopped(process, lines, command.cancel_grace_s)
            if isinstance(error, TimeoutError):
                raise TimedOut(clean=clean) from error
            if isinstance(error, asyncio.CancelledError):
                raise Cancelled(clean=clean) from error
            raise


@contextlib.asynccontextmanager
async def _started(
    command: Command,
) -> AsyncIterator[tuple[asyncio.subprocess.Process, asyncio.StreamReader]]:
    """The program in a session of its own.

    It holds the reading end of its own output too: if we are killed, Terraform is not killed by
    writing to a broken pipe while it saves its state.
    """
    reading, writing = os.pipe()
    lines = asyncio.StreamReader(limit=_LONGEST_LINE)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(reading, "rb", buffering=0)
    )
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *command.argv,
                cwd=command.folder,
                env={**command.environment, "SIGNOFF_PARENT": str(os.getpid())},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                pass_fds=(reading,),
                start_new_session=True,
            )
        finally:
            os.close(writing)
        yield process, lines
    finally:
        transport.close()


async def _stopped(
    process: asyncio.subprocess.Process, lines: asyncio.StreamReader, grace_s: float
) -> bool:
    """Whether it ended by itself within the grace time; being cancelled again changes nothing."""
    stopping = asyncio.create_task(_stop(process, lines, grace_s))
    while not stopping.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(stopping)
    return stopping.result()


async def _stop(
    process: asyncio.subprocess.Process, lines: asyncio.StreamReader, grace_s: float
) -> bool:
    draining = asyncio.create_task(_drain(lines))
    try:
        _signal(process, signal.SIGINT)
        async with asyncio.timeout(grace_s):
            return await process.wait() >= 0
    except TimeoutError:
        _signal(process, signal.SIGKILL, group=True)
        await process.wait()
        return False
    finally:
        draining.cancel()


async def _drain(lines: asyncio.StreamReader) -> None:
    """A full pipe would keep the program from ending."""
    while await lines.read(65536):
        pass


def _signal(
    process: asyncio.subprocess.Process, number: signal.Signals, *, group: bool = False
) -> None:
    with contextlib.suppress(ProcessLookupError):
        if group:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
