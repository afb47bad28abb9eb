"""Slack's markup, read and written."""

import pytest

from bot.slack import mrkdwn


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("<@UBOT> I need storage", "I need storage"),
        ("<@UBOT|signoff>, please: a &lt;big&gt; one &amp; more", "please: a <big> one & more"),
        ("hey <@UBOT> hello", "hey  hello"),
        ("ask <@U7|omar> or <@U8>", "ask @omar or @U8"),
        ("see <#C1|general> and <!here> <!subteam^S1|@ml>", "see #general and @here @ml"),
        ("from <https://a.example/x?y=1&amp;z=2>", "from https://a.example/x?y=1&z=2"),
        ("<http://example.com|example.com>", "example.com"),
        ("<https://evil.example|our wiki>", "our wiki (https://evil.example)"),
        ("<mailto:ana@example.com|ana@example.com>", "ana@example.com"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_what_a_person_wrote_is_read_as_they_see_it(raw: str, plain: str) -> None:
    assert mrkdwn.read(raw, me="UBOT") == plain


@pytest.mark.parametrize("text", ["<!channel>", "<@U1>", "<https://evil|good>", "a & b < c"])
def test_escaped_text_marks_nothing(text: str) -> None:
    assert "<" not in mrkdwn.escaped(text)
    assert mrkdwn.read(mrkdwn.escaped(text), me="") == text


def test_addresses_in_a_text_become_links_that_show_where_they_go() -> None:
    text = "Up: https://adb-1.net/?a=1&b=2, cost <5> (https://x.example/p)."
    assert mrkdwn.linked(text) == (
        "Up: <https://adb-1.net/?a=1&amp;b=2>, cost &lt;5&gt; (<https://x.example/p>)."
    )


def test_a_label_cannot_break_out_of_its_link() -> None:
    assert mrkdwn.link("https://a.example", "x|y>z") == "<https://a.example|x¦y&gt;z>"
    assert mrkdwn.link("javascript:alert(1)", "x") == "x"


def test_only_a_mention_of_the_bot_is_one() -> None:
    assert mrkdwn.mentions("hi <@UBOT|s>", "UBOT")
    assert not mrkdwn.mentions("hi <@UBOTTY> UBOT", "UBOT")
    assert not mrkdwn.mentions("<@>", "")
