"""What waits for me, what was, and how it goes: for people who are signed in."""

import re
from collections.abc import AsyncIterator

import pytest

from orchestration.ports import DeploymentId
from tests.doubles.house import House, draft
from tests.doubles.oidc_provider import OidcProvider, oidc_provider
from tests.doubles.pages import Reader, Served, reader, served

ANA, MIA, OMAR = 1, 4, 5


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
async def omar(pages: Served) -> AsyncIterator[Reader]:
    async with reader(pages) as browser:
        await browser.get("/sign-in")
        yield browser


def shown(text: str) -> list[str]:
    """The deployments that a page lists."""
    return re.findall(r'<li><a href="/d/([^"]+)">', text)


async def submitted(home: House, *, by: str = "ana", **values: str) -> DeploymentId:
    id = await home.submit(draft("storage", **values), by=by)
    await home.worker().run(id)
    home.clock.advance(60)
    return id


async def test_what_waits_for_me_is_what_i_could_sign(
    home: House, pages: Served, provider: OidcProvider, omar: Reader
) -> None:
    production = await submitted(home, environment="production")
    await submitted(home, environment="dev")
    _, text = await omar.get("/waiting")
    assert shown(text) == [production]
    assert "1 deployment needs your decision" in text
    provider.is_person(MIA)
    async with reader(pages) as mia:
        _, text = await mia.get("/sign-in")
        assert shown(text) == []


async def test_what_i_decided_waits_for_me_no_more(home: House, omar: Reader) -> None:
    id = await submitted(home, environment="production")
    form = await omar.form(f"/d/{id}", "approve")
    await omar.post(f"/d/{id}", **form)
    _, text = await omar.get("/waiting")
    assert "Nothing waits for you" in text


async def test_history_passes_what_the_filters_ask_for(home: House, omar: Reader) -> None:
    first = await submitted(home, environment="production")
    home.clock.advance(3 * 86400)
    second = await submitted(home, environment="dev", by="ben")
    every = {second, first}
    await omar.get("/sign-in")
    for query, wanted in {
        "": every,
        "?environment=production": {first},
        "?who=ben": {second},
        "?capability=storage": every,
        "?capability=databricks": set(),
        "?team=ml": every,
        "?state=awaiting": every,
        "?state=failed": set(),
        f"?text={first}": {first},
        "?text=STORAGE+account": every,
        "?text=nothing+like+it": set(),
        "?since=2026-03-04": {second},
        "?until=2026-03-04": {first},
        "?since=junk&until=%00&page=-5": every,
        "?page=99999999": every,
    }.items():
        status, text = await omar.get(f"/history{query}")
        assert (status, {*shown(text)}) == (200, wanted), query


async def test_history_is_read_page_by_page(home: House, omar: Reader) -> None:
    for number in range(30):
        await home.submit(draft("storage", account_name=f"stml{number}"))
        home.clock.advance(1)
    home.clock.advance(10)
    _, first = await omar.get("/history?team=ml")
    assert len(shown(first)) == 25
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    _, second = await omar.get(older[1].replace("&amp;", "&"))
    assert len(shown(second)) == 5
    assert not {*shown(first)} & {*shown(second)}


async def test_what_a_filter_says_is_text_wherever_it_is_shown(omar: Reader) -> None:
    _, text = await omar.get("/history?text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in text


async def test_many_looks_read_the_store_once(home: House, pages: Served, omar: Reader) -> None:
    await submitted(home, environment="production")
    reads: list[int] = []
    summaries = pages.service.summaries

    async def counted(limit: int = 100) -> object:
        reads.append(limit)
        return await summaries(limit)

    pages.service.summaries = counted  # type: ignore[assignment]
    home.clock.advance(60)
    for path in ("/waiting", "/history", "/analytics", "/waiting"):
        assert (await omar.get(path))[0] == 200
    assert len(reads) == 1


async def test_analytics_count_what_was_done_and_how_long_it_took(
    home: House, omar: Reader
) -> None:
    id = await home.submit(draft("storage", environment="production"))
    worker = home.worker()
    await worker.run(id)
    home.clock.advance(7200)
    await home.click("omar", id)
    await worker.run(id)
    _, text = await omar.get("/analytics?days=7")
    assert "1 asked for: 1 done, 0 failed" in text
    assert text.count("half within 2.0 h, nine of ten within 2.0 h</p>") == 2
    assert "0 % of what was carried out" in text
    assert text.count('role="img"') == 3


async def test_analytics_of_nothing_say_so(omar: Reader) -> None:
    status, text = await omar.get("/analytics?days=junk")
    assert status == 200
    assert "Nothing to draw in this time" in text


async def test_overviews_are_for_people_who_are_signed_in(pages: Served) -> None:
    async with reader(pages) as nobody:
        for path in ("/waiting", "/history", "/analytics"):
            status, text = await nobody.get(path)
            assert (status, "Sign in to see this" in text) == (403, True)
