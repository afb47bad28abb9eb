"""How the connector is called: paced, in order, and never twice where it may have worked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.teams.connector import Connector, Place
from bot.teams.pacing import Pacing
from bot.teams.service_hosts import ServiceHosts
from bot.teams.streaming import Streaming
from bot.teams.tokens import NoTokens
from orchestration.errors import PermanentError, TemporaryError
from tests.clock import START, FakeClock
from tests.doubles.teams_room import TinyConnector, running

MESSAGE = {"type": "message", "text": "hi"}


@dataclass
class Time:
    """Passes when somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@dataclass
class Line:
    far: TinyConnector
    connector: Connector
    time: Time
    place: Place

    @property
    def texts(self) -> list[str]:
        return [call.body.get("text", "") for call in self.far.calls]


@pytest_asyncio.fixture
async def line() -> AsyncIterator[Line]:
    far, time, app = TinyConnector(), Time(), web.Application()
    far.mount(app)
    async with running(app) as url, aiohttp.ClientSession() as http:
        connector = Connector(
            http,
            NoTokens(),
            ServiceHosts(frozenset({"127.0.0.1"})),
            Pacing(lambda: time.now),
            FakeClock(),
            time.sleep,
        )
        yield Line(far, connector, time, Place(f"{url}/", "19:a/b;messageid=1"))


def refusing(status: int, **headers: str) -> web.Response:
    return web.json_response(
        {"error": {"code": "C", "message": "m"}}, status=status, headers=headers
    )


@pytest.mark.parametrize("status", [412, 429, 502, 504])
async def test_what_will_pass_is_tried_again_after_a_moment(line: Line, status: int) -> None:
    line.far.failing = [refusing(status), refusing(status)]
    assert await line.connector.send(line.place, MESSAGE) == "a3"
    assert line.time.slept == [1.0, 2.0]


async def test_it_is_tried_again_when_teams_says(line: Line) -> None:
    at = format_datetime(START + timedelta(seconds=4), usegmt=True)
    line.far.failing = [refusing(429, **{"Retry-After": "3"}), refusing(429, **{"Retry-After": at})]
    await line.connector.send(line.place, MESSAGE)
    assert line.time.slept == [3.0, 4.0]


async def test_a_long_wait_is_left_to_the_caller_and_holds_what_comes_next(line: Line) -> None:
    line.far.failing = [refusing(429, **{"Retry-After": "40"})]
    for _ in range(2):
        with pytest.raises(TemporaryError) as caught:
            await line.connector.send(line.place, MESSAGE)
        assert caught.value.retry_after_s == 40.0
    assert len(line.far.calls) == 1
    await line.connector.send(Place(line.place.service_url, "another"), MESSAGE)
    line.time.now += 40
    await line.connector.send(line.place, MESSAGE)


async def test_after_some_attempts_the_caller_is_told_to_come_back(line: Line) -> None:
    line.far.failing = [refusing(502) for _ in range(4)]
    with pytest.raises(TemporaryError, match="answered 502 C m"):
        await line.connector.send(line.place, MESSAGE)
    assert len(line.far.calls) == 4


async def test_a_dropped_connection_is_not_answered_by_sending_again(line: Line) -> None:
    line.far.failing = [None]
    with pytest.raises(TemporaryError, match="no answer"):
        await line.connector.send(line.place, MESSAGE)
    assert len(line.far.calls) == 1


@pytest.mark.parametrize("status", [500, 503])
async def test_a_fault_of_theirs_is_the_callers_to_repeat(line: Line, status: int) -> None:
    line.far.failing = [refusing(status)]
    with pytest.raises(TemporaryError):
        await line.connector.send(line.place, MESSAGE)
    assert len(line.far.calls) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 413])
async def test_a_refusal_is_permanent_and_says_why(line: Line, status: int) -> None:
    fault = {"error": {"code": "BotNotInConversationRoster", "message": "The bot was removed."}}
    line.far.failing = [web.json_response(fault, status=status)]
    with pytest.raises(PermanentError, match="BotNotInConversationRoster The bot was removed"):
        await line.connector.send(line.place, MESSAGE)


async def test_the_token_goes_to_no_host_that_is_not_named(line: Line) -> None:
    with pytest.raises(PermanentError, match="teams_service_hosts"):
        await line.connector.send(Place("https://evil.example/", "c"), MESSAGE)


async def test_a_conversation_is_one_part_of_the_path_whatever_it_is_called(line: Line) -> None:
    await line.connector.send(line.place, MESSAGE)
    assert line.far.calls[0].path == "/v3/conversations/19%3Aa%2Fb%3Bmessageid%3D1/activities"


async def test_what_is_sent_at_once_arrives_in_order_and_within_the_limits(line: Line) -> None:
    line.far.failing = [refusing(412)]
    sends = [
        line.connector.send(line.place, {"type": "message", "text": str(number)})
        for number in range(20)
    ]
    await asyncio.gather(*sends)
    assert line.texts == ["0", *map(str, range(20))]
    assert line.time.now >= 4.0


async def test_conversations_do_not_wait_for_one_another(line: Line) -> None:
    places = [Place(line.place.service_url, f"c{number}") for number in range(30)]
    await asyncio.gather(*(line.connector.send(place, MESSAGE) for place in places))
    assert line.time.slept == []


async def test_a_hint_is_left_out_where_it_would_have_to_wait(line: Line) -> None:
    for _ in range(7):
        await line.connector.send(line.place, MESSAGE)
    await line.connector.hint(line.place, {"type": "typing"})
    assert len(line.far.calls) == 7


# ---------------------------------------------------------------- streaming


LONG = "\n".join(
    f"{number}. A line with *some* words, for the length of it." for number in range(30)
)


async def test_a_long_answer_appears_bit_by_bit_once_a_second(line: Line) -> None:
    await Streaming(line.connector, line.time.sleep).say(line.place, LONG)
    first, second, last = (call.body for call in line.far.calls)
    assert (first["type"], second["type"], last["type"]) == ("typing", "typing", "message")
    assert last["text"].startswith(second["text"])
    assert second["text"].startswith(first["text"])
    infos = [body["entities"][0] for body in (first, second, last)]
    assert [info["streamType"] for info in infos] == ["streaming", "streaming", "final"]
    assert [info.get("streamId") for info in infos] == [None, "a1", "a1"]
    assert [info.get("streamSequence") for info in infos] == [1, 2, None]
    assert line.time.slept == [1.0, 1.0]


@pytest.mark.parametrize("good", [0, 1, 2])
async def test_when_streaming_is_not_allowed_or_stopped_the_answer_comes_whole(
    line: Line, good: int
) -> None:
    stopped = {"error": {"code": "ContentStreamNotAllowed", "message": "Canceled by user."}}
    taken = [web.json_response({"id": "s1"}, status=201) for _ in range(good)]
    line.far.failing = [*taken, web.json_response(stopped, status=403)]
    await Streaming(line.connector, line.time.sleep).say(line.place, LONG)
    last = line.far.calls[-1].body
    assert (last["type"], "entities" in last) == ("message", False)
    assert "29. A line" in last["text"]
