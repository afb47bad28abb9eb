"""`signoff chat` as a process: Ctrl-C, a second one on the same folder, starting again."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHAT = """
import sys, types
from contextlib import asynccontextmanager
from bot.processes.lock import locked
from orchestration.messages import Reply
from tests.doubles.cards import DRAFT
from tests.doubles.service import FakeDirectory, FakeService

async def answer(service, event):
    if event.text == "break":
        raise KeyError("internal detail")
    await service.surface.post(event.thread, DRAFT, key="k")

@asynccontextmanager
async def wired(settings, surface):
    with locked(settings.store):
        yield FakeService(surface, answer)

wiring = types.ModuleType("bot.wiring")
wiring.wired, wiring.directory = wired, lambda settings: FakeDirectory()
sys.modules["bot.wiring"] = wiring
from bot.cli import main
sys.exit(main(sys.argv[1:]))
"""


@asynccontextmanager
async def chat(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHAT, "chat", "--store", str(folder / "store"), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def says(process: asyncio.subprocess.Process, line: str, until: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n".encode())
    async with asyncio.timeout(40):
        while until not in (await process.stdout.readline()).decode():
            pass


async def test_ctrl_c_once_is_a_clean_stop_and_starting_again_goes_on(tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        async with chat(tmp_path) as process:
            await says(process, "hello", "Looks good")
            process.send_signal(number)
            _, err = await asyncio.wait_for(process.communicate(), 40)
        assert process.returncode == 130
        assert err.decode().strip() == "stopped; nothing is lost, start again to continue"
    async with chat(tmp_path) as process:
        out, _ = await asyncio.wait_for(process.communicate(b""), 40)
    assert "Looks good" in out.decode()
    assert process.returncode == 0


async def test_a_second_chat_on_the_same_folder_says_so(tmp_path: Path) -> None:
    async with chat(tmp_path) as first:
        await says(first, "hello", "Looks good")
        async with chat(tmp_path) as second:
            _, err = await asyncio.wait_for(second.communicate(b""), 10)
        assert second.returncode == 2
        assert f"already running on {tmp_path / 'store'} (process {first.pid})" in err.decode()
        assert "Traceback" not in err.decode()


async def test_what_breaks_in_a_script_is_an_incident_and_never_a_traceback(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.chat").write_text("ana: break\n")
    async with chat(tmp_path, "--script", "a.chat", "--json") as process:
        _, err = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == 1
    assert "incident id" in err.decode()
    assert "internal detail" not in err.decode()
    assert "internal detail" in (tmp_path / "store" / "signoff.log").read_text()


async def test_a_script_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    async with chat(tmp_path, "--script", "gone.chat") as process:
        _, err = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == 2
    assert err.decode() == (
        "signoff: The script gone.chat cannot be read: No such file or directory.\n"
    )
