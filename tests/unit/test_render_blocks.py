"""Block Kit: hostile text stays text, values fit, forms open from the value alone."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.principals import PrincipalId
from bot.render import blocks
from bot.render.block_text import escaped, fenced, link, mention
from bot.render.mention import Mention
from bot.render.pressed import SAY, Pressed
from orchestration.cards.model import (
    Block,
    Button,
    Card,
    Details,
    Fact,
    Facts,
    Heading,
    InputField,
    Table,
    Text,
)
from orchestration.errors import UserError
from orchestration.messages import Reply
from tests.block_lint import problems

REASON = InputField("reason", "Why, and what would have to change", required=True, long=True)
APPROVE = Button("Approve", "approve", {"step": "*"}, audience=frozenset({PrincipalId("omar")}))
REJECT = Button("Reject", "reject", {"step": "*"}, (REASON,), tone="bad")
DESTROY = Button("Tear down", "destroy", {"deployment": "d-1"}, tone="bad")
CARD = Card("deployment:d-1", "plan", "Waiting.", "A title", buttons=(APPROVE, REJECT, DESTROY))
PAGE = "https://signoff.example/d/1"


def _actions(message: Mapping[str, Any]) -> list[Any]:
    return [e for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


def _markup(value: object) -> list[str]:
    """The texts that Slack reads as markup."""
    if isinstance(value, dict):
        own = [str(value["text"])] if value.get("type") == "mrkdwn" else []
        return [*own, *(text for inner in value.values() for text in _markup(inner))]
    return [text for inner in value for text in _markup(inner)] if isinstance(value, list) else []


def test_a_button_brings_back_what_it_is_about() -> None:
    approve, *_ = _actions(blocks.block_message(CARD))
    assert blocks.pressed(approve) == Pressed("deployment:d-1", "approve", {"step": "*"})
    assert blocks.form(approve) == ()


def test_a_form_opens_from_the_buttons_value_alone_and_brings_back_the_answers() -> None:
    reject = _actions(blocks.block_message(CARD))[1]
    assert blocks.form(reject) == (REASON,)
    view = blocks.modal(reject)
    state = {"values": {"reason": {"answer": {"type": "plain_text_input", "value": "too big"}}}}
    said = blocks.submitted({**view, "state": state})
    assert said == Pressed("deployment:d-1", "reject", {"step": "*"}, {"reason": "too big"})


def test_a_choice_is_chosen_from_a_list_and_what_was_typed_is_there() -> None:
    fields = (
        InputField("step", "Which step", "b", ("a", "b")),
        InputField("name", "Name", "ML", problem="Name has only a-z."),
    )
    card = replace(CARD, buttons=(Button("Change", "answer", {}, fields),))
    [change] = _actions(blocks.block_message(card))
    assert blocks.form(change) == fields
    view = blocks.modal(change)
    elements = [b["element"] for b in view["blocks"] if b["type"] == "input"]
    assert elements[0]["initial_option"]["value"] == "b"
    assert elements[1]["initial_value"] == "ML"
    assert "Name has only a-z." in str(view["blocks"])
    answer = {"step": {"answer": {"selected_option": {"value": "a"}}}, "name": {"answer": {}}}
    assert blocks.submitted({**view, "state": {"values": answer}}).inputs == {
        "step": "a",
        "name": "",
    }


def test_as_many_fields_as_there_is_room_for_are_in_the_value() -> None:
    fields = tuple(InputField(f"f{n}", "x" * 300) for n in range(20))
    [button] = _actions(
        blocks.block_message(replace(CARD, buttons=(Button("All", "answer", {}, fields),)))
    )
    assert len(button["value"]) <= 2000
    assert 0 < len(blocks.form(button)) < 20
    assert blocks.form(button) == fields[: len(blocks.form(button))]


def test_a_button_whose_value_has_no_room_leads_to_the_page_or_is_named() -> None:
    large = Button("Approve", "approve", {"shown": "x" * 3000})
    [to_page] = _actions(blocks.block_message(replace(CARD, buttons=(large,)), page_url=PAGE))
    assert to_page["url"] == PAGE
    assert "value" not in to_page
    without = blocks.block_message(replace(CARD, buttons=(large,)))
    assert _actions(without) == []
    assert "there is no room for a button: Approve" in str(without["blocks"])


def test_what_hurts_asks_once_more_unless_a_form_does() -> None:
    approve, reject, destroy = _actions(blocks.block_message(CARD))
    assert destroy["confirm"]["confirm"]["text"] == "Tear down"
    assert "confirm" not in approve
    assert "confirm" not in reject


@pytest.mark.parametrize(
    "value", [None, 7, "", "{}", "[]", "{", '{"c":1,"v":"x"}', '{"c":"","v":"x","d":[1]}']
)
def test_junk_is_refused_with_a_sentence(value: object) -> None:
    with pytest.raises(UserError, match="this button cannot be used"):
        blocks.pressed({"value": value})
    with pytest.raises(UserError, match="this button cannot be used"):
        blocks.modal({"value": value})
    with pytest.raises(UserError, match="this button cannot be used"):
        blocks.submitted({"private_metadata": value, "state": {"values": {}}})


@pytest.mark.parametrize(
    "fields", ['"x"', "[7]", "[[]]", '[["a",1]]', '[["a","b","c",[1]]]', '[["a","b","c",7]]']
)
def test_junk_for_a_form_is_refused_with_a_sentence(fields: str) -> None:
    with pytest.raises(UserError, match="this button cannot be used"):
        blocks.form({"value": f'{{"c":"","v":"x","d":{{}},"f":{fields}}}'})


@pytest.mark.parametrize(
    "state", [None, {}, {"values": {"a": 7}}, {"values": {"a": {"answer": 7}}}]
)
def test_a_form_without_answers_is_refused_with_a_sentence(state: object) -> None:
    view = blocks.modal(_actions(blocks.block_message(CARD))[1])
    with pytest.raises(UserError, match="this button cannot be used"):
        blocks.submitted({**view, "state": state})


def test_text_cannot_mention_link_or_be_bold() -> None:
    hostile = "<!channel> <@U0MIA> <https://evil.example|here> *bold* _it_ ~s~ `c` a & b"
    safe = escaped(hostile)
    assert "<" not in safe
    assert "&lt;!channel&gt;" in safe
    assert not any(f"{mark}{word}" in safe for mark, word in ("*b", "_i", "~s", "`c"))
    assert ":tada:" not in escaped("12:00 :tada:")
    assert "Standard_NC4as_T4_v3" in escaped("Standard_NC4as_T4_v3")


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "\x07"])
def test_characters_that_hide_or_turn_writing_are_shown(hidden: str) -> None:
    assert hidden not in escaped(f"<!chan{hidden}nel>")
    assert hidden not in fenced(f"a{hidden}b")


def test_a_fence_cannot_be_left() -> None:
    assert fenced("a```b").count("```") == 2


def test_a_link_cannot_be_left() -> None:
    assert link("https://a.example/?a=1&b=|<!here>", "x|y>") == (
        "<https://a.example/?a=1&amp;b=%7C%3C!here%3E|x¦y&gt;>"
    )


def test_only_the_id_of_a_member_is_mentioned() -> None:
    mia = PrincipalId("mia")
    assert mention(mia, {mia: Mention("Mia", "U0MIA")}) == "<@U0MIA>"
    assert mention(mia, {mia: Mention("Mia", "!channel")}) == "Mia"
    assert mention(mia, {}) == "mia"


HOSTILE = st.text(alphabet="ab1 *_[]()<>`~#|&!@:\\\n\u202e\u200b", max_size=60)


@given(HOSTILE)
def test_hostile_text_never_breaks_a_message(text: str) -> None:
    shown: tuple[Block, ...] = (
        Heading(text),
        Text(text, "warning"),
        Text(text, "subtle"),
        Facts((Fact(text, text, text),)),
        Table(("A",), ((text,),)),
        Details(text, (Facts((Fact(text, text),)), Table(("A",), ((text,),)))),
    )
    field = InputField("f", text, text, (text,))
    button = Button(text, "v", {"a": text}, (field,))
    card = Card("c", "plan", text, text, shown, (button, replace(DESTROY, label=text)))
    for profile in ("modern", "classic"):
        message = blocks.block_message(card, profile=profile)  # type: ignore[arg-type]
        assert problems(message["blocks"]) == []
        markup = " ".join(_markup(message["blocks"]))
        assert "<!" not in markup
        assert "<@" not in markup


def test_the_largest_is_left_out_first_and_decisions_stay() -> None:
    rows = Facts(tuple(Fact(f"Value {n}", "x" * 200) for n in range(100)))
    shown = (Text("Small and first."), rows, Details("All", (rows,)))
    message = blocks.block_message(replace(CARD, blocks=shown), page_url=PAGE)
    assert len(json.dumps(message["blocks"], ensure_ascii=False)) <= 12_000
    assert "Not all fits here" in str(message["blocks"])
    assert "Small and first." in str(message["blocks"])
    assert len(_actions(message)) == 3


def test_at_most_fifty_blocks() -> None:
    many = tuple(each for n in range(80) for each in (Heading(str(n)), Text("t", "subtle")))
    assert len(blocks.block_message(replace(CARD, blocks=many))["blocks"]) <= 50


def test_the_text_profile_has_no_blocks_and_says_what_can_be_said() -> None:
    message = blocks.block_message(CARD, page_url=PAGE, profile="text")
    assert message["blocks"] == []
    assert message["text"].splitlines()[:2] == ["*Waiting.*", "A title"]
    assert PAGE in message["text"]


def test_a_reply_tells_the_person_it_is_for_and_offers_its_choices() -> None:
    mia = PrincipalId("mia")
    reply = Reply("Which one? <!here>", mia, ("A", "B"))
    message = blocks.block_reply(reply, mentions={mia: Mention("Mia", "U0MIA")})
    assert message["blocks"][0]["text"]["text"] == "<@U0MIA> Which one? &lt;!here&gt;"
    assert blocks.pressed(_actions(message)[1]) == Pressed("", SAY, {"text": "B"})
