"""What is left when processes die, and how it is found again."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from approvals.change import ResourceChange
from orchestration.sandbox import view
from tests.contract import terraform_files as files
from tests.sandbox import WORKSPACE, SandboxTerraform, make_sandbox


@asynccontextmanager
async def _worker(
    folder: Path, configuration: str, speed: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    arguments = ["-m", "tests.contract.apply_and_hang", str(folder), configuration, f"{speed:g}"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _made(sandbox: SandboxTerraform, type_: str, worker: asyncio.subprocess.Process) -> None:
    while type_ not in {o.type for o in view.look(sandbox.root)}:
        assert worker.returncode is None, "the worker ended before it was killed"
        await asyncio.sleep(0.02)


def _below(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


async def _gone(processes: list[psutil.Process]) -> None:
    await asyncio.to_thread(psutil.wait_procs, processes, 20)
    assert not [one for one in processes if one.is_running()]


async def test_terraform_does_not_outlive_its_worker_and_saves_what_it_did(
    tmp_path: Path,
) -> None:
    sandbox = make_sandbox(tmp_path)
    async with _worker(tmp_path, "group", speed=20) as worker:
        await _made(sandbox, "azurerm_resource_group", worker)
        children = _below(worker.pid)
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
        await _gone(children)
    assert await sandbox.cli.addresses(WORKSPACE) == {"azurerm_resource_group.this"}


async def test_after_kill_nine_of_everything_what_exists_is_adopted_and_exists_once(
    tmp_path: Path,
) -> None:
    sandbox = make_sandbox(tmp_path)
    rendered = files.databricks()
    async with _worker(tmp_path, "databricks", speed=0.4) as worker:
        await _made(sandbox, "databricks_cluster", worker)
        children = _below(worker.pid)
        for one in (*children, psutil.Process(worker.pid)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        await worker.wait()
        await _gone(children)

    creates = await _creates(sandbox, rendered)
    lost = {change.address for change in creates}
    assert "databricks_cluster.this" in lost
    imports = await sandbox.inventory.find(WORKSPACE, creates)
    assert {one.address for one in imports} == lost
    planned = await sandbox.plan(rendered, imports=imports)
    assert set(planned.adopts) == lost
    await sandbox.cli.apply(WORKSPACE, rendered, planned, lock=planned.lock)

    assert (await sandbox.plan(rendered)).resources == ()
    types = [o.type for o in view.look(sandbox.root)]
    assert sorted(types) == sorted(set(types))
    assert not list((tmp_path / "work" / WORKSPACE).glob("run-*"))


async def _creates(
    sandbox: SandboxTerraform, rendered: dict[str, str]
) -> tuple[ResourceChange, ...]:
    return (await sandbox.plan(rendered)).resources
