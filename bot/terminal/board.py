"""What has been shown in each thread, and which button a typed one means."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from approvals.principals import PrincipalId
from bot.terminal.lines import Press
from orchestration.cards.model import Button, Card
from orchestration.errors import UserError
from orchestration.messages import ThreadId

CHOICES: Final = "question"
"""The kind of the card that stands for a reply's choices: pressing one says it."""


@dataclass(frozen=True, slots=True)
class Target:
    card: Card
    button: Button


class Board:
    """The cards of each thread in the order of posting, with every version shown of each."""

    def __init__(self) -> None:
        self._threads: dict[ThreadId, dict[str, list[Card]]] = {}

    def post(self, thread: ThreadId, card: Card) -> None:
        """Put a card last."""
        cards = self._threads.setdefault(thread, {})
        cards[card.id] = [*cards.pop(card.id, []), card]

    def update(self, thread: ThreadId, card: Card) -> bool:
        """Put a newer version where the card is; last, and False, if it was not there."""
        versions = self._threads.setdefault(thread, {}).setdefault(card.id, [])
        versions.append(card)
        return len(versions) > 1

    def newest(self, thread: ThreadId, id: str) -> Card | None:
        versions = self._threads.get(thread, {}).get(id)
        return versions[-1] if versions else None

    def offer(self, thread: ThreadId, question: str, choices: Sequence[str]) -> None:
        buttons = tuple(Button(choice, "say") for choice in choices)
        self.post(thread, Card(CHOICES, CHOICES, question, "", buttons=buttons))

    def answered(self, thread: ThreadId) -> None:
        """Something was said: choices offered before it are no longer asked for."""
        self._threads.get(thread, {}).pop(CHOICES, None)

    def newest_first(self, thread: ThreadId) -> Iterator[Card]:
        return (versions[-1] for versions in reversed(self._threads.get(thread, {}).values()))

    def oldest_first(self, thread: ThreadId) -> tuple[Card, ...]:
        """The thread's cards, without choices: those go with the moment."""
        shown = [versions[-1] for versions in self._threads.get(thread, {}).values()]
        return tuple(card for card in shown if card.kind != CHOICES)

    def open_cards(self, thread: ThreadId) -> tuple[Card, ...]:
        """Those on which something can still be done."""
        return tuple(card for card in self.oldest_first(thread) if card.buttons)

    def version(self, thread: ThreadId, card: str) -> int:
        return len(self._threads[thread][card])

    def card(self, thread: ThreadId, id: str, version: int | None = None) -> Card:
        """The card of that id, else the newest whose id starts so.

        Raises: UserError - no such card, or version of it, has been shown in the thread.
        """
        cards = self._threads.get(thread, {})
        starting = [versions for known, versions in cards.items() if known.startswith(id)]
        versions = cards.get(id) or (starting[-1] if starting else [])
        if not versions:
            shown = ", ".join(f"#{card.id}" for card in self.newest_first(thread)) or "none yet"
            raise UserError(f"There is no card #{id} in {thread}. Cards: {shown}.")
        if version is None:
            return versions[-1]
        if not 1 <= version <= len(versions):
            raise UserError(f"Card #{id} has versions 1 to {len(versions)}, not {version}.")
        return versions[version - 1]

    def find(self, thread: ThreadId, press: Press, by: PrincipalId) -> Target:
        """The button meant: the label, else the number, else the only label that starts so;
        on the card addressed, else on the newest card that has one.

        Raises: UserError - there is none, or more than one; it lists what exists.
        """
        cards = (
            [self.card(thread, press.card, press.version)]
            if press.card
            else list(self.newest_first(thread))
        )
        for card in cards:
            if button := _button(card, press.button, by):
                return Target(card, button)
        raise UserError(f"There is no button {press.button!r} in {thread}. {_listed(cards)}")


def _button(card: Card, wanted: str, by: PrincipalId) -> Button | None:
    folded = wanted.casefold()
    labelled = [button for button in card.buttons if button.label.casefold() == folded]
    if labelled:
        return (_meant_for(by, labelled) or labelled)[0]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(card.buttons):
        return card.buttons[int(wanted) - 1]
    starting = [b for b in card.buttons if folded and b.label.casefold().startswith(folded)]
    candidates = starting if len(starting) < 2 else _meant_for(by, starting) or starting
    if len(candidates) > 1:
        labels = ", ".join(repr(button.label) for button in candidates)
        raise UserError(f"{wanted!r} could be {labels} on #{card.id}. Write which.")
    return candidates[0] if candidates else None


def _meant_for(by: PrincipalId, buttons: Sequence[Button]) -> list[Button]:
    return [button for button in buttons if button.audience is None or by in button.audience]


def _listed(cards: Sequence[Card]) -> str:
    listed = [
        f"#{card.id}: " + ", ".join(f"[{n}] {b.label}" for n, b in enumerate(card.buttons, 1))
        for card in cards
        if card.buttons
    ]
    return f"Buttons: {'; '.join(listed)}." if listed else "There are no buttons yet."
