"""What a message, a click and a report of progress may cost on Cosmos DB, whatever the store holds.

The charges are the double's: Microsoft's table by document size, with a read charged twice, as
under BoundedStaleness, unless it asks for no more than Session.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import filling
from benchmarks.counting import Tally, counted
from benchmarks.filling import Amount
from orchestration.deployments import Deployments
from orchestration.jobs.progress import Progress
from orchestration.news import News, OthersVoice
from orchestration.ports import ApplyProgress, StepId
from orchestration.standing import standing
from tests.doubles.accounted import DATABASE, Accounted, accounted
from tests.doubles.house import ORGANISATION
from tests.far.cosmos.double import CosmosDouble

THREE = "Databricks, Azure OpenAI and a storage account for the ML team in production, East US"
ONE = "a storage account for the ML team in production, East US"
BEFORE = ("what can you do?", "what does Databricks need?", "status", "which regions are there?")
LONG_TALK = 12


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> tuple[filling.Template, ...]:
    """A deployment that waits for sign-off, and the same when it has ended."""
    return asyncio.run(made(tmp_path_factory.mktemp("template")))


async def made(folder: Path) -> tuple[filling.Template, ...]:
    async with accounted(folder) as one:
        id = await one.submits(ONE, "filled")
        thread = (await one.home.get(id)).thread
        waiting = await filling.template(one.home.store, ORGANISATION, id, thread)
        await one.decides("approve", "omar", id)
        await one.works(id)
        assert standing(await one.home.get(id)) == "succeeded"
        return waiting, await filling.template(one.home.store, ORGANISATION, id, thread)


@pytest.fixture(params=[Amount(10, 10), Amount(1000, 100), Amount(1000, 1000)], ids=str)
def amount(request: pytest.FixtureRequest) -> Amount:
    found: Amount = request.param
    return found


@pytest.fixture
async def one(
    amount: Amount, tmp_path: Path, templates: tuple[filling.Template, ...]
) -> AsyncIterator[Accounted]:
    """Signoff with that many deployments in its store."""
    waiting, ended = templates

    def fill(double: CosmosDouble) -> None:
        rows = filling.copies(ended, waiting, amount)
        filling.into_double(double.account, DATABASE, rows)

    async with accounted(tmp_path, fill) as found:
        yield found


def within(tally: Tally, calls: int, ru: float) -> None:
    assert (len(tally.calls) <= calls, tally.ru <= ru) == (True, True), (tally, tally.ru)


async def test_a_turn(one: Accounted) -> None:
    within(await one.says("hello"), 4, 40)
    for text in BEFORE:
        within(await one.says(text), 4, 50)
    within(await one.says(THREE), 4, 50)
    for n in range(LONG_TALK):
        within(await one.says(f"make it {n + 2} workers at most"), 4, 50)
    within(await one.says("what does that cost?"), 4, 50)
    within(await one.clicks("undo", draft=(await one.session()).draft_key), 4, 50)


async def test_a_turn_about_a_deployment(one: Accounted) -> None:
    id = await one.submits(THREE)
    for text in ("status", "who has to approve it?", "what does that cost?", "hello"):
        within(await one.says(text), 5, 50)
    await another_replica(one).change(id, lambda found: replace(found, title="Another"))
    within(await one.says("status"), 5, 50)


async def test_submitting(one: Accounted) -> None:
    """Two turns' worth and a deployment: it makes one, lists it and posts its card. The first of
    a month in a process makes sure that the month has begun."""
    for thread, calls in (("first", 10), ("second", 9)):
        await one.says(THREE, thread=thread)
        key = (await one.session(thread)).draft_key
        within(await one.clicks("submit", thread=thread, draft=key), calls, 120)


async def test_a_list(one: Accounted, amount: Amount) -> None:
    """The newest 50, and with them what is open: the one thing here that its number makes dear."""
    index, summarise = one.home.deployments().index, one.service.summaries
    newest, beside_open = Tally(), Tally()
    with counted(newest):
        assert len(await index.newest(50)) in (10, 50)
    within(newest, 2, 46)
    with counted(beside_open):
        await summarise(50)
    within(beside_open, 3, 120 if amount.open <= 100 else 730)


async def test_a_decision_until_it_is_spoken(one: Accounted) -> None:
    id = await one.submits(THREE)
    for verb, person in (("approve", "vic"), ("approve", "omar"), ("approve", "mia")):
        within(await one.decides(verb, person, id), 3, 40)
    assert standing(await one.home.get(id)) == "queued"


async def test_a_refusal_until_it_is_spoken(one: Accounted) -> None:
    id = await one.submits(THREE)
    within(await one.decides("reject", "omar", id, "not this month"), 3, 55)
    assert standing(await one.home.get(id)) == "rejected"


async def test_a_decision_on_what_somebody_else_has_changed(one: Accounted) -> None:
    id = await one.submits(ONE)
    await another_replica(one).change(id, lambda found: replace(found, title="Another"))
    within(await one.decides("approve", "omar", id), 3, 40)


def another_replica(one: Accounted) -> Deployments:
    home = one.home
    voice = OthersVoice(home.store, home.clock)
    return Deployments(home.store, home.clock, home.people, ORGANISATION, voice)


async def test_a_report_of_progress(one: Accounted) -> None:
    id = await one.submits(ONE)
    shop = replace(one.home.worker().shop, deployments=another_replica(one))
    await News(one.home.store, "embedded").there()
    progress = Progress(shop, id, StepId("storage"))
    await progress.report(ApplyProgress(0, 3, ()))
    for done in (1, 2):
        one.home.clock.advance(1.5)
        tally = Tally()
        with counted(tally):
            await progress.report(ApplyProgress(done, 3, ("a",)))
            await asyncio.sleep(0.1)
        within(tally, 2, 34)


async def test_what_a_worker_does_for_a_step(one: Accounted) -> None:
    id = await one.submits(ONE)
    await one.decides("approve", "omar", id)
    within(await one.works(id), 25, 210)
    assert standing(await one.home.get(id)) == "succeeded"
