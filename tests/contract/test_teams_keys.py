"""The signing keys and the bot's own token, as time passes and their servers come and go."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.teams.managed_identity import ManagedIdentityTokens
from bot.teams.signing_keys import (
    LEAST_BETWEEN_S,
    MAX_AGE_S,
    KeysUnavailable,
    SigningKeys,
    UnknownKey,
)
from bot.teams.tokens import PasswordTokens
from orchestration.errors import TemporaryError
from tests.doubles.teams_issuer import TeamsIssuer, listening
from tests.doubles.teams_room import running


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest_asyncio.fixture
async def issuer() -> AsyncIterator[TeamsIssuer]:
    async with listening(TeamsIssuer("app")) as opened:
        yield opened


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_keys_are_fetched_once_a_day(
    issuer: TeamsIssuer, http: aiohttp.ClientSession
) -> None:
    watch = Watch()
    keys = SigningKeys(http, issuer.openid_url, watch)
    await asyncio.gather(*(keys.get("teams") for _ in range(20)))
    watch.now += MAX_AGE_S - 1
    await keys.get("teams")
    assert issuer.asked == 1
    watch.now += 1
    assert (await keys.get("webchat")).endorsements == ["webchat"]
    assert issuer.asked == 2


async def test_a_key_that_is_withdrawn_is_refused_after_a_day(
    issuer: TeamsIssuer, http: aiohttp.ClientSession
) -> None:
    watch = Watch()
    keys = SigningKeys(http, issuer.openid_url, watch)
    await keys.get("teams")
    issuer.rotate("next")
    watch.now += MAX_AGE_S
    with pytest.raises(UnknownKey):
        await keys.get("teams")


async def test_unknown_keys_are_looked_for_at_once_and_then_every_five_minutes(
    issuer: TeamsIssuer, http: aiohttp.ClientSession
) -> None:
    watch = Watch()
    keys = SigningKeys(http, issuer.openid_url, watch)
    for _ in range(3):
        with pytest.raises(UnknownKey):
            await keys.get("odd")
    assert issuer.asked == 2
    watch.now += LEAST_BETWEEN_S
    issuer.rotate("odd")
    await keys.get("odd")
    assert issuer.asked == 3


async def test_while_no_keys_can_be_fetched_nobody_waits_for_each_attempt(
    issuer: TeamsIssuer, http: aiohttp.ClientSession
) -> None:
    watch, issuer.down = Watch(), True
    keys = SigningKeys(http, issuer.openid_url, watch)
    outcomes = await asyncio.gather(*(keys.get("teams") for _ in range(5)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {KeysUnavailable}
    issuer.down = False
    watch.now += 5
    assert await keys.get("teams")


@pytest.mark.parametrize("answer", [b"{}", b"[]", b"junk", b'{"keys": [{"kty": "RSA"}]}'])
async def test_a_strange_answer_is_no_key(http: aiohttp.ClientSession, answer: bytes) -> None:
    async def strange(request: web.Request) -> web.Response:
        at = f"{request.url.origin()}/keys"
        return (
            web.json_response({"jwks_uri": at})
            if request.path == "/"
            else web.Response(body=answer)
        )

    app = web.Application()
    app.router.add_get("/{any:.*}", strange)
    async with running(app) as url:
        with pytest.raises(KeysUnavailable):
            await SigningKeys(http, f"{url}/", Watch()).get("teams")


# ---------------------------------------------------------------- the bot's own token


@asynccontextmanager
async def login(answer: Callable[[], web.Response]) -> AsyncIterator[str]:
    async def token(_: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", token)
    async with running(app) as url:
        yield url


def given(number: int, valid_s: int) -> web.Response:
    return web.json_response({"access_token": f"t{number}", "expires_in": valid_s})


async def test_a_token_is_renewed_before_it_ends(http: aiohttp.ClientSession) -> None:
    watch, numbers = Watch(), iter(range(9))
    async with login(lambda: given(next(numbers), 3600)) as url:
        tokens = PasswordTokens(http, url, "app", "secret", "scope", watch)
        assert await asyncio.gather(*(tokens.get() for _ in range(5))) == ["t0"] * 5
        watch.now += 3299
        assert await tokens.get() == "t0"
        watch.now += 1
        assert await tokens.get() == "t1"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=503),
        lambda: web.Response(status=429),
        lambda: web.json_response({"error": "invalid_client"}, status=401),
        lambda: web.Response(body=b"junk"),
        lambda: web.json_response({}),
    ],
)
async def test_without_a_token_it_is_tried_later_and_the_password_is_not_told(
    http: aiohttp.ClientSession, answer: Any
) -> None:
    async with login(answer) as url:
        with pytest.raises(TemporaryError) as caught:
            await PasswordTokens(http, url, "app", "pa55word", "scope", Watch()).get()
        assert "pa55word" not in str(caught.value)


async def test_a_managed_identity_needs_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """App Service gives the address and a header of its identity endpoint in the environment."""
    expires = {"access_token": "mine", "expires_on": "4102444800", "resource": "r"}
    async with login(lambda: web.json_response({**expires, "token_type": "Bearer"})) as url:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "header")
        assert await ManagedIdentityTokens("app", "https://api.botframework.com").get() == "mine"


async def test_a_missing_managed_identity_is_told_to_the_operator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with login(lambda: web.json_response({"message": "no"}, status=400)) as url:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "header")
        with pytest.raises(TemporaryError, match="check that teams_app_id"):
            await ManagedIdentityTokens("other", "https://api.botframework.com").get()
