"""What a process says of itself, over real HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.operations import listening, mount_probes, operations
from bot.parts import opened
from bot.processes.free_ports import free_ports
from bot.readiness import VALID_S, Need, Readiness, needs_of
from bot.settings import Settings
from orchestration.errors import TemporaryError, UserError
from tests.doubles.meters import Meters

Look = Callable[[], Awaitable[object]]


class Outside:
    """Something that is there, or fails as a test says; counts how often it was looked at."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.looks = 0

    async def __call__(self) -> None:
        self.looks += 1
        if self.error:
            raise self.error


async def never() -> None:
    await asyncio.Event().wait()


async def asked(readiness: Readiness, path: str = "/ready") -> tuple[int, dict[str, object], str]:
    app = web.Application()
    mount_probes(app, readiness)
    async with (
        listening(app, "127.0.0.1", 0) as url,
        aiohttp.ClientSession() as http,
        http.get(url + path) as answer,
    ):
        return answer.status, await answer.json(), await answer.text()


async def test_ready_names_everything_that_is_needed() -> None:
    readiness = Readiness([Need("store", Outside()), Need("engine", Outside(), vital=False)])
    status, told, _ = await asked(readiness)
    assert status == 200
    assert told == {
        "status": "ready",
        "checks": {
            "store": {"ok": True, "why": "", "vital": True},
            "engine": {"ok": True, "why": "", "vital": False},
        },
    }


@pytest.mark.parametrize(
    ("look", "why"),
    [
        (
            Outside(TemporaryError("connecting to https://10.0.0.7:8081 with hunter2")),
            "not reachable",
        ),
        (Outside(ValueError("AccountKey=hunter2")), "broken; the log says how"),
        (never, "no answer within 0.01 s"),
    ],
)
async def test_what_is_needed_and_not_there_makes_it_unready_and_nothing_leaks(
    look: Look, why: str
) -> None:
    meters = Meters()
    readiness = Readiness([Need("store", Outside()), Need("engine", look)], within_s=0.01)
    status, told, text = await asked(readiness)
    assert (status, told["status"]) == (503, "not ready")
    assert told["checks"]["engine"] == {"ok": False, "why": why, "vital": True}  # type: ignore[index]
    assert "hunter2" not in text and "10.0.0.7" not in text
    assert meters("signoff_dependency_up", dependency="engine") <= 0


async def test_what_it_can_do_without_is_told_and_changes_nothing() -> None:
    gone = Need("engine", Outside(TemporaryError("x")), vital=False)
    status, told, _ = await asked(Readiness([gone]))
    assert status == 200
    assert told["checks"]["engine"]["ok"] is False  # type: ignore[index]


async def test_many_who_ask_cost_one_look_and_an_old_answer_is_not_told() -> None:
    now, store = [100.0], Outside()
    readiness = Readiness([Need("store", store)], monotonic_s=lambda: now[0])
    await asyncio.gather(*(readiness.ready() for _ in range(20)))
    assert store.looks == 1
    now[0] += VALID_S
    store.error = TemporaryError("x")
    assert not await readiness.ready()
    assert store.looks == 2


async def test_a_process_that_leaves_is_not_ready_and_still_alive() -> None:
    readiness = Readiness([Need("store", Outside())], leaving=lambda: True)
    status, told, _ = await asked(readiness)
    assert (status, told["status"]) == (503, "draining")
    status, told, _ = await asked(readiness, "/health")
    assert (status, told["status"]) == (200, "ok")


async def test_artifacts_whose_key_is_gone_make_a_worker_unready(tmp_path: Path) -> None:
    engine = Outside()
    async with opened(Settings(store=tmp_path, prices_live=False)) as parts:
        for works in (True, False):
            assert await Readiness(needs_of(parts, engine, works=works)).ready()
        (tmp_path / "artifacts" / "master.key").unlink()
        serving = Readiness(needs_of(parts, engine, works=False))
        working = Readiness(needs_of(parts, engine, works=True))
        assert {one.name for one in await working.found() if one.why} == {"artifacts"}
        assert (await serving.ready(), await working.ready()) == (True, False)


async def test_metrics_are_on_the_operations_port_as_prometheus_reads_them(tmp_path: Path) -> None:
    Meters()
    (port,) = free_ports(1)
    async with (
        operations(Readiness([]), "127.0.0.1", port, tmp_path),
        aiohttp.ClientSession() as http,
    ):
        async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:
            text = await answer.text()
            assert answer.content_type == "text/plain"
        async with http.get(f"http://127.0.0.1:{port}/ready") as answer:
            assert answer.status == 200
    assert "signoff_disk_free_bytes " in text and "process_resident_memory_bytes" in text


async def test_an_operations_port_that_is_taken_is_named(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    ready = Readiness([])
    with pytest.raises(UserError, match=f"127.0.0.1:{port}: address already in use"):
        async with (
            operations(ready, "127.0.0.1", port, tmp_path),
            operations(ready, "127.0.0.1", port, tmp_path),
        ):
            pass
