from dataclasses import replace

import pytest
from rich.console import Console

from bot.terminal.editor import Editor
from bot.terminal.live_screen import LiveScreen
from bot.terminal.people import People
from orchestration.cards.model import Card, Progress
from orchestration.messages import Reply, ThreadId
from tests.doubles.cards import APPLYING
from tests.doubles.terminal import FakeTerminal

INFRA = ThreadId("infra")
LATER = replace(APPLYING, lead="Done.", blocks=(Progress("dbw", 5, 5),), buttons=())


class Seen:
    def __init__(self, height: int) -> None:
        self.terminal = FakeTerminal(80, height)
        self.editor = Editor()
        console = Console(file=self.terminal, width=80, height=height, force_terminal=True)
        self.screen = LiveScreen(console, People(()), self.editor)
        self.screen.prompt("ana (infra) > ")

    def types(self, keys: str) -> None:
        list(self.editor.feed(keys))
        self.screen.typing()

    @property
    def text(self) -> str:
        return self.terminal.in_sight()


def post(seen: Seen, card: Card) -> None:
    seen.screen.card(INFRA, card, 1)


def test_a_card_changes_in_place_and_what_follows_stays() -> None:
    seen = Seen(height=40)
    post(seen, APPLYING)
    seen.screen.message(INFRA, Reply("Anything else?"))
    seen.types("mia! App")
    seen.screen.update(INFRA, LATER, 2)
    assert seen.text.count("#dep-7f3a") == 1
    assert "Applying" not in seen.text
    assert "5 of 5" in seen.text
    assert seen.text.index("Done.") < seen.text.index("Anything else?")
    assert seen.text.endswith("ana (infra) > mia! App")


def test_a_card_out_of_sight_is_drawn_again_below_in_short_and_then_in_place() -> None:
    seen = Seen(height=16)
    post(seen, APPLYING)
    for number in range(10):
        seen.screen.message(INFRA, Reply(f"message {number}"))
    for done in (3, 4, 5):
        card = replace(LATER, blocks=(Progress("dbw", done, 5),))
        seen.screen.update(INFRA, card, done)
    assert seen.text.count("of 5") == 1
    assert "5 of 5" in seen.text
    assert seen.text.index("message 9") < seen.text.index("Done.")


@pytest.mark.parametrize("height", [5, 9, 12, 24])
def test_a_card_higher_than_the_terminal_does_not_break_what_is_typed(height: int) -> None:
    seen = Seen(height)
    post(seen, APPLYING)
    seen.types("hello")
    seen.screen.update(INFRA, LATER, 2)
    seen.screen.update(INFRA, replace(LATER, lead="Really done."), 3)
    assert "Really done." in seen.text or height == 5
    assert seen.text.endswith("ana (infra) > hello")


def test_a_long_line_is_shown_around_the_cursor_in_one_row() -> None:
    seen = Seen(height=10)
    seen.types("x" * 3000 + "end")
    assert seen.text.endswith("xend")
    assert len(seen.text.splitlines()[-1]) <= 80


def test_a_card_in_another_thread_with_the_same_id_is_another_card() -> None:
    seen = Seen(height=60)
    post(seen, APPLYING)
    seen.screen.card(ThreadId("web"), APPLYING, 1)
    seen.screen.update(INFRA, LATER, 2)
    assert seen.text.count("Applying: 3 of 5") == 1
