"""A program in a terminal of its own: typed into, and read until it has said something."""

import codecs
import os
import pty
import select
import termios
from collections.abc import Sequence
from pathlib import Path
from subprocess import Popen
from time import monotonic
from types import TracebackType

_PATIENCE_S = 60.0
_ROWS, _COLUMNS = 50, 150


class Terminal:
    """Ends its program by its id when left, if it has not ended by itself."""

    def __init__(self, command: Sequence[str], *, cwd: Path) -> None:
        self._keys, theirs = pty.openpty()
        termios.tcsetwinsize(self._keys, (_ROWS, _COLUMNS))
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        environment = {**os.environ, "TERM": "xterm"}
        self._process = Popen(command, cwd=cwd, env=environment, **streams)  # type: ignore[call-overload]
        os.close(theirs)
        self._seen = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if error is not None:
            self._process.terminate()
        while self._process.poll() is None:
            self._read()  # or a full terminal would keep it from ending
        os.close(self._keys)

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    def type(self, line: str) -> None:
        """Type a line; what was said before is forgotten."""
        self._seen = ""
        os.write(self._keys, f"{line}\r".encode())

    def wait_for(self, text: str) -> None:
        """Raises: TimeoutError - it was not said; what was is in it."""
        deadline = monotonic() + _PATIENCE_S
        while text not in self._seen:
            if monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError(f"waiting for {text!r} in {self._seen[-2000:]!r}")
            self._read()

    def _read(self) -> None:
        readable, _, _ = select.select([self._keys], [], [], 0.2)
        if not readable:
            return
        try:
            self._seen += self._decoder.decode(os.read(self._keys, 65_536))
        except OSError:  # the program has closed it
            self._process.wait(_PATIENCE_S)
