"""Terraform and the engine: found, and they run."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.doctor.finding import Checked
from bot.doctor.reach import reachable
from bot.processes.temporal_server import find_binary
from bot.settings import Settings
from orchestration.adapters.terraform import binary
from orchestration.errors import SignoffError

_RUN_S = 20.0


async def terraform(settings: Settings) -> Checked:
    """The binary that would be used, and its version."""
    try:
        found = _binary(settings.terraform_binary)
        version = await asyncio.to_thread(binary.version, found)
    except SignoffError as error:
        return Checked(
            "terraform",
            str(error),
            "Put terraform or tofu on PATH, or set SIGNOFF_TERRAFORM_BINARY to one.",
        )
    return Checked("terraform", f"{version}, {found.name}")


def _binary(path: Path | None) -> binary.Binary:
    """Raises: PermanentError - no path is given and there is none."""
    if path is None:
        return binary.find()
    launch = Path(binary.__file__).with_name("launch.py")
    return binary.Binary((sys.executable, "-I", "-S", str(launch), str(path)), str(path))


async def engine(settings: Settings) -> Checked:
    if settings.engine == "address":
        address = settings.engine_address
        if await reachable(address):
            return Checked("engine", f"{address} answers")
        return Checked("engine", f"{address} does not answer", "Check SIGNOFF_ENGINE_ADDRESS.")
    try:
        program = find_binary()
        version = (await _output((str(program), "--version"))).strip()
    except (SignoffError, OSError, ValueError, TimeoutError) as error:
        return Checked("engine", str(error) or "it did not answer", "Run `make run` to install it.")
    return Checked("engine", f"{version}, {program}")


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
