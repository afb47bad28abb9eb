"""Signing in: what comes back from a provider has to prove somebody whom the directory knows."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from joserfc.jwk import RSAKey
from yarl import URL

from approvals.audit import Intact
from bot.front import Surroundings
from bot.web.pages import Pages
from bot.web.sign_ins import SignIns
from orchestration.addresses import Addresses
from orchestration.errors import UserError
from tests.doubles.house import ORGANISATION, House
from tests.doubles.oidc_provider import OidcProvider, oidc_provider
from tests.doubles.pages import Reader, Served, reader, served

OMAR = 5
STRANGERS_TENANT = "77777777-0000-0000-0000-000000000000"


@pytest.fixture
async def provider(home: House) -> AsyncIterator[OidcProvider]:
    async with oidc_provider() as running:
        running.now = home.clock.now
        running.is_person(OMAR)
        yield running


@pytest.fixture
async def pages(home: House, provider: OidcProvider) -> AsyncIterator[Served]:
    async with served(home, sign_in="entra", provider=provider) as running:
        yield running


@pytest.fixture
async def someone(pages: Served) -> AsyncIterator[Reader]:
    async with reader(pages) as browser:
        yield browser


async def noted(home: House) -> list[tuple[str, str]]:
    """Who did what, in a chain that is whole."""
    trail, verdict = await SignIns(home.store, home.clock, ORGANISATION).trail()
    assert isinstance(verdict, Intact)
    return [(entry.event.actor, entry.event.action) for entry in trail]


async def test_a_person_of_the_directory_signs_in_and_out(home: House, someone: Reader) -> None:
    status, text = await someone.get("/sign-in")
    assert status == 200
    assert "Nothing waits for you" in text
    assert "omar" in text
    key = next(iter(text.split('name="form_key" value="')[1:])).partition('"')[0]
    status, text = await someone.post("/sign-out", form_key=key)
    assert (status, "You are signed out" in text) == (200, True)
    assert (await someone.get("/waiting"))[0] == 403
    assert await noted(home) == [("omar", "signed in"), ("omar", "signed out")]


async def test_a_cookie_that_was_signed_out_opens_nothing_any_more(
    pages: Served, someone: Reader
) -> None:
    _, text = await someone.get("/sign-in")
    (cookie,) = (c for c in someone.http.cookie_jar if c.key == "signoff")
    key = text.partition('name="form_key" value="')[2].partition('"')[0]
    await someone.post("/sign-out", form_key=key)
    async with reader(pages) as thief:
        thief.http.cookie_jar.update_cookies({"signoff": cookie.value}, URL(pages.url))
        assert (await thief.get("/waiting"))[0] == 403


async def test_a_session_ends_after_eight_hours(home: House, someone: Reader) -> None:
    await someone.get("/sign-in")
    home.clock.advance(8 * 3600 - 1)
    assert (await someone.get("/waiting"))[0] == 200
    home.clock.advance(1)
    assert (await someone.get("/waiting"))[0] == 403


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(someone: Reader) -> None:
    await someone.get("/sign-in")
    (cookie,) = (c for c in someone.http.cookie_jar if c.key == "signoff")
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


async def test_over_tls_cookies_are_bound_to_the_host(home: House, provider: OidcProvider) -> None:
    async with (
        served(home, sign_in="entra", provider=provider, secure=True) as pages,
        reader(pages) as browser,
    ):
        _, headers = await browser.headers(f"{pages.inside}/sign-in")
    assert headers["Set-Cookie"].startswith("__Host-signoff-attempt=")
    assert "Secure" in headers["Set-Cookie"]
    assert headers["Strict-Transport-Security"] == "max-age=63072000"


async def test_the_provider_is_asked_with_state_nonce_and_proof_key(
    provider: OidcProvider, someone: Reader
) -> None:
    await someone.get("/sign-in")
    await someone.get("/sign-in")
    first, second = provider.asked
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
    assert first["scope"] == "openid email profile"


@pytest.mark.parametrize(
    "breaks",
    [
        {"iss": "https://elsewhere.example/v2.0"},
        {"aud": "another-client"},
        {"aud": ["signoff-pages", "another-client"]},
        {"azp": "another-client"},
        {"exp": 1},
        {"exp": None},
        {"iat": 9_999_999_999},
        {"iat": None},
        {"nbf": 9_999_999_999},
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"sub": None},
        {"tid": None},
        {"oid": None},
    ],
    ids=str,
)
async def test_a_token_that_proves_nothing_signs_nobody_in(
    home: House, provider: OidcProvider, someone: Reader, breaks: dict[str, Any]
) -> None:
    provider.breaks = breaks
    status, text = await someone.get("/sign-in")
    assert status == 403
    assert "You are not signed in" in text
    assert (await someone.get("/waiting"))[0] == 403
    assert await noted(home) == [("signoff", "sign-in refused")]


async def test_a_token_signed_with_another_key_signs_nobody_in(
    provider: OidcProvider, someone: Reader
) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": provider.key.kid})
    assert (await someone.get("/sign-in"))[0] == 403


async def test_a_key_that_the_provider_changed_is_read_anew(
    provider: OidcProvider, someone: Reader
) -> None:
    assert (await someone.get("/sign-in"))[0] == 200
    provider.rotates()
    assert (await someone.get("/sign-in"))[0] == 200


async def test_somebody_of_another_tenant_is_refused(
    provider: OidcProvider, someone: Reader
) -> None:
    provider.is_person(OMAR, tenant=STRANGERS_TENANT)
    status, text = await someone.get("/sign-in")
    assert status == 403
    assert "another organisation" in text


async def test_a_stranger_of_the_tenant_gets_a_sentence(
    home: House, provider: OidcProvider, someone: Reader
) -> None:
    provider.is_person(4711)
    status, text = await someone.get("/sign-in")
    assert status == 403
    assert "nobody in the directory of acme has that account" in text
    assert await noted(home) == [("signoff", "sign-in refused")]


async def test_who_says_no_at_the_provider_is_not_signed_in(
    provider: OidcProvider, someone: Reader
) -> None:
    provider.refuses = True
    status, text = await someone.get("/sign-in")
    assert (status, "did not sign you in" in text) == (403, True)


async def test_an_answer_to_somebody_elses_attempt_is_refused(
    pages: Served, provider: OidcProvider, someone: Reader
) -> None:
    async with reader(pages) as attacker:
        _, headers = await attacker.headers("/sign-in")
        _, answer = await attacker.headers(headers["Location"])
    status, text = await someone.get(answer["Location"])
    assert (status, "another browser" in text) == (403, True)
    await someone.headers("/sign-in")
    status, text = await someone.get(answer["Location"])
    assert (status, "in another tab" in text) == (403, True)


async def test_a_code_is_good_once_and_trying_others_leaves_nothing(
    home: House, provider: OidcProvider, someone: Reader
) -> None:
    _, headers = await someone.headers("/sign-in")
    _, answer = await someone.headers(headers["Location"])
    provider.codes.clear()
    assert (await someone.get(answer["Location"]))[0] == 403
    assert await noted(home) == []


async def test_an_attempt_ends_after_ten_minutes(home: House, someone: Reader) -> None:
    _, headers = await someone.headers("/sign-in")
    _, answer = await someone.headers(headers["Location"])
    home.clock.advance(601)
    status, text = await someone.get(answer["Location"])
    assert (status, "It took too long" in text) == (403, True)


@pytest.mark.parametrize(
    ("next", "leads_to"),
    [
        ("/history?state=failed", "/history?state=failed"),
        ("https://elsewhere.example/", "/waiting"),
        ("//elsewhere.example/", "/waiting"),
        ("/\\elsewhere.example/", "/waiting"),
        ("/%2f/elsewhere.example", "/waiting"),
        ("/%5celsewhere.example", "/waiting"),
        ("/\t/elsewhere.example", "/waiting"),
        ("javascript:alert(1)", "/waiting"),
        ("", "/waiting"),
    ],
)
async def test_after_signing_in_one_is_at_a_page_of_ours(
    pages: Served, someone: Reader, next: str, leads_to: str
) -> None:
    async with someone.http.get(f"{pages.url}/sign-in", params={"next": next}) as answer:
        assert str(answer.url) == f"{pages.url}{leads_to}"


async def test_what_is_asked_for_is_no_more_than_the_page_and_no_token(
    pages: Served, someone: Reader
) -> None:
    _, text = await someone.get("/history?state=failed")
    assert 'href="/sign-in?next=%2Fhistory%3Fstate%3Dfailed"' in text


async def test_a_provider_that_is_down_is_told_in_words(
    home: House, provider: OidcProvider
) -> None:
    gone = replace_address(provider)
    async with served(home, sign_in="entra", provider=gone) as pages, reader(pages) as browser:
        status, text = await browser.get("/sign-in")
    assert status == 503
    assert "Try again in a moment" in text


def replace_address(provider: OidcProvider) -> OidcProvider:
    return replace(provider, address="http://127.0.0.1:9")


async def test_a_verified_address_signs_in_with_google(home: House, provider: OidcProvider) -> None:
    provider.claims = {"sub": "1", "email": "Omar@Contoso.example", "email_verified": True}
    async with served(home, sign_in="google", provider=provider) as pages, reader(pages) as browser:
        assert (await browser.get("/sign-in"))[0] == 200


@pytest.mark.parametrize("verified", [False, "true", None, 1])
async def test_an_address_that_is_not_verified_proves_nobody(
    home: House, provider: OidcProvider, verified: object
) -> None:
    provider.claims = {"sub": "1", "email": "omar@contoso.example", "email_verified": verified}
    async with served(home, sign_in="google", provider=provider) as pages, reader(pages) as browser:
        status, text = await browser.get("/sign-in")
    assert (status, "not verified" in text) == (403, True)


async def test_the_primary_verified_address_signs_in_with_github(
    home: House, provider: OidcProvider
) -> None:
    provider.emails = [
        {"email": "mia@contoso.example", "primary": False, "verified": True},
        {"email": "omar@contoso.example", "primary": True, "verified": True},
    ]
    async with served(home, sign_in="github", provider=provider) as pages, reader(pages) as browser:
        _, text = await browser.get("/sign-in")
    assert "<span>omar</span>" in text
    assert provider.asked[0]["scope"] == "read:user user:email"


async def test_an_address_that_is_not_verified_proves_nobody_to_github(
    home: House, provider: OidcProvider
) -> None:
    provider.emails = [{"email": "omar@contoso.example", "primary": True, "verified": False}]
    async with served(home, sign_in="github", provider=provider) as pages, reader(pages) as browser:
        assert (await browser.get("/sign-in"))[0] == 403


async def test_what_sign_in_needs_is_asked_for_at_the_start(home: House, pages: Served) -> None:
    config = replace(pages.config, client_secret="", issuer="")
    async with aiohttp.ClientSession() as http:
        around = Surroundings(
            home.store, home.people, Addresses(home.store), home.clock, http, lambda _: ""
        )
        with pytest.raises(UserError, match="sign_in_client_secret, sign_in_issuer"):
            Pages(config, around, home.artifacts)
