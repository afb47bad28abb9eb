"""What can go wrong while it runs, provoked, seen as the runbook says, and put right as it says."""

import asyncio
import resource
import shutil
import signal
from io import StringIO
from pathlib import Path

from bot.backup import backup
from bot.processes.free_ports import free_ports
from bot.settings import Settings
from tests.doubles.temporal import dev_server
from tests.far.teams.far import teams_far_side
from tests.faults.operating import PATIENCE_S, Site, answered, running, site
from tests.faults.serving import Server
from tests.scenario.teams_stage import TeamsStage

_ASKED = "storage for team lab in dev, East US"
_UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


async def test_an_engine_that_does_not_answer_is_told_and_messages_go_on(tmp_path: Path) -> None:
    async with site(tmp_path / "store") as there:
        await there.until(f"{there.work}/ready", '"status": "ready"')
        engine = there.child("server", "start-dev")
        engine.send_signal(signal.SIGSTOP)
        try:
            await there.until(f"{there.work}/ready", '"status": "not ready"')
            status, told = await there.get(f"{there.url}/ready")
            assert (status, '"engine": {"ok": false' in told) == (200, True), told
            assert 'signoff_dependency_up{dependency="engine"} 0.0' in (
                await there.until(f"{there.work}/metrics", 'dependency="engine"} 0.0')
            )
            await there.stage.say("lab", "ana", _ASKED)
            await there.card("Looks good")
        finally:
            engine.send_signal(signal.SIGCONT)
        await there.until(f"{there.work}/ready", '"status": "ready"')
        await there.stage.say("lab", "ana", "looks good")
        await there.card("Approve")


async def test_a_worker_without_an_engine_waits_for_it_and_says_so(tmp_path: Path) -> None:
    work, engine = free_ports(2)
    settings = {"work_port": work, "engine": "address", "engine_address": f"127.0.0.1:{engine}"}
    worker = Server(tmp_path / "store", settings, ("-m", "bot.cli", "work"))
    await worker.begin()
    try:
        told = await answered(f"http://127.0.0.1:{work}/ready", '"engine": {"ok": false')
        assert '"status": "not ready"' in told
        await _logged(tmp_path / "store" / "signoff.log", "engine_awaited", times=2)
        assert worker.code is None
    finally:
        await worker.stop()
    assert await worker.line() == (
        f"Signoff waits for the engine at 127.0.0.1:{engine}, namespace 'default' (connecting to "
        "the engine failed); it goes on by itself when it is there, and Ctrl-C stops it.\n"
    )
    assert (await worker.line()).startswith("Signoff has stopped;")
    assert worker.code == 0


async def test_a_worker_says_whose_jobs_it_runs_and_that_it_has_stopped(tmp_path: Path) -> None:
    async with dev_server(tmp_path) as engine:
        settings = {"engine": "address", "engine_address": engine}
        worker = Server(tmp_path / "store", settings, ("-m", "bot.cli", "work"))
        await worker.begin()
        try:
            began = await worker.line()
        finally:
            await worker.stop()
    assert began == (
        f"Signoff runs jobs of the engine at {engine}, namespace 'default'; Ctrl-C stops it.\n"
    )
    assert await worker.line() == "Signoff has stopped; what it had not ended is handed back.\n"
    assert worker.code == 0


async def test_a_full_disk_refuses_what_it_cannot_keep_and_room_is_all_it_needs(
    tmp_path: Path,
) -> None:
    async with site(tmp_path / "store") as there:
        await there.until(f"{there.work}/ready", '"status": "ready"')
        resource.prlimit(there.server.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        said = asyncio.create_task(there.stage.say("lab", "ana", _ASKED))
        refused = 'http_response_status_code="503",http_route="/api/messages"'
        told = await there.until(f"{there.serve}/metrics", refused)
        assert 'db_operation_name="batch",outcome="temporary"' in told
        resource.prlimit(there.server.pid, resource.RLIMIT_FSIZE, _UNLIMITED)
        await asyncio.gather(said, return_exceptions=True)
        await there.stage.say("lab", "ana", _ASKED)
        await there.card("Looks good")


async def test_a_backup_is_put_back_and_what_waited_for_sign_off_goes_on(tmp_path: Path) -> None:
    store, copy = tmp_path / "store", tmp_path / "copy"
    async with teams_far_side() as far:
        stage = TeamsStage(far)
        async with running(far, stage, store) as there:
            await stage.say("lab", "ana", _ASKED)
            await there.card("Looks good")
            await stage.say("lab", "ana", "looks good")
            card, approve = await there.card("Approve")
            assert await backup(Settings(store=store), copy, StringIO()) == 0
            there.server.kill()
            await there.server.gone()
        await asyncio.to_thread(shutil.rmtree, store)
        copy.rename(store)
        async with running(far, stage, store) as there:
            await stage.press("lab", "ana", card.message, approve, {})
            await _says(there, "is up")


async def _logged(log: Path, event: str, *, times: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if log.read_text(encoding="utf-8").count(event) >= times:
                return
            await asyncio.sleep(0.1)


async def _says(there: Site, text: str) -> None:
    """Return when it is said, on a card or in words."""
    seen: list[object] = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            while text not in str(seen):
                seen += await there.stage.look()
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(seen[-3:]) from None
