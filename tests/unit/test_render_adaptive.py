"""Adaptive Cards: hostile text stays text, buttons bring back what they are about, cards fit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.principals import PrincipalId
from bot.render import adaptive_elements
from bot.render.adaptive import adaptive_card, adaptive_reply, pressed
from bot.render.mention import Mention
from bot.render.pressed import REFRESH, SAY, Pressed
from orchestration.cards.model import (
    Block,
    Button,
    Card,
    Details,
    Fact,
    Facts,
    InputField,
    Table,
    Text,
)
from orchestration.errors import UserError
from orchestration.messages import Reply
from tests.card_lint import problems

OMAR, MIA = PrincipalId("omar"), PrincipalId("mia")
MENTIONS = {OMAR: Mention("Omar", "29:omar"), MIA: Mention("Mia", "29:mia")}
APPROVE = Button("Approve", "approve", {"step": "*"}, audience=frozenset({OMAR}), tone="good")
REJECT = Button(
    "Reject", "reject", {"step": "*"}, (InputField("reason", "Why", required=True),), tone="bad"
)
CARD = Card("deployment:d-1", "plan", "Waiting.", "A title", buttons=(APPROVE, REJECT))


def _nodes(value: object) -> list[dict[str, object]]:
    if isinstance(value, dict):
        return [value, *(n for v in value.values() for n in _nodes(v))]
    return [n for v in value for n in _nodes(v)] if isinstance(value, list) else []


def _titles(drawn: object) -> list[str]:
    return [
        str(node["title"])
        for node in _nodes(drawn)
        if node.get("type") in {"Action.Execute", "Action.ShowCard", "Action.OpenUrl"}
    ]


def _execute(drawn: object, verb: str) -> dict[str, object]:
    return next(n for n in _nodes(drawn) if n.get("verb") == verb)


def test_everybody_gets_the_buttons_without_an_audience_and_a_way_to_their_own() -> None:
    drawn = adaptive_card(CARD, mentions=MENTIONS)
    assert "Approve" not in _titles(drawn)
    assert _titles(drawn)[0] == "Show my buttons"
    assert pressed(_execute(drawn, REFRESH)) == Pressed("deployment:d-1", REFRESH)
    assert drawn["refresh"]["userIds"] == ["29:omar"]


def test_a_viewer_gets_the_buttons_that_are_meant_for_them() -> None:
    seen = adaptive_card(CARD, viewer=OMAR)
    assert "Approve" in _titles(seen)
    assert "Show my buttons" not in _titles(seen)
    assert "Approve" not in _titles(adaptive_card(CARD, viewer=MIA))


def test_at_most_sixty_people_are_refreshed_by_themselves() -> None:
    many = frozenset(PrincipalId(f"p{n}") for n in range(80))
    rows = Facts(tuple(Fact(f"Value {n}", "x" * 200) for n in range(60)))
    card = replace(CARD, buttons=(replace(APPROVE, audience=many),), blocks=(rows,))
    drawn = adaptive_card(card, mentions={p: Mention(p, f"29:{p:0>100}") for p in many})
    assert len(drawn["refresh"]["userIds"]) == 60
    assert problems(drawn) == []


def test_a_button_brings_back_what_it_is_about_however_the_client_sends_it() -> None:
    action = _execute(adaptive_card(CARD, viewer=OMAR), "approve")
    about = Pressed("deployment:d-1", "approve", {"step": "*"})
    assert pressed(action) == about
    assert pressed(action["fallback"]["data"]) == about  # type: ignore[index]


def test_only_the_answers_of_the_pressed_buttons_own_form_come_back() -> None:
    other = replace(REJECT, label="Reject one", verb="reject-one")
    drawn = adaptive_card(replace(CARD, buttons=(REJECT, other)))
    data = dict(_execute(drawn, "reject-one")["data"])  # type: ignore[call-overload]
    inputs = [n for n in _nodes(drawn) if str(n.get("type")).startswith("Input.")]
    typed = {str(field["id"]): "typed" for field in inputs}
    assert len(typed) == 2
    assert pressed({"data": data | typed}).inputs == {"reason": "typed"}


@pytest.mark.parametrize(
    "junk",
    [
        None,
        [],
        "approve",
        {},
        {"data": 7},
        {"signoff": 7},
        {"signoff": {"verb": "x"}},
        {"signoff": {"card": "c", "verb": 3}},
        {"signoff": {"card": "c", "verb": "v", "data": {"a": 1}}},
        {"signoff": {"card": "c", "verb": "v", "data": [], "form": "~0"}},
        {"signoff": {"card": "c", "verb": "v", "form": "~0"}, "reason~0": ["a"]},
    ],
)
def test_junk_is_refused_with_a_sentence(junk: object) -> None:
    with pytest.raises(UserError, match="this button cannot be used"):
        pressed(junk)


def test_what_was_typed_stays_in_an_open_form_with_the_reason() -> None:
    drawn = adaptive_card(
        CARD, viewer=OMAR, filled={"reason": "too big"}, problem="Somebody was faster."
    )
    [field] = [n for n in _nodes(drawn["body"]) if n.get("type") == "Input.Text"]
    assert field["value"] == "too big"
    assert not any(n.get("type") == "Action.ShowCard" for n in _nodes(drawn))
    assert "Somebody was faster." in str(drawn["body"][0])


def test_a_field_with_a_problem_is_drawn_open_and_says_it_once() -> None:
    why = "Account name has only a-z and 0-9."
    field = InputField("storage.account_name", "Account name", "ML-Data", problem=why)
    card = Card(
        "d", "draft", "Look.", "", (Text(why, "warning"),), (Button("C", "a", {}, (field,)),)
    )
    drawn = adaptive_card(card)
    assert str(drawn).count(why) == 1
    assert "ML-Data" in str(drawn)


HOSTILE = st.text(alphabet="ab1 *_[]()<>`~#-+.!{}\\\n\u202e\u200b@", max_size=60)


@given(HOSTILE)
def test_hostile_text_never_breaks_a_card(text: str) -> None:
    blocks: tuple[Block, ...] = (
        Text(text, "warning"),
        Facts((Fact(text, text, text),)),
        Details(text or "x", (Facts((Fact(text, text),)), Table(("A",), ((text,),)))),
    )
    field = InputField("f", text or "x", text, (text or "x",))
    card = Card("c", "plan", text or "x", text, blocks, (Button(text or "x", "v", {}, (field,)),))
    drawn = adaptive_card(card)
    assert [p for p in problems(drawn) if "label" not in p and "title" not in p] == []
    assert not any("\u202e" in str(n.get("text", "")) for n in _nodes(drawn))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* and `code`", r"\*bold\* and \`code\`"),
        ("[link](https://evil.example)", r"\[link\](https://evil.example)"),
        ("<at>Mia</at>", r"\<at>Mia\</at>"),
        ("_x_ but Standard_NC4as_T4_v3", r"\_x\_ but Standard_NC4as_T4_v3"),
        ("# heading", r"\# heading"),
        ("1. one", r"1\. one"),
        ("prices of 0.5. Then", "prices of 0.5. Then"),
        ("{{DATE(2026-01-01)}}", "{\u2009{DATE(2026-01-01)}}"),
    ],
)
def test_only_what_is_markdown_is_escaped(text: str, shown: str) -> None:
    assert adaptive_elements.escaped(text) == shown


def test_a_mention_is_written_exactly_as_it_is_declared() -> None:
    tricky = {OMAR: Mention("Omar <b> *H*", "29:omar")}
    drawn = adaptive_reply(Reply("Please look.", OMAR), mentions=tricky)
    assert problems(drawn) == []
    [entity] = drawn["msteams"]["entities"]
    assert entity["mentioned"]["id"] == "29:omar"


def test_what_does_not_fit_is_left_out_with_words_and_decisions_stay() -> None:
    rows = Facts(tuple(Fact(f"Value {n}", "x" * 200) for n in range(60)))
    card = replace(CARD, blocks=(rows, Details("All", (rows, rows))))
    drawn = adaptive_card(card, viewer=OMAR, page_url="https://signoff.example/d/1")
    assert problems(drawn) == []
    assert "Not all fits here" in str(drawn)
    assert {"Approve", "Reject", "Open the full page"} <= {*_titles(drawn)}


def test_a_property_that_the_package_does_not_know_is_an_error_and_not_left_out() -> None:
    with pytest.raises(TypeError, match="TextBlock has no such property"):
        adaptive_elements.block("x", colour="red")


def test_a_choice_says_itself() -> None:
    drawn = adaptive_reply(Reply("Which?", choices=("A *b*", "C")))
    assert problems(drawn) == []
    assert pressed(_execute(drawn, SAY)) == Pressed("", SAY, {"text": "A *b*"})


def test_a_refusal_mentions_the_person_it_is_for() -> None:
    drawn = adaptive_reply(Reply("You asked for it yourself.", MIA), mentions=MENTIONS)
    assert problems(drawn) == []
    assert drawn["msteams"]["entities"][0]["mentioned"]["id"] == "29:mia"


def test_a_reply_mentions_everybody_whom_it_calls_once() -> None:
    drawn = adaptive_reply(Reply("Please look.", MIA, calls=(OMAR, MIA)), mentions=MENTIONS)
    assert problems(drawn) == []
    called = [entity["mentioned"]["id"] for entity in drawn["msteams"]["entities"]]
    assert called == ["29:mia", "29:omar"]
