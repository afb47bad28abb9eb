"""Signoff's own command line, with a clock that is told, by a file, how far ahead it is; and
whatever it asks others for says which process asks.

python -m tests.faults.chaos.process FILE serve
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from multidict import CIMultiDict

from bot.cli import main
from bot.parts import SystemClock

PROCESS = "X-Process"


def follow(file: Path) -> None:
    """Every clock of this process is ahead by the seconds in the file."""

    def now(_: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text()))

    SystemClock.now = now  # type: ignore[method-assign]


def sign_requests() -> None:
    """Each of them has this process's id."""
    request = aiohttp.ClientSession._request

    async def signed(session: aiohttp.ClientSession, *where: Any, **more: Any) -> Any:
        headers = CIMultiDict(more.pop("headers", None) or {})
        headers[PROCESS] = str(os.getpid())
        return await request(session, *where, headers=headers, **more)

    aiohttp.ClientSession._request = signed  # type: ignore[assignment]


if __name__ == "__main__":
    follow(Path(sys.argv[1]))
    sign_requests()
    sys.exit(main(sys.argv[2:]))
