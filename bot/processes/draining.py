"""A process that was told to go takes nothing new, ends what it has, and hurries if told again."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Draining:
    """`begun` is set by the first signal, `hurry` by the second; neither is taken back."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.hurry = asyncio.Event()

    def told(self) -> None:
        (self.hurry if self.begun.is_set() else self.begun).set()

    @contextmanager
    def heeding_signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C are taken as being told."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.told)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    @contextmanager
    def hurrying(self, quit: Callable[[], object]) -> Iterator[None]:
        """`quit` is called when it is told to hurry, while inside."""
        waiting = asyncio.create_task(self._when_hurried(quit))
        try:
            yield
        finally:
            waiting.cancel()

    async def _when_hurried(self, quit: Callable[[], object]) -> None:
        await self.hurry.wait()
        quit()
