"""Runs a command's coroutine until it is done, or until Ctrl-C or SIGTERM stops it cleanly."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any

STOPPED = 130
STOPPED_TEXT = "stopped; nothing is lost, start again to continue"


def run(work: Coroutine[Any, Any, int]) -> int:
    """The exit code. A first signal cancels the work, which cleans up; a second Ctrl-C ends it."""
    try:
        return asyncio.run(_until_terminated(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write(f"\n{STOPPED_TEXT}\n")
        return STOPPED


async def _until_terminated(work: Coroutine[Any, Any, int]) -> int:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work
