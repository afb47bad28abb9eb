"""Finding words in a text, each piece of it used once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    key: str
    start: int
    end: int
    words: str = ""


class Taken:
    """Which pieces of a text have been read already."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def take(self, start: int, end: int) -> bool:
        """Whether the piece was free; it is not any more."""
        if any(start < other_end and other_start < end for other_start, other_end in self._spans):
            return False
        self._spans.append((start, end))
        return True

    @property
    def count(self) -> int:
        """How many pieces have been read."""
        return len(self._spans)

    def free(self, start: int, end: int) -> bool:
        return not any(start < b and a < end for a, b in self._spans)


class Gazetteer:
    """Phrases with a meaning; the longest phrase wins."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """`phrases` are (what is written, what it means)."""
        self._meaning = {_key(phrase): meaning for phrase, meaning in phrases}
        ordered = sorted({phrase for phrase, _ in self._pairs()}, key=len, reverse=True)
        body = "|".join(re.escape(phrase).replace(r"\ ", r"[\s\-_]+") for phrase in ordered)
        self._pattern = re.compile(rf"(?<![\w\-.@/])(?:{body})(?:'?s)?(?![\w@/])(?!-\w)")

    def _pairs(self) -> Iterable[tuple[str, str]]:
        return self._meaning.items()

    def find(self, text: str, taken: Taken) -> list[Found]:
        found = []
        for match in self._pattern.finditer(text):
            meaning = self._meaning.get(_key(match.group())) or self._meaning.get(
                _key(match.group()).removesuffix("s").removesuffix("'")
            )
            if meaning and taken.take(*match.span()):
                found.append(Found(meaning, *match.span(), match.group()))
        return found


def _key(phrase: str) -> str:
    return re.sub(r"[\s\-_]+", " ", phrase.lower()).strip()
