"""One line being typed: keys in, entered lines out. Pure; it draws nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len


@dataclass(frozen=True, slots=True)
class Entered:
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Ctrl-D on an empty line."""


_PASTED = re.compile("\x1b\\[200~(.*?)\x1b\\[201~", re.S)
_KEY = re.compile("\x1b(?:\\[[0-9;?]*[ -/]*[@-~]|O.|.)|.", re.S)
_UNFINISHED = re.compile("\x1b(?:\\[[0-9;?]*|O)?$|\x1b\\[200~(?!.*\x1b\\[201~).*$", re.S)
_NAMES = {
    "\x1b[D": "left",
    "\x1b[C": "right",
    "\x1b[A": "older",
    "\x1b[B": "newer",
    "\x1b[H": "home",
    "\x1b[1~": "home",
    "\x01": "home",
    "\x1b[F": "end",
    "\x1b[4~": "end",
    "\x05": "end",
    "\x1b[3~": "delete",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x17": "word",
    "\x15": "clear",
    "\x0b": "rest",
}


class Editor:
    """The text before and after the cursor, and what was entered earlier."""

    def __init__(self) -> None:
        self._left = ""
        self._right = ""
        self._earlier: list[str] = []
        self._back = 0
        self._unread = ""

    def feed(self, keys: str) -> Iterator[Entered | Ended]:
        """Take what was typed or pasted; what a terminal sent only in part waits for the rest."""
        keys = self._unread + keys
        unfinished = _UNFINISHED.search(keys)
        self._unread = unfinished.group() if unfinished else ""
        keys = keys[: len(keys) - len(self._unread)]
        position = 0
        while position < len(keys):
            found = _PASTED.match(keys, position) or _KEY.match(keys, position)
            assert found is not None
            position = found.end()
            if found.re is _PASTED:
                self._left += re.sub(r"\r\n?", "\n", found[1])
            else:
                yield from self._key(found.group())

    def window(self, width: int) -> tuple[str, int]:
        """The part of the line around the cursor that fits, and the cursor's column in it."""
        left, right = _visible(self._left), _visible(self._right)
        while cell_len(left) >= width:
            left = left[max(1, len(left) // 50) :]
        while cell_len(left) + cell_len(right) >= width:
            right = right[: -max(1, len(right) // 50)]
        return left + right, cell_len(left)

    def _key(self, key: str) -> Iterator[Entered | Ended]:
        if key in "\r\n":
            yield Entered(self._enter())
        elif key == "\x04":
            if not self._left + self._right:
                yield Ended()
        elif name := _NAMES.get(key):
            self._edit(name)
        elif key.isprintable():
            self._left += key

    def _enter(self) -> str:
        text = self._left + self._right
        if text.strip() and self._earlier[-1:] != [text]:
            self._earlier.append(text)
        self._left = self._right = ""
        self._back = 0
        return text

    def _edit(self, name: str) -> None:
        left, right = self._left, self._right
        match name:
            case "older" | "newer":
                self._recall(1 if name == "older" else -1)
                return
            case "left":
                left, right = left[:-1], left[-1:] + right
            case "right":
                left, right = left + right[:1], right[1:]
            case "home":
                left, right = "", left + right
            case "end":
                left, right = left + right, ""
            case _:
                left, right = _shortened(name, left, right)
        self._left, self._right = left, right

    def _recall(self, further: int) -> None:
        self._back = max(0, min(len(self._earlier), self._back + further))
        self._left = self._earlier[-self._back] if self._back else ""
        self._right = ""


def _shortened(name: str, left: str, right: str) -> tuple[str, str]:
    match name:
        case "backspace":
            return left[:-1], right
        case "delete":
            return left, right[1:]
        case "word":
            return re.sub(r"\S*\s*$", "", left), right
        case "clear":
            return "", right
        case "rest":
            return left, ""
    raise ValueError(name)


def _visible(text: str) -> str:
    return text.replace("\n", "⏎").replace("\t", " ")
