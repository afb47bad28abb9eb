"""No secret is on any page, in its events or in its log, wherever it came from."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from approvals.change import Action, AttributeChange, ResourceChange
from orchestration.jobs.log import RunId, kept_log
from orchestration.ports import DeploymentId, OutputValue, StepId
from tests.doubles.house import House, draft
from tests.doubles.pages import Reader, Served, TalkativeTerraform, reader, served

PASSWORD = "correct-horse-battery-staple"
TOKEN = "dapi" + "0123456789abcdef" * 2
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLXBhcnQ"
SIGNATURE = "sv_sig_value_that_opens"
PLANTED = (PASSWORD, TOKEN, JWT, SIGNATURE)


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
    """A deployment with secrets in attributes, outputs, reasons and what Terraform says."""
    terraform = TalkativeTerraform(home.cloud)
    id = await home.submit(draft("storage", environment="production"))
    workspace = (await home.get(id)).steps[0].workspace
    attributes = (
        AttributeChange("admin_password", None, PASSWORD),
        AttributeChange("url", None, f"https://x.example/?sig={SIGNATURE}"),
        AttributeChange("custom_data", None, f"token is {TOKEN}"),
        AttributeChange("settings.api_key", "old", PASSWORD),
    )
    terraform.extra[workspace] = ResourceChange("vm.this", "vm", Action.UPDATE, attributes)
    terraform.gives["storage_account_name"] = OutputValue(f"Bearer {JWT}", False)
    await home.worker(terraform=terraform).run(id)
    run = RunId(StepId("storage"), 9, "apply")
    async with kept_log(home.store, home.artifacts, home.clock, id, run, every_s=0.01) as hear:
        hear(f"password = {PASSWORD}")
        hear(f"Authorization: Bearer {JWT}")
        hear(f"using {TOKEN} now")
    await home.click("omar", id, "reject", reason=f"your password={PASSWORD} is in it, {TOKEN}")
    return id


async def test_no_page_shows_a_secret(pages: Served, someone: Reader, id: DeploymentId) -> None:
    link = pages.link(id)
    log = link.replace(f"/d/{id}?", f"/d/{id}/log/storage/009/apply?")
    for address in (link, log):
        status, text = await someone.get(address)
        assert status == 200
        assert [secret for secret in PLANTED if secret in text] == []
        assert "(sensitive)" in text


async def test_no_event_carries_a_secret(pages: Served, id: DeploymentId) -> None:
    address = pages.link(id).replace(f"/d/{id}?", f"/d/{id}/live?")
    text = ""
    async with aiohttp.ClientSession() as http, http.get(address) as answer:
        while "storage/009/apply" not in text:
            text += (await answer.content.readany()).decode()
    assert [secret for secret in PLANTED if secret in text] == []
    assert "(sensitive)" in text


async def test_what_we_made_to_be_sent_back_is_not_taken_for_a_secret(
    pages: Served, someone: Reader, id: DeploymentId
) -> None:
    _, text = await someone.get(pages.link(id))
    token = pages.link(id).partition("?t=")[2]
    assert f'data-token="{token}"' in text


def test_keys_of_a_configuration_are_not_in_its_words(pages: Served) -> None:
    config = replace(pages.config, client_secret=PASSWORD)
    assert PASSWORD not in repr(config)
    assert repr(config.link_key) not in repr(config)
