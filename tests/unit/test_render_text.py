import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from bot.render.text import draw, draw_compactly
from orchestration.cards.model import Card, Details, Fact, Facts, Heading, Progress, Text
from tests.doubles.cards import APPLYING, DRAFT

GOLDEN = Path(__file__).parent.parent / "golden" / "cards"


def drawn(card: RenderableType, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(card)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("card", [DRAFT, APPLYING], ids=lambda card: card.kind)
def test_a_card_looks_as_it_did(card: Card, width: int) -> None:
    golden = GOLDEN / f"{card.kind}-{width}.txt"
    assert drawn(draw(card), width) == golden.read_text(encoding="utf-8")


def test_the_first_line_tells_the_reader_what_is_wanted() -> None:
    assert DRAFT.lead in drawn(draw(DRAFT), 80).splitlines()[1]


def test_warnings_are_words_and_not_only_colours() -> None:
    text = drawn(draw(APPLYING), 80)
    assert "Warning: The GPU series" in text
    assert "Problem: storage-ml" in text


def test_text_is_never_taken_for_markup_or_a_control_sequence() -> None:
    text = drawn(draw(APPLYING), 80)
    assert "[not markup]" in text
    assert "\x1b" not in text


def test_folded_details_say_how_to_see_them() -> None:
    text = drawn(draw(DRAFT, folded=True), 80)
    assert "730 hours" not in text
    assert "Assumptions (/open" in text


def test_a_compact_card_keeps_what_is_news_and_what_can_be_done() -> None:
    before = replace(APPLYING, blocks=(Progress("dbw-ml-prod", 2, 5), *APPLYING.blocks[1:]))
    text = drawn(draw_compactly(APPLYING, before), 80)
    assert "3 of 5" in text
    assert "[2] Reject (reason)" in text
    assert "rg-ml-prod is up" not in text


def test_a_compact_card_shows_changed_rows_below_their_heading_and_new_details_folded() -> None:
    def card(workers: str, *details: Details) -> Card:
        facts = Facts((Fact("Region", "East US"), Fact("Workers", workers)))
        blocks = (Heading("stml: fine"), facts, Heading("dbw-ml: planning"), facts, *details)
        return replace(DRAFT, blocks=blocks)

    after = card("1 to 4", Details("Resources (+5)", (Text("a"),)))
    same_elsewhere = replace(after, blocks=(*card("2 to 8").blocks[:2], *after.blocks[2:]))
    text = drawn(draw_compactly(same_elsewhere, card("2 to 8")), 80)
    assert "dbw-ml" in text
    assert "Workers       1 to 4" in text
    assert "Resources (+5) (/open shows it)" in text
    assert "stml" not in text
    assert "Region" not in text


@pytest.mark.parametrize("width", [20, 40, 300])
def test_no_line_is_wider_than_the_terminal_or_than_is_good_to_read(width: int) -> None:
    for card in (DRAFT, APPLYING):
        assert max(map(len, drawn(draw(card), width).splitlines())) <= min(width, 100)
