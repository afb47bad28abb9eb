"""Terraform and the engine: found, and they run."""

import asyncio
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from bot.doctor.finding import Checked
from bot.doctor.reach import reachable
from bot.processes.temporal_server import find_binary
from bot.settings import Settings
from orchestration.errors import SignoffError

_TERRAFORM = "orchestration.adapters.terraform"
_RUN_S = 20.0


async def terraform(settings: Settings) -> Checked:
    """The binary that would be used, and its version."""
    try:
        program = settings.terraform_binary or import_module(f"{_TERRAFORM}.binary").find()
        launch = Path(str(import_module(_TERRAFORM).__file__)).with_name("launch.py")
        command = (sys.executable, "-I", "-S", str(launch), str(program), "version", "-json")
        version = json.loads(await _output(command))["terraform_version"]
    except (SignoffError, ImportError, OSError, ValueError, KeyError, TimeoutError) as error:
        return Checked(
            "terraform",
            str(error) or "it did not answer",
            "Put terraform or tofu on PATH, or set SIGNOFF_TERRAFORM_BINARY to one.",
        )
    return Checked("terraform", f"{version}, {program}")


async def engine(settings: Settings) -> Checked:
    if settings.engine == "address":
        address = settings.engine_address
        if await reachable(address):
            return Checked("engine", f"{address} answers")
        return Checked("engine", f"{address} does not answer", "Check SIGNOFF_ENGINE_ADDRESS.")
    try:
        binary = find_binary()
        version = (await _output((str(binary), "--version"))).strip()
    except (SignoffError, OSError, ValueError, TimeoutError) as error:
        return Checked("engine", str(error) or "it did not answer", "Run `make run` to install it.")
    return Checked("engine", f"{version}, {binary}")


async def _output(command: Sequence[str]) -> str:
    """Raises: ValueError - it failed; OSError, TimeoutError."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_RUN_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ValueError(err.decode(errors="replace").strip() or f"{command[0]} failed")
    return out.decode()
