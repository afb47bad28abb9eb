"""Children die with their parent, come back when they are killed, and never meet on a port."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from bot.processes.free_ports import free_ports
from bot.processes.lock import StoreInUse, holder, locked
from bot.processes.supervised import Backoff, Child, Supervised
from bot.processes.temporal_server import ADDRESS_FILE, temporal_server
from bot.processes.tree import ProcessTree, process_tree
from bot.settings import Settings
from orchestration.errors import PermanentError

ROOT = Path(__file__).parents[2]
SLEEPS = (sys.executable, "-S", "-c", "import time; time.sleep(60)")
DEAF = (
    *(sys.executable, "-S", "-c"),
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(60)",
)
PARENT = """
import asyncio, sys
from pathlib import Path
from bot.processes.lock import locked
from bot.processes.temporal_server import temporal_server

async def main(store):
    with locked(store):
        async with temporal_server(store) as server:
            print(server.process.pid, flush=True)
            await asyncio.sleep(60)

asyncio.run(main(Path(sys.argv[1])))
"""


async def until(true: Callable[[], object], within_s: float = 5.0) -> None:
    async with asyncio.timeout(within_s):
        while True:
            if true():
                return
            await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@asynccontextmanager
async def parent(store: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(store)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        yield process, int(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_the_engine_dies_with_a_killed_parent_and_leaves_no_stale_lock(
    tmp_path: Path,
) -> None:
    async with parent(tmp_path) as (process, engine):
        assert holder(tmp_path) == str(process.pid)
        process.kill()
        await process.wait()
        await until(lambda: gone(engine))
    assert holder(tmp_path) is None


async def test_a_killed_engine_comes_back_on_the_same_address(tmp_path: Path) -> None:
    async with temporal_server(tmp_path) as server:
        first = server.process.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: server.process.restarts == 1)
        port = int(server.address.rpartition(":")[2])
        await until(lambda: _listens(port))
        assert server.process.pid not in (None, first)
        assert (tmp_path / ADDRESS_FILE).read_text() == server.address
        second = server.process.pid
    assert second is not None
    assert gone(second)
    assert not (tmp_path / ADDRESS_FILE).exists()


def _listens(port: int) -> bool:
    return any(c.laddr.port == port and c.status == "LISTEN" for c in psutil.net_connections("tcp"))


async def test_two_stores_have_engines_that_do_not_clash(tmp_path: Path) -> None:
    stores = [tmp_path / "a", tmp_path / "b"]
    for store in stores:
        store.mkdir()
    async with temporal_server(stores[0]) as a, temporal_server(stores[1]) as b:
        assert a.address != b.address
        assert a.process.restarts == b.process.restarts == 0


async def test_the_second_on_one_store_is_refused_with_the_process_that_holds_it(
    tmp_path: Path,
) -> None:
    async with parent(tmp_path) as (process, _):
        message = rf"process {process.pid}\).*--store DIR"
        with pytest.raises(StoreInUse, match=message), locked(tmp_path):
            pass


async def test_a_dying_child_is_restarted_with_growing_waits(tmp_path: Path) -> None:
    child = Child("dies", (sys.executable, "-S", "-c", "raise SystemExit(3)"), tmp_path / "log")
    async with Supervised(child, Backoff(first_s=0.05, longest_s=0.2)) as dies:
        await until(lambda: dies.restarts == 3)
    assert dies.pid is None
    assert [Backoff(0.1, 1.0).wait_s(failures) for failures in (0, 1, 2, 9)] == [0.1, 0.2, 0.4, 1.0]


async def test_a_child_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    child = Child("deaf", DEAF, tmp_path / "log", stop_within_s=0.2)
    async with Supervised(child) as deaf:
        pid = deaf.pid
        await until(lambda: "deaf" in (tmp_path / "log").read_text())
    assert pid is not None
    assert gone(pid)


async def test_a_child_that_never_becomes_ready_says_its_last_words(tmp_path: Path) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    for command, says in (
        ((sys.executable, "-S", "-c", "print('no disk'); raise SystemExit(1)"), "ended: no disk"),
        (SLEEPS, "not ready in time"),
    ):
        child = Child("late", command, tmp_path / "log", ready=never, ready_within_s=1.0)
        with pytest.raises(PermanentError, match=says):
            await Supervised(child).__aenter__()


async def test_stopping_while_a_restart_is_waited_for_leaves_nothing(tmp_path: Path) -> None:
    child = Child("brief", (sys.executable, "-S", "-c", ""), tmp_path / "log")
    async with Supervised(child, Backoff(first_s=30.0, longest_s=30.0)) as brief:
        await until(lambda: brief.pid is None)
    assert brief.restarts == 0


def test_ports_are_different_and_below_those_of_outgoing_connections() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(20_000 <= port < 32_000 for port in ports)


async def test_the_tree_has_an_engine_and_a_worker_and_holds_its_folder(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store")
    async with process_tree(settings) as tree:
        assert tree.engine is not None
        assert tree.worker is not None
        assert tree.worker.child.stop_within_s > settings.cancel_grace_s, "Terraform has its time"
        assert tree.engine_address == (settings.store / ADDRESS_FILE).read_text()
        assert tree.worker.child.environment["SIGNOFF_ENGINE_ADDRESS"] == tree.engine_address
        assert holder(settings.store) == str(os.getpid())
        with pytest.raises(StoreInUse):
            await process_tree(settings).__aenter__()
        pids = [tree.engine.pid]
    assert all(pid is None or gone(pid) for pid in pids)
    assert holder(settings.store) is None


async def test_with_a_cluster_nothing_is_started_and_nothing_is_held(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", engine="address", engine_address="cluster:7233")
    async with process_tree(settings) as one, process_tree(settings) as other:
        assert one == other == ProcessTree("cluster:7233")
