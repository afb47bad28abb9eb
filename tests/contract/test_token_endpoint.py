"""Terraform's tokens, from the identity of the process."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from orchestration.adapters.azure.token_endpoint import token_endpoint
from tests.doubles.key_vault import Person

STORAGE = {"resource": "https://storage.azure.com/", "api-version": "2018-02-01"}
AS_ASKED = {"Metadata": "true"}


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_token_is_for_what_was_asked(http: aiohttp.ClientSession) -> None:
    async with (
        token_endpoint(Person()) as url,
        http.get(url, params=STORAGE, headers=AS_ASKED) as got,
    ):
        body = await got.json()
    assert body["access_token"] == "for https://storage.azure.com/.default"
    assert (body["expires_on"], body["token_type"]) == ("4000000000", "Bearer")
    assert int(body["expires_in"]) > 0


async def test_who_does_not_know_the_path_or_the_custom_gets_none(
    http: aiohttp.ClientSession,
) -> None:
    person = Person()
    async with token_endpoint(person) as url:
        for other in (url.rpartition("/")[0] + "/metadata/identity/oauth2/token", url + "x"):
            async with http.get(other, params=STORAGE, headers=AS_ASKED) as got:
                assert got.status == 404
        async with http.get(url, params=STORAGE) as got:
            assert got.status == 400
        async with http.get(url, params={"resource": "file:///x"}, headers=AS_ASKED) as got:
            assert got.status == 400
    assert person.asked == []


async def test_an_identity_that_fails_is_told_without_its_words(
    http: aiohttp.ClientSession,
) -> None:
    class Nobody(Person):
        async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
            raise ClientAuthenticationError("secret-in-a-message")

    async with (
        token_endpoint(Nobody()) as url,
        http.get(url, params=STORAGE, headers=AS_ASKED) as got,
    ):
        assert got.status == 503
        assert "secret-in-a-message" not in await got.text()
