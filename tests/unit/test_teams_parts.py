"""The small parts of Teams: pacing, hosts, text, sizes, and what has to be configured."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.adaptive import adaptive_card
from bot.render.adaptive_size import LARGEST
from bot.teams.activity import Malformed, read_activity
from bot.teams.config import TeamsConfig
from bot.teams.drawing import cut, size, text_message
from bot.teams.message_text import as_markdown, spoken_text
from bot.teams.pacing import WINDOWS, Pacing
from bot.teams.service_hosts import ServiceHosts
from bot.teams.streaming import beginnings
from orchestration.cards.model import Button, Card, Details, Fact, Facts, Table, Text
from orchestration.errors import UserError

# ---------------------------------------------------------------- pacing


@given(st.lists(st.floats(0, 3), max_size=200))
def test_no_window_ever_holds_more_than_it_may(gaps: list[float]) -> None:
    now = 0.0
    pacing, sent = Pacing(lambda: now), []
    for gap in gaps:
        now += gap
        now += pacing.wait_s("c")
        assert pacing.wait_s("c") <= 1e-9
        pacing.note("c")
        sent.append(now)
    for window_s, most in WINDOWS:
        for first, last in zip(sent, sent[most:], strict=False):
            assert last - first >= window_s - 1e-6


def test_an_hour_takes_1800_messages() -> None:
    now = 0.0
    pacing = Pacing(lambda: now)
    while now < 3600:
        pacing.note("c")
        now += pacing.wait_s("c") or 0.01
    assert pacing.sent_lately("c") <= 1800


def test_quiet_conversations_are_forgotten_when_there_are_many() -> None:
    now = 0.0
    pacing = Pacing(lambda: now)
    for number in range(10_000):
        pacing.note(f"c{number}")
    now = 4000.0
    pacing.note("new")
    assert len(pacing._sent) == 1


# ---------------------------------------------------------------- hosts


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://SMBA.trafficmanager.net/emea/", True),
        ("http://smba.trafficmanager.net/emea/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://evil.example/smba.trafficmanager.net", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://user@smba.trafficmanager.net/", False),
        ("https://evil.example#@smba.trafficmanager.net/", False),
        ("https://evil.example\\@smba.trafficmanager.net/", False),
        ("//smba.trafficmanager.net/", False),
        ("ftp://smba.trafficmanager.net/", False),
        ("https://[::1", False),
        ("https://smba.trafficmanager.net:abc/", False),
        ("", False),
        ("http://localhost:3978/", False),
    ],
)
def test_only_named_hosts_are_spoken_with(url: str, allowed: bool) -> None:
    assert ServiceHosts(frozenset({"smba.trafficmanager.net"})).allow(url) is allowed


def test_the_emulator_may_be_on_this_machine() -> None:
    hosts = ServiceHosts(frozenset(), local=True)
    assert hosts.allow("http://localhost:50000")
    assert not hosts.allow("http://192.168.0.1:50000")


# ---------------------------------------------------------------- text


def test_mentions_leave_the_text_or_become_names() -> None:
    text = '<at>Signoff</at> ask&nbsp;<at id="1">Mia</at>\r\nplease'
    assert spoken_text(text, ["<at>Signoff</at>"]) == "ask Mia\nplease"


@given(st.text(alphabet="<>/at ", max_size=300))
def test_odd_tags_do_no_harm(text: str) -> None:
    assert "<at>" not in spoken_text(text) or "<" in text


def test_plain_words_are_shown_as_they_are() -> None:
    assert as_markdown("# a_b *c* <d> & [e](f) `g") == (
        r"\# a\_b \*c\* &lt;d&gt; &amp; \[e\](f) \`g"
    )
    assert as_markdown("say `a_b` now") == "say `a_b` now"
    assert as_markdown("`<at>x</at>`") == r"\`&lt;at&gt;x&lt;/at&gt;\`"
    assert as_markdown("see https://x.example/a_b?c=1&d#e now_") == (
        r"see https://x.example/a_b?c=1&amp;d#e now\_"
    )
    assert as_markdown("one\ntwo\n\nthree") == "one  \ntwo\n\nthree"


@given(st.text(alphabet="ab *_\n[]#`", min_size=700, max_size=900))
def test_what_was_streamed_stays_at_the_start(text: str) -> None:
    parts = [text_message(part)["text"] for part in (*beginnings(text), text)]
    for shorter, longer in pairwise(parts):
        assert longer.startswith(shorter)


def test_what_is_far_too_long_is_cut_and_says_so() -> None:
    for text in ("*" * 50_000, "é" * 20_000, "\n" * 70_000):
        message = text_message(cut(text))
        assert "too long" in message["text"]
        assert size(message) < LARGEST


# ---------------------------------------------------------------- sizes


def card(*blocks: Any) -> Card:
    return Card("c", "plan", "Please decide.", "Title", blocks, (Button("Yes", "yes"),))


@pytest.mark.parametrize(
    "big",
    [
        card(Text("x" * 200_000)),
        card(Table(("a", "b"), tuple((f"row {n}", "é" * 50) for n in range(3000)))),
        card(Facts(tuple(Fact(f"f{n}", "v" * 100) for n in range(2000)))),
        card(Details("More", (Text("y" * 100_000),))),
        card(*(Text("z" * 1400) for _ in range(200))),
    ],
)
def test_a_card_is_made_to_fit_and_says_so(big: Card) -> None:
    drawn = adaptive_card(big, page_url="https://signoff.example/d/1")
    assert size(drawn) <= LARGEST
    assert "full page" in str(drawn)
    assert "ask me" in str(adaptive_card(big))
    assert "Please decide." in str(drawn)
    assert "'Yes'" in str(drawn)


# ---------------------------------------------------------------- reading


def activity(**more: Any) -> bytes:
    whole = {
        "type": "message",
        "id": "1",
        "channelId": "msteams",
        "serviceUrl": "https://s/",
        "from": {"id": "29:a", "aadObjectId": "AAAAAAAA-0000-0000-0000-000000000001"},
        "conversation": {"id": "c"},
        **more,
    }
    return json.dumps(whole).encode()


def test_ids_of_people_and_tenants_are_in_lower_case() -> None:
    tenant = "BBBBBBBB-0000-0000-0000-000000000001"
    read = read_activity(activity(channelData={"tenant": {"id": tenant}}))
    assert read.by.object_id == "aaaaaaaa-0000-0000-0000-000000000001"
    assert read.tenant == tenant.lower()


def test_the_conversations_own_tenant_counts_first() -> None:
    own = "cccccccc-0000-0000-0000-000000000001"
    read = read_activity(
        activity(
            conversation={"id": "c", "tenantId": own},
            channelData={"tenant": {"id": "bbbbbbbb-0000-0000-0000-000000000001"}},
        )
    )
    assert read.tenant == own


def test_what_is_unknown_is_ignored_and_nulls_are_nothing() -> None:
    read = read_activity(activity(text=None, locale=7, channelData=None, entities=None, x=[]))
    assert (read.text, read.files, read.value) == ("", (), None)


@given(st.binary(max_size=300))
def test_bytes_are_an_activity_or_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_activity(body)


# ---------------------------------------------------------------- config


WHOLE = TeamsConfig(
    app_id="a",
    app_type="single_tenant",
    tenant_id="t",
    app_password="p",
    local=False,
    service_hosts=frozenset({"h"}),
    file_hosts=frozenset(),
    service_url="https://h/",
    results_channel="",
    openid_url="https://o/",
    issuer="https://api.botframework.com",
    login_url="https://login.microsoftonline.com",
)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"app_id": ""}, "teams_app_id is not set"),
        ({"app_password": ""}, "needs teams_app_password"),
        ({"tenant_id": ""}, "needs teams_tenant_id"),
        ({"app_type": "managed_identity", "tenant_id": ""}, "needs teams_tenant_id"),
        ({"local": True}, "teams_local accepts what nobody signed"),
        ({"app_type": "SingleTenant"}, "teams_app_type"),
    ],
)
def test_what_is_missing_is_named(missing: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        replace(WHOLE, **missing)


def test_where_the_bot_signs_in_depends_on_its_type() -> None:
    login = "https://login.microsoftonline.com"
    assert WHOLE.token_url == f"{login}/t/oauth2/v2.0/token"
    everywhere = replace(WHOLE, app_type="multi_tenant", tenant_id="")
    assert everywhere.token_url == f"{login}/botframework.com/oauth2/v2.0/token"
    assert (WHOLE.only_tenant, everywhere.only_tenant) == ("t", "")
