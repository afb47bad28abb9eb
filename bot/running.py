"""Runs a command's coroutine until it is done, or until Ctrl-C or SIGTERM stops it cleanly."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import closing
from importlib import import_module
from typing import Any, TypeAlias

from bot.failures import told
from bot.settings import Settings
from bot.telemetry import logging_to
from orchestration.errors import PermanentError, TemporaryError, UserError, sentence
from orchestration.redaction import redact

_log = logging.getLogger(__name__)
BROKEN, CANNOT, STOPPED = 1, 2, 130
STOPPED_TEXT = "stopped; nothing is lost, start again to continue"


Loops: TypeAlias = Callable[[], asyncio.AbstractEventLoop]


def run(work: Coroutine[Any, Any, int], *, loops: Loops = asyncio.new_event_loop) -> int:
    """The exit code. A first signal cancels the work, which cleans up; a second Ctrl-C ends it."""
    try:
        with asyncio.Runner(loop_factory=loops) as runner:
            return runner.run(_until_terminated(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write(f"\n{STOPPED_TEXT}\n")
        return STOPPED


def run_logged(
    settings: Settings,
    work: Coroutine[Any, Any, int],
    *,
    doing: str,
    loops: Loops = asyncio.new_event_loop,
) -> int:
    """`run`, with its log; what goes wrong is told in a sentence.

    Raises: UserError - the store folder cannot be used.
    """
    logged = logging_to(settings.store, settings.log_level, settings.secrets, to=settings.log_to)
    with closing(work), logged:
        try:
            return run(work, loops=loops)
        except (PermanentError, TemporaryError) as error:  # who starts a process can see to it
            _log.warning("stopped", exc_info=error, extra={"fields": {"doing": doing}})
            sys.stderr.write(f"signoff: {redact(sentence(str(error)), settings.secrets)}\n")
            return BROKEN
        except Exception as error:
            sys.stderr.write(f"signoff: {told(error, doing=doing, tried_again=False)}\n")
            return CANNOT if isinstance(error, UserError) else BROKEN


def busy_loop() -> asyncio.AbstractEventLoop:
    """For a process that does little but answer requests; Windows has only the usual one."""
    try:
        uvloop = import_module("uvloop")
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


async def _until_terminated(work: Coroutine[Any, Any, int]) -> int:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work
