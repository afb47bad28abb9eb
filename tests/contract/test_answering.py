"""Answers filled in on a draft's card: what is good is kept, what is not is asked again."""

import pytest

from approvals.principals import PrincipalId
from bot.render.adaptive import adaptive_card
from bot.render.blocks import block_message, form
from capabilities.registry import catalogue
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.cards.model import Button, Card
from orchestration.messages import Clicked, EventId
from orchestration.outbox import CardRef
from orchestration.planner.desk import Answer, Show
from orchestration.views import View
from tests.doubles.house import THREAD, House, draft
from tests.doubles.talk import Talk


@pytest.fixture
def talk(home: House) -> Talk:
    return Talk(home)


def view(talk: Talk) -> View:
    home = talk.home
    prices = SnapshotPrices.load()
    return View(talk.heads, home.deployments(), catalogue(), prices, home.people)


async def card(talk: Talk) -> Card:
    return await view(talk).card(CardRef("draft", (await talk.session()).draft_key))


async def answers(talk: Talk, **inputs: str) -> list[str]:
    named = {key.replace("__", "."): value for key, value in inputs.items()}
    event = EventId(f"click-{'-'.join(named.values())}")
    now = talk.home.clock.now()
    return await talk.hears(Clicked(event, THREAD, PrincipalId("ana"), "answer", now, inputs=named))


def asking(card: Card) -> Button:
    return next(button for button in card.buttons if button.verb == "answer" and button.inputs)


async def test_a_good_answer_is_kept_when_the_one_beside_it_cannot_be_used(talk: Talk) -> None:
    talk.planner.answers["storage"] = Answer("Here it is.", draft("storage"))
    await talk.says("ana", "storage")
    told = await answers(talk, storage__expected_gb="a lot", storage__containers="raw, curated")
    assert told == ["'a lot' is no Expected GB: say a number."]
    said = (await talk.session()).draft.step("storage").said
    assert "expected_gb" not in said
    assert said["containers"].value == ["raw", "curated"]


async def test_what_was_typed_is_asked_again_with_the_reason_until_it_is_answered(
    talk: Talk,
) -> None:
    talk.planner.answers["storage"] = Answer("Here it is.", draft("storage"))
    await talk.says("ana", "storage")
    await answers(talk, storage__expected_gb="a lot", region="West Europe")
    shown = await card(talk)
    [field] = asking(shown).inputs
    assert (field.value, shown.lead) == (
        "a lot",
        "Something here cannot be used; please change it.",
    )
    assert "'a lot'" in field.problem
    assert '"value": "a lot"' in str(adaptive_card(shown)).replace("'", '"')
    actions = [b for b in block_message(shown)["blocks"] if b["type"] == "actions"]
    assert any(form(e) == (field,) for b in actions for e in b["elements"])
    assert (await talk.session()).draft.shared["region"].value == "westeurope"
    await answers(talk, storage__expected_gb="250")
    assert not any(button.inputs for button in (await card(talk)).buttons)


async def test_a_value_that_breaks_a_rule_is_asked_again_as_it_was_said(talk: Talk) -> None:
    bad = draft("storage", account_name="ML-Curated")
    talk.planner.answers["storage"] = Answer("Here it is.", bad)
    await talk.says("ana", "storage")
    [field] = asking(await card(talk)).inputs
    assert (field.name, field.value) == ("storage.account_name", "ML-Curated")
    assert "a-z and 0-9" in field.problem
    await answers(talk, storage__account_name="mlcurated")
    assert not any(button.inputs for button in (await card(talk)).buttons)


async def test_history_and_help_are_cards(talk: Talk) -> None:
    await talk.home.submit(draft("storage"))
    views = view(talk)
    history = await views.card(CardRef("history", "e-1"))
    assert (history.id, history.kind) == ("history:e-1", "history")
    assert "asked by ana" in str(history.blocks)
    listed = await views.card_called("help:e-1")
    assert {title for title in ("Storage account", "Azure OpenAI") if title in str(listed)} == {
        "Storage account",
        "Azure OpenAI",
    }


@pytest.mark.parametrize(("show", "kind"), [(Show.HISTORY, "history"), (Show.CATALOGUE, "help")])
async def test_who_asks_for_a_list_gets_its_card_and_no_text_beside_it(
    talk: Talk, show: Show, kind: str
) -> None:
    talk.planner.answers["list"] = Answer("a; b", draft(), show=show)
    shown: list[object] = []
    talk.watch = shown.append
    assert await talk.says("ana", "list") == []
    [ref] = shown
    assert isinstance(ref, CardRef)
    assert ref.kind == kind
