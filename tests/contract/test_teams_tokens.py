"""Who may post to /api/messages: what the channel signed for us, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles.teams_issuer import TeamsIssuer, forged_key
from tests.doubles.teams_room import APP, Room, teams_room

EMULATOR = "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
Forge: TypeAlias = Callable[[TeamsIssuer, str], str]
FORGED = forged_key()


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with teams_room(tmp_path) as opened:
        yield opened


def hours(number: float) -> int:
    return int(time.time() + number * 3600)


BAD: dict[str, Forge] = {
    "expired": lambda i, s: i.token(s, claims={"exp": hours(-1)}),
    "not yet valid": lambda i, s: i.token(s, claims={"nbf": hours(1)}),
    "for ever": lambda i, s: i.token(s, without=["exp"]),
    "for another bot": lambda i, s: i.token(s, claims={"aud": "another"}),
    "for several bots": lambda i, s: i.token(s, claims={"aud": [APP, "another"]}),
    "for nobody": lambda i, s: i.token(s, without=["aud"]),
    "of another issuer": lambda i, s: i.token(s, claims={"iss": "https://evil.example"}),
    "of no issuer": lambda i, s: i.token(s, without=["iss"]),
    "of the Emulator": lambda i, s: i.token(
        s, claims={"iss": EMULATOR, "ver": "1.0", "appid": APP}
    ),
    "of the Emulator, forged": lambda i, s: i.token(
        s, kid="teams", key=FORGED, claims={"iss": EMULATOR, "ver": "1.0", "appid": APP}
    ),
    "forged, with a known key's id": lambda i, s: i.token(s, key=FORGED),
    "signed by an unknown key": lambda i, s: i.token(s, kid="unknown", key=FORGED),
    "of a key for another channel": lambda i, s: i.token(s, kid="webchat"),
    "without a signature": lambda i, s: i.token(s, key="", algorithm="none"),
    "signed with a shared secret": lambda i, s: i.token(s, key="k" * 64, algorithm="HS256"),
    "for another service address": lambda i, s: i.token("https://evil.example/"),
    "for no service address": lambda i, s: i.token(s, without=["serviceurl"]),
    "cut short": lambda i, s: i.token(s)[:-20],
    "of two parts": lambda i, s: ".".join(i.token(s).split(".")[:2]),
    "junk": lambda i, s: "abc",
    "of odd letters": lambda i, s: "aa.b=.\xff",
    "empty": lambda i, s: "",
}


@pytest.mark.parametrize("forge", BAD.values(), ids=BAD.keys())
async def test_a_bad_token_is_refused_and_reaches_nobody(room: Room, forge: Forge) -> None:
    status, _ = await room.send(room.activity(), token=forge(room.issuer, room.service_url))
    assert status == 401
    assert (room.service.received, room.connector.calls) == ([], [])


async def test_a_token_of_the_channel_is_accepted(room: Room) -> None:
    assert await room.send(room.activity()) == (201, None)
    assert [event.by for event in room.service.received] == ["ana"]


async def test_clocks_may_differ_by_some_minutes(room: Room) -> None:
    late = room.issuer.token(room.service_url, claims={"exp": hours(-1 / 20)})
    early = room.issuer.token(room.service_url, claims={"nbf": hours(1 / 20)})
    assert (await room.send(room.activity(), token=late))[0] == 201
    assert (await room.send(room.activity(), token=early))[0] == 201


@pytest.mark.parametrize("scheme", ["Basic", "bearer", "", "Bearer Bearer"])
async def test_another_scheme_is_refused(room: Room, scheme: str) -> None:
    token = room.issuer.token(room.service_url)
    headers = {"Authorization": f"{scheme} {token}".strip()}
    assert (await room.send(room.activity(), token="", headers=headers))[0] == 401
    assert room.service.received == []


@pytest.mark.parametrize("url", ["https://evil.example/", "http://127.0.0.1@evil.example/", "x"])
async def test_an_activity_of_a_foreign_host_is_refused_whoever_signed_it(
    room: Room, url: str
) -> None:
    token = room.issuer.token(url)
    assert (await room.send(room.activity(serviceUrl=url), token=token))[0] == 401
    assert room.service.received == []


@pytest.mark.parametrize("channel", ["webchat", "slack", "emulator", "MSTEAMS"])
async def test_an_activity_of_another_channel_is_refused(room: Room, channel: str) -> None:
    assert (await room.send(room.activity(channelId=channel)))[0] == 401
    assert room.service.received == []


@pytest.mark.parametrize(
    "missing", ["type", "channelId", "serviceUrl", "conversation", "from", "id"]
)
async def test_an_activity_that_lacks_a_part_is_malformed(room: Room, missing: str) -> None:
    activity = room.activity()
    del activity[missing]
    assert (await room.send(activity))[0] == 400
    assert room.service.received == []


MALFORMED: dict[str, Any] = {
    "a list": [],
    "a number": 1,
    "type": {"type": 5},
    "conversation": {"conversation": "c"},
    "conversation id": {"conversation": {"id": 7}},
    "long conversation id": {"conversation": {"id": "c" * 5000}},
    "from": {"from": []},
    "text": {"text": {"a": 1}},
    "entities": {"entities": "x"},
    "attachments": {"attachments": [1]},
    "surrogates": {"text": "\ud800"},
    "surrogates in a value": {"value": {"a": "\udfff"}},
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_activity_is_answered_with_400(room: Room, body: Any) -> None:
    activity = room.activity(**body) if isinstance(body, dict) else body
    assert (await room.send(activity))[0] == 400
    assert room.service.received == []


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"null", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"a":' * 50_000, {}, 400),
        (b"9" * 10_000, {}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"Content-Type": "application/json; charset=klingon"}, 400),
        (b"no gzip", {"Content-Encoding": "gzip"}, 400),
        (b" " * (1024 * 1024 + 1), {}, 413),
    ],
)
async def test_junk_is_refused_with_what_is_wrong_about_it(
    room: Room, body: bytes, headers: dict[str, str], status: int
) -> None:
    headers = {"Content-Type": "application/json", **headers}
    post = room.around.http.post(room.url, data=BytesIO(body), headers=headers)
    async with post as response:
        assert response.status == status


async def test_who_sends_junk_is_told_why_and_nothing_of_it(room: Room) -> None:
    activity = room.activity(type="s3cret", conversation={"id": ["s3cret"]})
    for sent, why in ((activity, "conversation.id: "), ("s3cret", "no activity")):
        async with room.around.http.post(room.url, json=sent) as response:
            said = await response.text()
        assert response.status == 400 and response.content_type == "text/plain"
        assert why in said and "s3cret" not in said and len(said) < 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_not_allowed(room: Room, method: str) -> None:
    async with room.around.http.request(method, room.url) as response:
        assert response.status == 405


async def test_without_signing_keys_the_channel_is_asked_to_send_again(room: Room) -> None:
    room.issuer.down = True
    assert (await room.send(room.activity()))[0] == 503
    assert room.service.received == []


async def test_a_rotated_key_is_accepted_at_once(room: Room) -> None:
    await room.send(room.activity())
    room.issuer.rotate("next")
    assert (await room.send(room.activity()))[0] == 201
    assert room.issuer.asked == 2


async def test_unknown_keys_do_not_make_us_ask_all_the_time(room: Room) -> None:
    for number in range(5):
        token = room.issuer.token(room.service_url, kid=f"k{number}", key=FORGED)
        assert (await room.send(room.activity(), token=token))[0] == 401
    assert room.issuer.asked == 2


async def test_known_keys_are_good_while_new_ones_cannot_be_fetched(room: Room) -> None:
    await room.send(room.activity())
    room.issuer.down = True
    assert (await room.send(room.activity()))[0] == 201


# Junk of every kind in the places of an activity, signed as if the channel had sent it.
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PLACES = st.sampled_from(
    [
        *("type", "id", "channelId", "from", "recipient", "conversation", "text", "value", "name"),
        *("action", "channelData", "entities", "attachments", "deliveryMode", "membersAdded"),
    ]
)
KINDS = st.sampled_from(["message", "invoke", "installationUpdate", "conversationUpdate"])


async def test_signed_junk_is_never_a_fault_of_ours(tmp_path: Path) -> None:
    async with teams_room(tmp_path) as room:
        loop, statuses = asyncio.get_running_loop(), set()

        @given(st.dictionaries(PLACES, JUNK, max_size=4), KINDS)
        @settings(max_examples=400, deadline=None)
        def junk(parts: dict[str, Any], kind: str) -> None:
            activity = room.activity(**{"type": kind, "name": "adaptiveCard/action", **parts})
            sending = asyncio.run_coroutine_threadsafe(room.send(activity), loop)
            status, _ = sending.result(timeout=10)
            statuses.add(status)
            assert status in {200, 201, 400, 401}

        await asyncio.to_thread(junk)
        assert {200, 201, 400} <= statuses
