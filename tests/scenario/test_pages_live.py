"""The pages in Debian's Chromium while real Terraform works on the simulated clouds."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from approvals.principals import PrincipalId
from bot.clouds import sandbox
from bot.parts import opened
from bot.processes.free_ports import free_ports
from bot.server import serving
from bot.server_configs import pages_config
from bot.settings import Settings
from bot.web.pages import page_url
from bot.wiring import workshop
from orchestration.errors import UserError
from orchestration.messages import Clicked, EventId, Said, ThreadId
from tests.doubles.browser import chromium, tab
from tests.doubles.engine import DirectEngine
from tests.doubles.house import ORGANISATION, House, draft
from tests.doubles.pages import served
from tests.doubles.signing import sign

SOMEWHERE = ThreadId("teams:99999999-0000-0000-0000-000000000000/a-conversation")
expect.set_options(timeout=30_000)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


async def test_the_log_grows_while_a_real_terraform_applies(
    browser: Browser, tmp_path: Path
) -> None:
    settings = Settings(
        store=tmp_path, organisation=ORGANISATION, prices_live=False, sandbox_speed=4.0
    )
    async with opened(settings) as parts:
        home = House(parts.store, parts.artifacts, tmp_path, parts.clock, parts.directory)  # type: ignore[arg-type]
        worker = DirectEngine(workshop(settings, parts, home.engine, sandbox(settings)))
        id = await home.submit(draft("storage", environment="production"))
        await worker.run(id)
        await sign(home, id)
        async with served(home) as pages, tab(browser, pages.url) as someone:
            page = someone.page
            await page.goto(pages.link(id))
            working = asyncio.create_task(worker.run(id))
            log = page.locator("[data-run='storage/001/apply'] .log")
            await expect(log).to_contain_text("azurerm_resource_group.this: Creating...")
            early = await log.inner_text()
            assert not working.done()
            await expect(log).to_contain_text("Apply complete!")
            assert (await log.inner_text()).startswith(early)
            await working
            await expect(page.locator(".badge.succeeded").first).to_be_visible()
            link = page.locator("[data-run='storage/001/apply'] .whole")
            await link.click()
            assert "Apply complete!" in await page.inner_text("body")


async def test_a_whole_server_shows_what_its_worker_does(browser: Browser, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    settings = Settings(
        store=tmp_path, teams_local=True, port=port, public_url=url, prices_live=False
    )
    async with serving(settings) as running, tab(browser, url) as someone:
        inside = running.service
        await inside.receive(said("ana", "I need a storage account for team ml in dev, East US"))
        await until(inside.show, SOMEWHERE, "draft")
        await inside.receive(said("ana", "looks good"))
        id = (await until(inside.summaries))[0].id
        await someone.page.goto(page_url(pages_config(settings), id))
        lead = someone.page.locator(".wanted")
        await expect(lead).to_have_text(re.compile("Waiting for sign-off"))
        await expect(someone.page.locator(".log").first).to_contain_text("Plan to create")
        card = await inside.card(f"deployment:{id}")
        approve = next(button for button in card.buttons if button.verb == "approve")
        (somebody,) = approve.audience or ()
        now = datetime.now(UTC)
        click = Clicked(EventId("click"), SOMEWHERE, somebody, "approve", now, approve.data)
        await inside.receive(click)
        await expect(lead).to_have_text(re.compile("It is up: done"))
        apply = someone.page.locator("[data-run='storage/001/apply']")
        await expect(apply.locator(".log")).to_contain_text("Apply complete!")
        await expect(apply.locator(".run-state")).to_have_text("ended")


def said(by: str, text: str) -> Said:
    now = datetime.now(UTC)
    return Said(EventId(f"{by}: {text}"), SOMEWHERE, PrincipalId(by), text, now)


async def until(ask: Callable[..., Awaitable[Any]], *given: object) -> Any:
    """The first answer that is one."""
    for _ in range(100):
        with suppress(UserError):
            if answer := await ask(*given):
                return answer
        await asyncio.sleep(0.1)
    raise AssertionError(f"{ask} has no answer")
