"""What those who run Signoff ask a process: is it alive, is it ready, what has it done.

`/health` and `/ready` are on the public port too; `/metrics` is on the operations port alone.
"""

import logging
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot import VERSION
from bot.readiness import Readiness
from orchestration import measures
from orchestration.errors import UserError

_UNAVAILABLE = 503


def mount_probes(app: web.Application, readiness: Readiness) -> None:
    """Add `/health` and `/ready`."""

    async def ready(_: web.Request) -> web.Response:
        found, is_ready = await readiness.found(), await readiness.ready()
        status = "draining" if readiness.leaving() else "ready" if is_ready else "not ready"
        checks = {
            each.name: {"ok": not each.why, "why": each.why, "vital": each.vital} for each in found
        }
        return web.json_response(
            {"status": status, "checks": checks}, status=200 if is_ready else _UNAVAILABLE
        )

    app.router.add_get("/health", _health)
    app.router.add_get("/ready", ready)


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok", "version": VERSION})


@asynccontextmanager
async def operations(
    readiness: Readiness, host: str, port: int, folder: Path
) -> AsyncIterator[None]:
    """Listens on the operations port until left; not at all when that is 0.

    Raises: UserError - that address cannot be had.
    """
    if not port:
        yield
        return
    app = web.Application()
    mount_probes(app, readiness)

    async def metrics(_: web.Request) -> web.Response:
        await readiness.found()  # which is measured
        measures.machine(free_bytes=shutil.disk_usage(folder).free, unix_s=time.time())
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/metrics", metrics)
    async with listening(app, host, port):
        yield


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """The address it listens on, with the port that was free when 0 was asked for.

    Raises: UserError - that address cannot be had.
    """
    runner = web.AppRunner(app, access_log=None, logger=_http_log())
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            number = error.errno or 0
            why = os.strerror(number).lower() if number > 0 else str(error)
            raise UserError(
                f"Listening at {host}:{port}: {why}. Set host or port to another."
            ) from error
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


class _SendersFault(logging.Filter):
    """What cannot be read as HTTP is a line: no traceback, and nothing of what was sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | web.RequestPayloadError):
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg, record.args, record.exc_info = "request_unreadable", (), None
            record.fields = {"why": type(error).__name__}
        return True


_SENDERS_FAULT = _SendersFault()


def _http_log() -> logging.Logger:
    """aiohttp's own, for what no handler has caught."""
    log = logging.getLogger("aiohttp.server")
    log.addFilter(_SENDERS_FAULT)
    return log
