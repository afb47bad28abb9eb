"""The contract on SQLite, and what only a file can suffer: processes, kill -9, damage."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import get_ident
from time import monotonic

import pytest

from orchestration.adapters.sqlite import open_store, schema
from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import Create, NotFound, Put, Store
from tests.clock import FakeClock
from tests.contract.store_contract import StoreContract


class TestSqliteStore(StoreContract):
    pass


def _child(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.contract.store_child", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def test_processes_do_not_lose_each_others_updates(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    children = [_child("count", path, name, 400) for name in "ab"]
    assert [await asyncio.to_thread(child.wait, 30) for child in children] == [0, 0]
    async with open_store(path, FakeClock()) as store:
        assert (await store.get("c", "p", "counter")).body == {"n": 800}
    for child in children:
        assert child.stdout
        child.stdout.close()


async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    for turn in range(3):
        child = _child("stream", path, turn)
        assert child.stdout
        acknowledged = [child.stdout.readline().strip() for _ in range(150 + 40 * turn)]
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read()
        acknowledged += [line for line in rest.splitlines() if line.endswith(".")]
        child.wait()
        child.stdout.close()
        async with open_store(path, FakeClock()) as store:
            for line in acknowledged:
                assert (await store.get("c", "p", line.rstrip("."))).body == {"n": 1}
                assert (await store.get("c", "p", line.rstrip(".") + "~")).body == {"n": 2}


async def test_it_is_all_there_after_opening_it_again(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "store.db"
    async with open_store(path, clock) as store:
        first = await store.batch("c", "p", [Create("x", {"n": 1})], operation="once")
    async with open_store(path, clock) as store:
        assert await store.batch("c", "p", [Create("x", {"n": 1})], operation="once") == first
        assert (await store.get("c", "p", "x")).body == {"n": 1}


async def test_what_waits_is_written_before_it_closes(tmp_path: Path, clock: FakeClock) -> None:
    async with open_store(tmp_path / "store.db", clock) as store:
        tasks = [
            asyncio.create_task(store.batch("c", "p", [Create(f"{n}", {})], operation=f"{n}"))
            for n in range(300)
        ]
        await asyncio.sleep(0)
    assert len(await asyncio.gather(*tasks)) == 300
    with pytest.raises(PermanentError, match="closed"):
        await store.batch("c", "p", [Create("x", {})], operation="late")


def _modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


async def test_the_files_are_for_their_owner_only(store: Store, tmp_path: Path) -> None:
    await store.batch("c", "p", [Create("x", {})], operation="o")
    modes = await asyncio.to_thread(_modes, tmp_path)
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


async def test_what_expired_leaves_the_file(
    store: Store, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(12):
        writes = [Create(f"{n}-{k}", {}, ttl_s=5) for k in range(100)]
        await store.batch("c", "p", writes, operation=f"{n}")
    clock.advance(61)
    for n in range(3):
        await store.batch("c", "q", [Put("x", {})], operation=f"{n}")
    raw = sqlite3.connect(tmp_path / "store.db")
    assert raw.execute("SELECT count(*) FROM documents").fetchone() == (1,)
    raw.close()


async def test_a_file_that_somebody_holds_is_a_matter_of_time(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store._writer._connection.execute("PRAGMA busy_timeout=50")  # type: ignore[attr-defined]
    raw = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(TemporaryError, match="locked"):
        await store.batch("c", "p", [Create("x", {})], operation="o")
    with pytest.raises(NotFound):
        await store.get("c", "p", "x")
    raw.execute("ROLLBACK")
    raw.close()
    await store.batch("c", "p", [Create("x", {})], operation="o")


async def test_the_event_loop_goes_on_while_the_file_is_held(store: Store, tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    task = asyncio.create_task(store.batch("c", "p", [Create("x", {})], operation="o"))
    longest = 0.0
    for _ in range(20):
        start = monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, monotonic() - start)
    raw.execute("ROLLBACK")
    raw.close()
    await task
    assert longest < 2.0, "it would have waited for the 5 s that SQLite waits"


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"not a database, but long enough to have a header" * 100)
    with pytest.raises(PermanentError, match=r"store\.db.*not a database"):
        async with open_store(path, FakeClock()):
            pass


async def test_a_damaged_file_says_so(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "store.db"
    async with open_store(path, clock) as store:
        for n in range(20):
            await store.batch("c", "p", [Create(f"{n}", {"s": "x" * 3000})], operation=f"{n}")
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    async with open_store(path, clock) as store:
        with pytest.raises(PermanentError, match="backup"):
            await store.get("c", "p", "1")
        with pytest.raises(PermanentError, match="backup"):
            await store.batch("c", "p", [Create("new", {})], operation="new")


async def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PermanentError, match="opening the store"):
        async with open_store(tmp_path / "file" / "store.db", FakeClock()):
            pass


async def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    schema.prepare(path)
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version=99")
    raw.close()
    with pytest.raises(PermanentError, match="newer"):
        async with open_store(path, FakeClock()):
            pass


async def test_a_clock_that_fails_does_not_stop_the_writer(tmp_path: Path) -> None:
    class BadClock(FakeClock):
        loop = get_ident()
        broken = True

        def now(self):  # type: ignore[no-untyped-def]
            if self.broken and get_ident() != self.loop:
                raise OSError("no time")
            return super().now()

    clock = BadClock()
    async with open_store(tmp_path / "store.db", clock) as store:
        with pytest.raises(PermanentError, match="no time"):
            await store.batch("c", "p", [Create("x", {})], operation="o")
        clock.broken = False
        await store.batch("c", "p", [Create("x", {})], operation="o")
