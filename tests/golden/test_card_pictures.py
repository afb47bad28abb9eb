"""Cards through the vendors' own renderers in a browser: nothing is refused, all can be pressed.

`python scripts/draw_cards.py FOLDER` draws the pictures, to be looked at.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from bot.render.adaptive import adaptive_card, adaptive_reply, pressed
from bot.render.blocks import block_message
from tests.golden import kinds
from tests.golden.drawing import browser, draw_slack, draw_teams, slack_html

SEEN = {
    "plan": ["Approve", "Reject", "Approve one", "Reject one", "Cancel", "Open the full page"],
    "failure": ["Retry what failed", "Roll back", "Open the full page"],
    "draft-incomplete": ["dev", "test", "staging", "production", "Answer", "Discard"],
    "help": ["Status", "History"],
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    kinds.cards()  # it runs a loop of its own, which it cannot while the browser's runs
    with browser() as started:
        yield started


@pytest.mark.parametrize("name", SEEN)
def test_teams_renderer_refuses_nothing_and_shows_every_button(
    name: str, chromium: Browser
) -> None:
    card = kinds.cards()[name]
    page = kinds.PAGE if card.page else ""
    seen = adaptive_card(card, page_url=page, mentions=kinds.MENTIONS, viewer=kinds.APPROVER)
    drawn = draw_teams(chromium, seen)
    assert drawn.events == []
    assert drawn.buttons() == SEEN[name]
    drawn.page.close()


def test_what_was_typed_comes_back_from_a_form(chromium: Browser) -> None:
    seen = adaptive_card(kinds.cards()["plan"], viewer=kinds.APPROVER)
    drawn = draw_teams(chromium, seen)
    drawn.page.get_by_role("button", name="Reject", exact=True).click()
    drawn.page.get_by_role("textbox").first.fill("Too many workers")
    drawn.page.get_by_role("button", name="Reject", exact=True).last.click()
    [sent] = drawn.page.evaluate("window.pressed")
    said = pressed(sent)
    assert (said.card, said.verb) == ("deployment:d-7f3a", "reject")
    assert said.inputs == {"reason": "Too many workers"}
    drawn.page.close()


def test_a_reason_is_asked_for_before_a_rejection_is_sent(chromium: Browser) -> None:
    drawn = draw_teams(chromium, adaptive_card(kinds.cards()["plan"], viewer=kinds.APPROVER))
    drawn.page.get_by_role("button", name="Reject", exact=True).click()
    drawn.page.get_by_role("button", name="Reject", exact=True).last.click()
    assert drawn.page.evaluate("window.pressed") == []
    assert "Please fill this in." in drawn.page.locator("#card").inner_text()
    drawn.page.close()


def test_details_are_shown_on_demand(chromium: Browser) -> None:
    drawn = draw_teams(chromium, adaptive_card(kinds.cards()["plan"]))
    values = drawn.page.get_by_text("three copies in separate datacentres")
    assert not values.is_visible()
    drawn.page.get_by_text("Values and their origin").click()
    assert values.is_visible()
    drawn.page.close()


def test_a_narrow_chat_cuts_no_button(chromium: Browser) -> None:
    seen = adaptive_card(kinds.cards()["plan"], page_url=kinds.PAGE, viewer=kinds.APPROVER)
    drawn = draw_teams(chromium, seen, width=280)
    cut = "b => [...b.querySelectorAll('*')].some(e => e.scrollWidth > e.clientWidth + 1)"
    assert [b for b in drawn.page.locator("button").all() if b.evaluate(cut)] == []
    drawn.page.close()


def test_a_question_shows_its_choices(chromium: Browser) -> None:
    drawn = draw_teams(chromium, adaptive_reply(kinds.QUESTION))
    assert drawn.events == []
    assert drawn.buttons() == [*kinds.QUESTION.choices]
    drawn.page.close()


def test_slack_shows_every_button_and_folds_the_details(chromium: Browser) -> None:
    message = block_message(kinds.cards()["plan"])
    [html] = slack_html([{"blocks": message["blocks"], "theme": "light"}])
    drawn = draw_slack(chromium, html)
    labels = ["Approve", "Reject…", "Approve one…", "Reject one…", "Cancel"]
    assert drawn.buttons()[: len(labels)] == labels
    assert not drawn.page.get_by_text("three copies in separate datacentres").is_visible()
    drawn.page.close()
