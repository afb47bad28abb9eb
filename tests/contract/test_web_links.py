"""Who may look: the holder of a link, at one deployment, for a time; the rest get words."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from bot.web.pages import page_url
from orchestration.ports import DeploymentId
from tests.doubles.house import House, draft
from tests.doubles.pages import Reader, Served, reader, served


@pytest.fixture
async def pages(home: House) -> AsyncIterator[Served]:
    async with served(home) as running:
        yield running


@pytest.fixture
async def someone(pages: Served) -> AsyncIterator[Reader]:
    async with reader(pages) as browser:
        yield browser


@pytest.fixture
async def id(home: House) -> DeploymentId:
    id = await home.submit(draft("storage"))
    await home.worker().run(id)
    return id


async def test_a_link_opens_its_deployment(
    pages: Served, someone: Reader, id: DeploymentId
) -> None:
    status, text = await someone.get(pages.link(id))
    assert status == 200
    assert "The chain is whole" in text
    assert "azurerm_storage_account.this" in text


async def test_a_cost_without_any_price_is_not_known_rather_than_nothing(
    pages: Served, someone: Reader, home: House
) -> None:
    id = await home.submit(draft("storage", replication="ZRS"))
    await home.worker().run(id)
    _, text = await someone.get(pages.link(id))
    assert "What it costs is <strong>not known</strong>" in text and "$0 a month" not in text


async def test_a_link_opens_no_other_deployment(
    pages: Served, someone: Reader, home: House, id: DeploymentId
) -> None:
    other = await home.submit(draft("databricks"))
    token = pages.link(id).partition("?")[2]
    assert (await someone.get(f"/d/{other}?{token}"))[0] == 403


async def test_an_expired_link_says_where_to_get_a_new_one(
    pages: Served, someone: Reader, home: House, id: DeploymentId
) -> None:
    link = pages.link(id)
    home.clock.advance(3600)
    assert (await someone.get(link))[0] == 200
    home.clock.advance(1)
    status, text = await someone.get(link)
    assert status == 410
    assert "This link has expired" in text
    assert "Ask for the status in the chat" in text


async def test_a_link_from_another_organisation_opens_nothing(
    pages: Served, someone: Reader, home: House, id: DeploymentId
) -> None:
    others = replace(pages.config, organisation="globex")
    status, text = await someone.get(page_url(others, id, at=home.clock.now()))
    assert status == 403
    assert "belongs to another organisation than acme" in text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: "",
        lambda t: t[:-1],
        lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"),
        lambda t: t[1:],
        lambda t: "." + t,
        lambda t: t.replace(".", ""),
        lambda t: "x" * 5000,
        lambda t: "\u00e4\u0000" + t,
        lambda t: t + "%00",
    ],
)
async def test_a_spoilt_link_is_refused_in_words(
    pages: Served, someone: Reader, id: DeploymentId, spoil: Callable[[str], str]
) -> None:
    token = pages.link(id).partition("?t=")[2]
    async with someone.http.get(f"{pages.url}/d/{id}", params={"t": spoil(token)}) as answer:
        text = await answer.text()
    assert answer.status == 403
    assert "from the card in the chat" in text
    assert "Traceback" not in text


async def test_every_page_of_a_deployment_needs_the_link(
    pages: Served, someone: Reader, id: DeploymentId
) -> None:
    for path in (f"/d/{id}", f"/d/{id}/live", f"/d/{id}/log/storage/001/plan"):
        assert (await someone.get(path))[0] == 403


async def test_a_signed_link_to_nothing_says_so(pages: Served, someone: Reader) -> None:
    status, text = await someone.get(pages.link("d-none"))
    assert status == 404
    assert "Nothing is kept about d-none" in text


async def test_without_sign_in_there_are_no_overviews(someone: Reader) -> None:
    for path in ("/waiting", "/history", "/analytics", "/sign-in"):
        status, text = await someone.get(path)
        assert status == 404
        assert "Nobody can sign in here" in text
    assert (await someone.get("/"))[0] == 200


async def test_pages_load_nothing_from_elsewhere_and_tell_nobody_where_one_is(
    pages: Served, someone: Reader, id: DeploymentId
) -> None:
    for address in (pages.link(id), "/", "/nowhere", f"/d/{id}"):
        _, headers = await someone.headers(address)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers


async def test_what_is_loaded_has_a_name_that_changes_with_it_and_is_kept(
    pages: Served, someone: Reader
) -> None:
    _, text = await someone.get("/")
    found = re.findall(r'(?:src|href)="(/assets/[^"]+)"', text)
    assert len({*found}) == 3
    for address in found:
        status, headers = await someone.headers(address)
        assert status == 200
        assert "immutable" in headers["Cache-Control"]
    assert (await someone.headers("/assets/pages.css"))[0] == 404
    assert (await someone.headers("/assets/..%2fdrawing.py"))[0] == 404


async def test_browsers_get_words_and_machines_what_they_always_got(
    pages: Served, someone: Reader
) -> None:
    status, text = await someone.get("/nowhere")
    assert status == 404
    assert "There is no such page" in text
    async with someone.http.get(f"{pages.url}/nowhere", headers={"Accept": "*/*"}) as answer:
        assert answer.status == 404
        assert await answer.text() == "404: Not Found"
    async with someone.http.put(f"{pages.url}/waiting") as answer:
        assert answer.status == 405
        assert "GET" in answer.headers["Allow"]
        assert "cannot be used like that" in await answer.text()


async def test_a_page_can_be_asked_for_without_its_body(
    pages: Served, someone: Reader, id: DeploymentId
) -> None:
    status, headers = await someone.headers(pages.link(id), "HEAD")
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")


async def test_without_a_public_address_there_are_no_links(pages: Served) -> None:
    assert page_url(replace(pages.config, public_url=""), "d-1") == ""
