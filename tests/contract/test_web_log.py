"""The log of a Terraform run: others read it as it comes, and what a dead worker said is kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from orchestration.jobs import log as module
from orchestration.jobs.log import RunId, kept_log, lines_after, runs_of
from orchestration.ports import DeploymentId, OnLine, Put, StepId
from orchestration.record import Record
from tests.doubles.flaky import FlakyStore
from tests.doubles.house import House, draft
from tests.doubles.pages import TalkativeTerraform
from tests.doubles.signing import sign

ID = DeploymentId("d-1")
RUN = RunId(StepId("storage"), 1, "apply")
OFTEN_S = 0.01


@asynccontextmanager
async def writing(home: House, run: RunId = RUN) -> AsyncIterator[OnLine]:
    async with kept_log(home.store, home.artifacts, home.clock, ID, run, every_s=OFTEN_S) as hear:
        yield hear


async def read(home: House, after: int = 0) -> tuple[str, ...]:
    return (await lines_after(home.store, ID, RUN, after)).lines


async def until_read(home: House, *wanted: str) -> None:
    for _ in range(500):
        if await read(home) == wanted:
            return
        await asyncio.sleep(OFTEN_S)
    raise AssertionError(f"{wanted} cannot be read")


async def test_lines_can_be_read_elsewhere_while_the_run_goes_on(home: House) -> None:
    async with writing(home) as hear:
        hear("one")
        hear("two")
        await until_read(home, "one", "two")
        hear("three")
        await until_read(home, "one", "two", "three")
        (run,) = await runs_of(home.store, ID)
        assert run.ended is None


async def test_the_ended_log_is_one_artifact(home: House) -> None:
    async with writing(home) as hear:
        for number in range(1000):
            hear(f"line {number}")
    (run,) = await runs_of(home.store, ID)
    assert run.ended
    text = (await home.artifacts.get(run.artifact)).decode()
    assert text.splitlines() == [f"line {number}" for number in range(1000)]


async def test_a_long_log_is_read_in_few_calls(home: House) -> None:
    chunks = 2500
    for number in range(1, chunks + 1):
        write = Put(f"log:lines:storage:001:apply:{number:08d}", {"lines": [f"line {number}"]})
        await home.store.batch("deployments", ID, [write], operation=f"{number}")
    store = FlakyStore(home.store)
    found = await lines_after(store, ID, RUN, 0)
    assert found.lines == tuple(f"line {number}" for number in range(1, chunks + 1))
    assert len(store.calls) <= 3
    store.calls.clear()
    assert (await lines_after(store, ID, RUN, found.last)).lines == ()
    assert len(store.calls) == 1


async def test_what_was_read_up_to_a_number_goes_on_from_there(home: House) -> None:
    async with writing(home) as hear:
        hear("one")
        await until_read(home, "one")
        first = await lines_after(home.store, ID, RUN, 0)
        hear("two")
    assert (await lines_after(home.store, ID, RUN, first.last)).lines == ("two",)


async def test_a_killed_worker_loses_what_it_had_not_written_and_nothing_else(
    home: House,
) -> None:
    entered = writing(home)
    hear = await entered.__aenter__()
    hear("written")
    await until_read(home, "written")
    (task,) = (t for t in asyncio.all_tasks() if t.get_name() == f"log of {RUN}")
    task.cancel()
    hear("lost")
    await asyncio.sleep(3 * OFTEN_S)
    assert await read(home) == ("written",)
    async with writing(home) as again:
        again("the next one")
    assert await read(home) == ("written", "the next one")


async def test_a_long_log_keeps_its_beginning_and_its_end(home: House) -> None:
    line = "x" * 999
    async with writing(home) as hear:
        for _ in range(5000):
            hear(line)
        hear("the error")
    lines = await read(home)
    assert lines[-1] == "the error"
    assert sum(len(line) + 1 for line in lines) < module.MOST + 250_000
    assert "... 801 lines are left out ..." in lines


async def test_no_document_and_no_line_is_large(home: House) -> None:
    async with writing(home) as hear:
        hear("y" * 1_000_000)
        for _ in range(300):
            hear("x" * 999)
    lines = await read(home)
    assert max(map(len, lines)) <= module.LONGEST_LINE + 4
    page = await home.store.find("deployments", ID, prefix="log:lines:")
    assert len(page.documents) >= 4
    assert max(sum(map(len, d.body["lines"])) for d in page.documents) <= module.LARGEST_CHUNK


async def test_a_store_that_fails_delays_the_log_and_stops_nothing(home: House) -> None:
    store = FlakyStore(home.store)
    store.fails_at = "log:"
    async with kept_log(store, home.artifacts, home.clock, ID, RUN, every_s=OFTEN_S) as hear:
        hear("one")
        await asyncio.sleep(3 * OFTEN_S)
        store.fails_at = None
        await until_read(home, "one")
        hear("two")
    assert await read(home) == ("one", "two")


async def test_plans_and_applies_of_a_deployment_are_in_its_log(home: House) -> None:
    worker = home.worker(terraform=TalkativeTerraform(home.cloud))
    id = await home.submit(draft("storage", environment="production"))
    await worker.run(id)
    await sign(home, id)
    await worker.run(id)
    record = Record(home.store, home.artifacts)
    plan, apply = await record.runs(id)
    assert (plan.id.what, apply.id.what) == ("plan", "apply")
    lines = (await record.log(id, apply, most=100)).lines
    assert lines[0].endswith("Creating...")
    assert lines[-1].endswith("Creation complete")
    assert await record.whole_log(id, apply) == "\n".join(lines)


async def test_files_of_a_plan_can_be_read_and_are_what_was_signed(home: House) -> None:
    id = await home.submit(draft("storage"))
    await home.worker().run(id)
    deployment = await home.get(id)
    files = await Record(home.store, home.artifacts).files(deployment, deployment.steps[0])
    assert {"main.tf", "terraform.tfvars.json"} <= {file.name for file in files}
    assert all(file.as_signed for file in files)
