"""As much of a terminal as the live screen needs: rows of text, a cursor, scrolling."""

import io
import re

_PART = re.compile(r"\x1b\[\?[0-9]+[hl]|\x1b\[([0-9;]*)([A-Za-z])|.", re.S)


class FakeTerminal(io.StringIO):
    """What is in sight after everything that was written; styles are ignored."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._width, self._height = width, height
        self._rows = [""]
        self._row = self._column = 0

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        for part in _PART.finditer(text):
            if part[2]:
                self._control(part[2], int(part[1] or "1") if part[1].isdigit() else 1)
            elif not part.group().startswith("\x1b"):
                self._put(part.group())
        return len(text)

    def in_sight(self) -> str:
        return "\n".join(row.rstrip() for row in self._rows[-self._height :])

    def _control(self, letter: str, count: int) -> None:
        match letter:
            case "A":
                top = max(0, len(self._rows) - self._height)
                self._row = max(top, self._row - count)
            case "C":
                self._column = min(self._width - 1, self._column + count)
            case "J":
                del self._rows[self._row + 1 :]
                self._rows[self._row] = self._rows[self._row][: self._column]

    def _put(self, character: str) -> None:
        match character:
            case "\r":
                self._column = 0
            case "\n":
                self._row += 1
                self._column = 0
                self._rows += [""] * (self._row + 1 - len(self._rows))
            case _:
                assert self._column < self._width, "a row wrapped"
                row = self._rows[self._row].ljust(self._column)
                self._rows[self._row] = row[: self._column] + character + row[self._column + 1 :]
                self._column += 1
