"""Runs a command's coroutine until it is done, or until Ctrl-C or SIGTERM stops it cleanly."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any

from bot.failures import told
from bot.settings import Settings
from bot.telemetry import logging_to
from orchestration.errors import UserError

BROKEN, CANNOT, STOPPED = 1, 2, 130
STOPPED_TEXT = "stopped; nothing is lost, start again to continue"


def run(work: Coroutine[Any, Any, int]) -> int:
    """The exit code. A first signal cancels the work, which cleans up; a second Ctrl-C ends it."""
    try:
        return asyncio.run(_until_terminated(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write(f"\n{STOPPED_TEXT}\n")
        return STOPPED


def run_logged(settings: Settings, work: Coroutine[Any, Any, int], *, doing: str) -> int:
    """`run`, with its log; what goes wrong is told in a sentence."""
    with logging_to(settings.store, settings.log_level, settings.secrets, to=settings.log_to):
        try:
            return run(work)
        except Exception as error:
            sys.stderr.write(f"signoff: {told(error, doing=doing, tried_again=False)}\n")
            return CANNOT if isinstance(error, UserError) else BROKEN


async def _until_terminated(work: Coroutine[Any, Any, int]) -> int:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work
