"""The cards that a terminal has shown, kept so that starting again can show them again.

What was drawn is kept before the surface says that it was: a card is either here or spoken anew.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from pydantic import TypeAdapter, ValidationError

from orchestration.cards.model import Card
from orchestration.messages import ThreadId

_CARDS = TypeAdapter(tuple[Card, ...])
_KEPT = 20


class Memory:
    """A folder with one file per thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, thread: ThreadId, cards: Sequence[Card]) -> None:
        """Keep the newest versions of a thread's cards, oldest first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{quote(thread, safe='')}.json"
        new = path.with_suffix(".new")
        new.write_bytes(_CARDS.dump_json(tuple(cards)[-_KEPT:]))
        new.replace(path)

    def kept(self) -> Mapping[ThreadId, tuple[Card, ...]]:
        """What was kept, without files that another version of Signoff wrote otherwise."""
        found = {}
        for path in sorted(self._folder.glob("*.json")):
            try:
                cards = _CARDS.validate_json(path.read_bytes())
            except (ValidationError, OSError):
                continue
            found[ThreadId(unquote(path.stem))] = cards
        return found
