"""Every kind of card on every surface, kept as files, so that a change is seen in a review; each
valid by the vendors' own schemas. UPDATE_GOLDEN=1 writes them again."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.render import blocks
from bot.render.adaptive import adaptive_card, adaptive_reply
from bot.render.text import draw
from orchestration.cards.model import Card
from tests import card_lint
from tests.block_lint import BlockLint
from tests.golden import kinds

KEPT = Path(__file__).parent / "cards" / "drawn"
CARDS = (
    "draft-incomplete",
    "draft-complete",
    "draft-refused",
    "planning",
    "plan",
    "plan-half-signed",
    "plan-difference",
    "plan-long",
    "plan-destroy",
    "step",
    "queue",
    "progress",
    "result",
    "failure",
    "history",
    "help",
)
DECIDED = ("plan", "plan-half-signed", "plan-difference", "plan-long", "step", "queue")


@pytest.fixture(scope="session")
def block_lint(tmp_path_factory: pytest.TempPathFactory) -> BlockLint:
    return BlockLint(tmp_path_factory.mktemp("slack-schemas"))


def test_every_kind_of_card_is_drawn() -> None:
    assert {*kinds.cards()} == {*CARDS}


@pytest.mark.parametrize("name", CARDS)
def test_teams_shows_everybody_a_valid_card_as_kept(name: str) -> None:
    card = kinds.cards()[name]
    drawn = adaptive_card(card, page_url=_page(card), mentions=kinds.MENTIONS)
    assert card_lint.problems(drawn) == []
    _check(f"{name}.teams-everybody.json", _json(drawn))


@pytest.mark.parametrize("name", DECIDED)
def test_teams_shows_an_approver_a_valid_card_as_kept(name: str) -> None:
    card = kinds.cards()[name]
    seen = {"mentions": kinds.MENTIONS, "viewer": kinds.APPROVER}
    drawn = adaptive_card(card, page_url=_page(card), **seen)
    assert card_lint.problems(drawn) == []
    _check(f"{name}.teams-approver.json", _json(drawn))


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("profile", ["modern", "classic", "text"])
def test_slack_takes_a_message_as_kept(name: str, profile: Any, block_lint: BlockLint) -> None:
    card = kinds.cards()[name]
    drawn = blocks.block_message(card, page_url=_page(card), profile=profile)
    assert block_lint.message(drawn) == []
    _check(f"{name}.slack-{profile}.json", _json(drawn))


@pytest.mark.parametrize("name", CARDS)
def test_the_terminal_shows_it_as_kept(name: str) -> None:
    out = io.StringIO()
    folded = name not in {"plan", "draft-complete"}
    Console(file=out, width=80, highlight=False).print(draw(kinds.cards()[name], folded=folded))
    text = "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
    _check(f"{name}.terminal.txt", text)


@pytest.mark.parametrize("name", ["question", "refusal"])
def test_a_question_and_a_refusal_are_as_kept(name: str, block_lint: BlockLint) -> None:
    reply = kinds.replies()[name]
    teams = adaptive_reply(reply, mentions=kinds.MENTIONS)
    slack = blocks.block_reply(reply, mentions=kinds.MENTIONS)
    assert card_lint.problems(teams) == []
    assert block_lint.message(slack) == []
    _check(f"{name}.teams.json", _json(teams))
    _check(f"{name}.slack.json", _json(slack))


@pytest.mark.parametrize("name", CARDS)
def test_every_form_opens_as_a_valid_view(name: str, block_lint: BlockLint) -> None:
    drawn = blocks.block_message(kinds.cards()[name])
    for action in _actions(drawn):
        if blocks.form(action):
            assert block_lint.view(blocks.modal(action)) == []


def _actions(message: Any) -> list[Any]:
    return [e for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


def _page(card: Card) -> str:
    return kinds.PAGE if card.page else ""


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _check(name: str, text: str) -> None:
    kept = KEPT / name
    if os.environ.get("UPDATE_GOLDEN"):
        KEPT.mkdir(exist_ok=True)
        kept.write_text(text, "utf-8")
    assert text == kept.read_text("utf-8")
