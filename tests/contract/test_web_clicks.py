"""Deciding on the page: only signed in, once per form, refused in the same words as on the card."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from orchestration import outbox
from orchestration.deployment import Approved, Awaiting
from orchestration.messages import Reply
from orchestration.places import Place
from orchestration.ports import DeploymentId
from orchestration.standing import standing
from tests.doubles.house import House, draft
from tests.doubles.oidc_provider import OidcProvider, oidc_provider
from tests.doubles.pages import Reader, Served, reader, served

ANA, LENA, MIA, OMAR, VIC = 1, 3, 4, 5, 8


@pytest.fixture
async def provider(home: House) -> AsyncIterator[OidcProvider]:
    async with oidc_provider() as running:
        running.now = home.clock.now
        yield running


@pytest.fixture
async def pages(home: House, provider: OidcProvider) -> AsyncIterator[Served]:
    async with served(home, sign_in="entra", provider=provider) as running:
        yield running


@pytest.fixture
async def someone(pages: Served) -> AsyncIterator[Reader]:
    async with reader(pages) as browser:
        yield browser


@pytest.fixture
async def id(home: House) -> DeploymentId:
    """A plan that a platform approver other than ana has to sign."""
    id = await home.submit(draft("storage", environment="production"), by="ana")
    await home.worker().run(id)
    return id


async def signs_in(provider: OidcProvider, browser: Reader, person: int) -> None:
    provider.is_person(person)
    assert (await browser.get("/sign-in"))[0] == 200


async def test_an_approver_signs_off(
    home: House, provider: OidcProvider, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    status, text = await someone.post(f"/d/{id}", **form)
    assert status == 200
    assert "You signed off: " in text
    (said,) = (await home.get(id)).decisions
    assert (said.decision.by, said.decision.verdict.value) == ("omar", "approve")
    assert isinstance((await home.get(id)).steps[0].state, Approved)
    assert home.engine.nudged[id] >= 1


async def test_a_double_click_counts_once_and_is_answered_twice(
    home: House, provider: OidcProvider, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    answers = await asyncio.gather(*(someone.post(f"/d/{id}", **form) for _ in range(20)))
    assert [status for status, _ in answers] == [200] * 20
    assert all("You signed off: " in text for _, text in answers)
    assert len((await home.get(id)).decisions) == 1
    assert "click refused" not in await home.actions(id)


async def test_a_rejection_needs_a_reason_and_is_shown_with_it(
    home: House, provider: OidcProvider, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "reject")
    _, text = await someone.post(f"/d/{id}", **form, reason="  ")
    assert "It does not count." in text
    form = await someone.form(f"/d/{id}", "reject")
    _, text = await someone.post(f"/d/{id}", **form, reason="Use <b>eastus2</b> instead")
    assert "You rejected: " in text
    assert "Use &lt;b&gt;eastus2&lt;/b&gt; instead" in text
    assert standing(await home.get(id)) == "rejected"


async def test_who_may_not_decide_sees_no_button_and_is_told_when_they_click_all_the_same(
    home: House, provider: OidcProvider, pages: Served, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    async with reader(pages) as other:
        await signs_in(provider, other, ANA)
        _, text = await other.get(f"/d/{id}")
        assert 'value="approve"' not in text
        key = text.partition('name="form_key" value="')[2].partition('"')[0]
        _, text = await other.post(f"/d/{id}", **{**form, "form_key": key})
    assert "It does not count." in text
    assert "other than" in text
    assert (await home.get(id)).decisions == ()
    waiting = await outbox.pending(home.store, Place("deployments", id))
    messages = [message for entry in waiting for message in entry.messages.values()]
    told = [message for message in messages if isinstance(message, Reply)]
    assert [reply.to for reply in told if "other than" in reply.text] == ["ana"]


async def test_the_answer_to_a_click_is_for_the_one_who_clicked(
    provider: OidcProvider, pages: Served, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    await someone.post(f"/d/{id}", **form)
    async with reader(pages) as other:
        await signs_in(provider, other, MIA)
        for clicked in (f"approve:{form['nonce']}", f"approve:{form['nonce']}:{'0' * 32}"):
            _, text = await other.get(f"/d/{id}?clicked={clicked}")
            assert "You signed off" not in text
        _, text = await other.get(f"/d/{id}?clicked=cancel:{form['nonce']}:{'0' * 32}")
    assert "It was passed on" not in text


async def test_with_a_link_alone_one_may_look_and_not_decide(
    home: House, provider: OidcProvider, pages: Served, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    async with reader(pages) as other:
        _, text = await other.get(pages.link(id))
        assert "You look at this with a link" in text
        assert "<form" not in text.partition("<main")[2]
        token = pages.link(id).partition("?")[2]
        status, text = await other.post(f"/d/{id}?{token}", **form)
    assert (status, "Sign in to decide" in text) == (403, True)
    assert (await home.get(id)).decisions == ()


@pytest.mark.parametrize("key", ["", "0" * 64, "\u00e4"])
async def test_a_form_without_the_key_of_the_session_is_not_taken(
    home: House, provider: OidcProvider, someone: Reader, id: DeploymentId, key: str
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    status, text = await someone.post(f"/d/{id}", **{**form, "form_key": key})
    assert (status, "cannot be taken" in text) == (403, True)
    assert (await home.get(id)).decisions == ()
    assert (await someone.post("/sign-out", form_key=key))[0] == 403


async def test_a_form_from_another_site_is_not_taken(
    home: House, provider: OidcProvider, pages: Served, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    for headers, status in (
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": pages.url, "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": pages.url}, 200),
    ):
        sent = someone.http.post(f"{pages.url}/d/{id}", data=form, headers=headers)
        async with sent as answer:
            assert answer.status == status, headers
    assert len((await home.get(id)).decisions) == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        {"verb": "submit"},
        {"verb": ""},
        {"nonce": "short"},
        {"nonce": "x" * 200},
        {"nonce": "../../../../etc/passwd"},
    ],
    ids=str,
)
async def test_a_form_that_is_none_of_ours_is_refused(
    provider: OidcProvider, someone: Reader, id: DeploymentId, spoilt: dict[str, str]
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    assert (await someone.post(f"/d/{id}", **{**form, **spoilt}))[0] == 400


async def test_a_page_that_shows_an_older_plan_signs_nothing(
    home: House, provider: OidcProvider, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    shown = form["shown"].replace("sha256:", "sha256:0000", 1)[: len(form["shown"])]
    _, text = await someone.post(f"/d/{id}", **{**form, "shown": shown})
    assert "It does not count." in text
    assert isinstance((await home.get(id)).steps[0].state, Awaiting)


async def test_a_click_on_nothing_says_so(
    provider: OidcProvider, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    assert (await someone.post("/d/d-none", **form))[0] == 404


async def test_a_cancel_goes_to_the_thread_once(
    home: House, provider: OidcProvider, pages: Served, someone: Reader, id: DeploymentId
) -> None:
    await signs_in(provider, someone, ANA)
    form = await someone.form(f"/d/{id}", "cancel")
    for _ in range(3):
        status, text = await someone.post(f"/d/{id}", **form)
        assert (status, "It was passed on." in text) == (200, True)
    await pages.service.settled((await home.get(id)).thread)
    assert standing(await home.get(id)) == "cancelled"
    assert (await home.actions(id)).count("cancelled") <= 1


async def test_a_refused_click_is_on_record_with_what_was_told(
    home: House, provider: OidcProvider, someone: Reader, pages: Served, id: DeploymentId
) -> None:
    await signs_in(provider, someone, OMAR)
    form = await someone.form(f"/d/{id}", "approve")
    async with reader(pages) as other:
        await signs_in(provider, other, VIC)
        _, text = await other.get(f"/d/{id}")
        key = text.partition('name="form_key" value="')[2].partition('"')[0]
        await other.post(f"/d/{id}", **{**form, "form_key": key})
    entry = (await home.audit(id))[-1]
    assert (entry.event.actor, entry.event.action) == ("vic", "click refused")
    assert entry.event.detail["told"]
