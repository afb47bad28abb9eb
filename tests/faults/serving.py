"""`signoff serve` as a process of its own, which can be killed and started again."""

import asyncio
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[2]
_LISTENS = re.compile(r"http://[\d.]+:\d+")
_PATIENCE_S = 60.0


class Server:
    """Told by the environment, as on a real machine."""

    def __init__(
        self,
        store: Path,
        settings: Mapping[str, object],
        command: Sequence[str] = ("-m", "bot.cli", "serve"),
        *,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._command = command
        told = {"store": store, "port": 0, "prices_live": "false", "sandbox_speed": 0, **settings}
        own = {f"SIGNOFF_{name.upper()}": str(value) for name, value in told.items()}
        self._environment = {**os.environ, **own, **environment, "PYTHONPATH": str(ROOT)}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> str:
        """The address it listens on."""
        await self.begin()
        line = await self.line()
        found = _LISTENS.search(line)
        assert found, f"it did not start: {line!r}"
        return found[0]

    async def begin(self) -> None:
        """Whatever it may come to."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, *self._command),
            env=self._environment,
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )

    async def line(self) -> str:
        """The next one that it says."""
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(_PATIENCE_S):
            return (await self._process.stdout.readline()).decode()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def code(self) -> int | None:
        """How it ended, None while it runs."""
        assert self._process is not None
        return self._process.returncode

    def kill(self) -> None:
        """`kill -9`, now."""
        assert self._process is not None
        self._process.kill()

    async def gone(self) -> None:
        assert self._process is not None
        async with asyncio.timeout(_PATIENCE_S):
            await self._process.wait()

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self.gone()
