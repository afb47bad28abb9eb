"""`signoff chat`: opens what it reads, connects it and runs it."""

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

from bot.running import run_logged
from bot.settings import Settings
from bot.terminal.memory import Memory
from bot.terminal.start import Streams, Wiring, run_chat, run_script
from orchestration.errors import UserError


def chat(settings: Settings, *, script: str | None, as_json: bool) -> int:
    """The exit code. Raises: UserError - the script cannot be read."""
    if as_json and script is None:
        raise UserError("--json needs --script FILE; for lines from a pipe, --script -.")
    inside = import_module("bot.wiring")
    wiring = Wiring(
        open_service=partial(inside.wired, settings),
        directory=inside.directory(settings),
        memory=Memory(settings.store / "terminal"),
        sandbox=partial(sandbox, settings.store / "sandbox"),
    )
    streams = Streams.standard()
    if script is None:
        work = run_chat(wiring, streams)
    else:
        work = run_script(_lines(script), wiring, streams, as_json=as_json)
    return run_logged(settings, work, doing="running the chat")


def sandbox(root: Path, arguments: Sequence[str]) -> list[str]:
    """What `signoff sandbox` says. Raises: UserError."""
    try:
        told: list[str] = import_module("orchestration.sandbox.command").told(root, arguments)
    except ValueError as error:
        raise UserError(str(error)) from error
    return told


def _lines(script: str) -> list[str]:
    if script == "-":
        return sys.stdin.read().splitlines()
    try:
        return Path(script).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        why = error.strerror or error
        raise UserError(f"The script {script} cannot be read: {why}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"The script {script} cannot be read: it is not UTF-8.") from error
