"""The pages in Debian's Chromium: what people see, follow, search and decide there."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from approvals.change import Action, AttributeChange, ResourceChange
from bot.web.pages import page_url
from orchestration.ports import DeploymentId
from orchestration.standing import standing
from tests.doubles.browser import CONTRAST, NAMELESS, Tab, chromium, tab
from tests.doubles.house import House, draft, house
from tests.doubles.oidc_provider import OidcProvider, oidc_provider
from tests.doubles.pages import Served, TalkativeTerraform, served
from tests.doubles.signing import sign

pytestmark = pytest.mark.asyncio(loop_scope="module")

expect.set_options(timeout=20_000)

OMAR = 5
LOOKS_AWAY, LOOKS_AGAIN = (
    f"Object.defineProperty(document, 'visibilityState', {{value: '{how}', configurable: true}});"
    "document.dispatchEvent(new Event('visibilitychange'))"
    for how in ("hidden", "visible")
)
PHONE = {"viewport": {"width": 375, "height": 812}}
OLD = ResourceChange(
    "azurerm_storage_account.old",
    "azurerm_storage_account",
    Action.DELETE,
    (AttributeChange("name", "stmlold", None),),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def provider(home: House) -> AsyncIterator[OidcProvider]:
    async with oidc_provider() as running:
        running.now = home.clock.now
        running.is_person(OMAR)
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def pages(home: House, provider: OidcProvider) -> AsyncIterator[Served]:
    async with served(home, sign_in="entra", provider=provider) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def someone(browser: Browser, pages: Served, provider: OidcProvider) -> AsyncIterator[Tab]:
    async with tab(browser, pages.url, provider.address) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def id(home: House) -> DeploymentId:
    """A plan of two steps that waits for sign-off; one resource is destroyed."""
    terraform = TalkativeTerraform(home.cloud)
    id = await home.submit(draft("databricks", "storage", environment="production"))
    terraform.extra[(await home.get(id)).step("storage").workspace] = OLD
    await home.worker(terraform=terraform).run(id)
    return id


async def test_a_page_follows_a_deployment_from_ask_to_done(
    home: House, pages: Served, someone: Tab
) -> None:
    page = someone.page
    worker = home.worker(terraform=TalkativeTerraform(home.cloud))
    id = await home.submit(draft("storage", environment="production"))
    await page.goto(pages.link(id))
    await expect(page.locator(".wanted")).to_have_text(re.compile("^Planning"))
    await page.evaluate("window.never_reloaded = true")
    await worker.run(id)
    await expect(page.locator(".wanted")).to_have_text(re.compile("Waiting for sign-off by"))
    await expect(page.locator("#part-plan")).to_contain_text("azurerm_storage_account.this")
    await expect(page.locator(".log")).to_contain_text("Plan to create")
    await sign(home, id)
    await worker.run(id)
    await expect(page.locator(".wanted")).to_have_text(re.compile("It is up: done"))
    await expect(page.locator(".log").last).to_contain_text("Creation complete")
    await expect(page.locator("#part-decisions")).to_contain_text("approve")
    await expect(page.locator("#part-audit")).to_contain_text("The chain is whole")
    assert await page.title() == "succeeded: Storage account for ml, production · Signoff"
    assert await page.evaluate("window.never_reloaded")


async def test_a_page_goes_on_when_the_process_was_started_anew(
    home: House, browser: Browser, id: DeploymentId
) -> None:
    async with served(home) as pages:
        port, link = int(pages.url.rpartition(":")[2]), pages.link(id)
        opened_tab = tab(browser, pages.url)
        someone = await opened_tab.__aenter__()
        await someone.page.goto(link)
        await expect(someone.page.locator("#part-plan")).to_contain_text("databricks_cluster")
    await expect(someone.page.locator("#connection")).to_contain_text("trying again")
    await sign(home, id)
    async with served(home, port=port):
        await expect(someone.page.locator("#part-decisions")).to_contain_text("olga")
        await expect(someone.page.locator("#connection")).to_be_empty()
        someone.problems[:] = [p for p in someone.problems if "net::ERR" not in p]
        await opened_tab.__aexit__(None, None, None)


async def test_a_tab_that_nobody_looks_at_rests_and_catches_up(
    home: House, pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    await page.clock.install()
    await page.goto(pages.link(id))
    await page.evaluate(LOOKS_AWAY)
    await page.clock.fast_forward(61_000)
    await sign(home, id)
    await asyncio.sleep(1.0)
    await expect(page.locator("#part-decisions")).to_contain_text("Nobody has decided")
    await page.evaluate(LOOKS_AGAIN)
    await expect(page.locator("#part-decisions")).to_contain_text("olga")
    await expect(page.locator("#news")).to_contain_text("Signed off")


async def test_the_plan_is_searched_and_filtered_and_shows_what_ends_first(
    pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    await page.goto(pages.link(id))
    await expect(page.locator(".notice.bad")).to_contain_text("This destroys storage account old")
    resources = page.locator(".resources > li:visible")
    everything = await resources.count()
    first = page.locator("[aria-labelledby=plan-storage] .resources > li").first
    await expect(first).to_contain_text("- destroy")
    await page.get_by_label("Search the plan").fill("stmlold")
    await expect(resources).to_have_count(1)
    await expect(page.locator("#found")).to_have_text(f"1 of {everything} resources")
    await page.get_by_label("Search the plan").fill("")
    await expect(resources).to_have_count(everything)
    await page.get_by_label("creates").uncheck()
    await expect(resources).to_have_count(1)
    await page.get_by_role("button", name="Unfold all").click()
    await expect(first.get_by_role("cell", name="stmlold")).to_be_visible()


async def test_somebody_signs_in_and_approves_on_the_page(
    home: House, pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    await page.goto(pages.link(id))
    await page.get_by_role("link", name="Sign in", exact=True).last.click()
    await expect(page).to_have_url(f"{pages.url}/d/{id}")
    await page.get_by_role("button", name="Approve", exact=True).dblclick()
    await expect(page.locator("#answer")).to_contain_text("You signed off")
    await expect(page.locator("#answer")).to_be_focused()
    await expect(page.locator("#part-decisions tbody tr")).to_have_count(2)
    assert [said.decision.by for said in (await home.get(id)).decisions] == ["omar", "omar"]
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")


async def test_a_rejection_is_refused_without_a_reason_and_taken_with_one(
    home: House, pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    await page.goto(f"{pages.url}/sign-in?next=/d/{id}")
    await page.locator("summary", has_text="Reject ...").click()
    await page.get_by_role("button", name="Reject", exact=True).click()
    assert standing(await home.get(id)) == "awaiting"
    await page.get_by_label("Why, and what").first.fill("Too large, use 1-4 workers")
    await page.get_by_role("button", name="Reject", exact=True).click()
    await expect(page.locator("#answer")).to_contain_text("You rejected")
    assert standing(await home.get(id)) == "rejected"


async def test_a_decision_that_came_too_late_is_refused_in_words(
    home: House, pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    await page.goto(f"{pages.url}/sign-in?next=/d/{id}")
    approve = page.get_by_role("button", name="Approve", exact=True)
    await expect(approve).to_be_visible()
    await page.evaluate("window.EventSource.prototype.addEventListener = () => {}")
    form = await page.locator("form", has=approve).first.evaluate(
        "form => Object.fromEntries(new FormData(form))"
    )
    await home.click("olga", id)
    await expect(approve).to_have_count(0)
    sent = await page.request.post(f"{pages.url}/d/{id}", form=form)
    assert "It does not count." in await sent.text()


async def test_what_somebody_types_stays_while_the_page_changes(
    home: House, pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    await page.goto(f"{pages.url}/sign-in?next=/d/{id}")
    await page.locator("summary", has_text="Reject ...").click()
    reason = page.get_by_label("Why, and what").first
    await reason.fill("Because")
    await home.click("mia", id)
    await expect(page.locator("#part-decisions")).to_contain_text("mia")
    await expect(reason).to_have_value("Because")
    await expect(reason).to_be_focused()


async def test_an_expired_link_and_another_organisations_link_are_friendly(
    home: House, pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    other = replace(pages.config, organisation="globex")
    await page.goto(page_url(other, id, at=home.clock.now()))
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "This link does not open anything here"
    )
    someone.refused(403)
    link = pages.link(id)
    home.clock.advance(3601)
    await page.goto(link)
    await expect(page.get_by_role("heading", level=1)).to_have_text("This link has expired")
    someone.refused(410)
    await page.get_by_role("link", name="Sign in").last.click()
    await expect(page.locator("#part-plan")).to_contain_text("databricks_cluster")


async def test_somebody_of_another_tenant_is_told_so(
    pages: Served, provider: OidcProvider, someone: Tab, id: DeploymentId
) -> None:
    provider.is_person(OMAR, tenant="77777777-0000-0000-0000-000000000000")
    await someone.page.goto(f"{pages.url}/sign-in?next=/d/{id}")
    await expect(someone.page.locator("main")).to_contain_text("another organisation")
    someone.refused(403)


async def test_everything_can_be_done_with_the_keyboard(
    home: House, pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    await page.goto(f"{pages.url}/sign-in?next=/d/{id}")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="To the content")).to_be_focused()
    await page.keyboard.press("Enter")
    approve = page.get_by_role("button", name="Approve", exact=True)
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await approve.evaluate("one => one === document.activeElement"):
            break
    outline = await approve.evaluate("one => getComputedStyle(one).outlineStyle")
    assert outline == "solid"
    await page.keyboard.press("Enter")
    await expect(page.locator("#answer")).to_contain_text("You signed off")
    await page.get_by_label("Search the plan").focus()
    await page.keyboard.type("stmlold")
    await expect(page.locator(".resources > li:visible")).to_have_count(1)
    for _ in range(6):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("cell", name="stmlold")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/d/{id}", "/waiting", "/history", "/analytics", "/nowhere"])
async def test_pages_fit_a_phone_can_be_read_and_have_names_for_everything(
    browser: Browser,
    pages: Served,
    provider: OidcProvider,
    id: DeploymentId,
    path: str,
    scheme: str,
) -> None:
    async with tab(browser, pages.url, provider.address, color_scheme=scheme, **PHONE) as someone:
        page = someone.page
        await page.goto(f"{pages.url}/sign-in")
        await page.goto(f"{pages.url}{path.format(id=id)}")
        someone.refused(404)
        for summary in await page.locator("summary:visible").all():
            await summary.click()
        assert await page.evaluate("document.scrollingElement.scrollWidth") <= 375
        assert await page.evaluate(CONTRAST) == []
        assert await page.evaluate(NAMELESS) == []
        assert await page.locator("h1").count() == 1
        for landmark in ("header", "main"):
            assert await page.locator(landmark).count() == 1
        small = "button, .button, select, input:not([type=hidden], [type=checkbox])"
        heights = await page.locator(small).evaluate_all(
            "all => all.filter((o) => o.checkVisibility()).map((o) => o.offsetHeight)"
        )
        assert min(heights, default=40) >= 38


async def test_what_is_folded_is_printed_and_what_is_pressed_is_not(
    pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    await page.goto(f"{pages.url}/sign-in?next=/d/{id}")
    await page.emulate_media(media="print")
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(page.get_by_role("cell", name="stmlold")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve", exact=True)).to_be_hidden()
    await expect(page.locator(".inside")).to_be_hidden()
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    await expect(page.get_by_role("cell", name="stmlold")).to_be_hidden()
    assert len(await page.pdf()) > 20_000


async def test_without_scripts_everything_is_there_and_loaded_anew(
    browser: Browser, pages: Served, id: DeploymentId
) -> None:
    async with tab(browser, pages.url, java_script_enabled=False) as someone:
        await someone.page.goto(pages.link(id))
        text = await someone.page.content()
        assert '<meta http-equiv="refresh" content="10">' in text
        assert await someone.page.locator("#search").is_hidden()
        await expect(someone.page.locator("#part-plan")).to_contain_text("databricks_cluster")
        assert "Load it now</a>" in text


async def test_the_queue_leads_to_the_decision(
    home: House, pages: Served, someone: Tab, id: DeploymentId
) -> None:
    page = someone.page
    await page.goto(f"{pages.url}/sign-in")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for me")
    await page.get_by_role("link", name=re.compile("Databricks workspace")).click()
    await page.get_by_role("button", name="Approve", exact=True).click()
    await page.get_by_role("link", name="Waiting for me").click()
    await expect(page.locator("main")).to_contain_text("Nothing waits for you")
    await page.get_by_role("link", name="History").click()
    await page.get_by_label("Environment").select_option("production")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator(".listed li")).to_have_count(1)
    await page.get_by_role("link", name="Analytics").click()
    await page.get_by_role("link", name="7 days").click()
    await expect(page.get_by_role("img").first).to_be_visible()
