"""One three-step deployment with one kill -9 in it, and what is true afterwards."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from approvals.audit import Intact
from approvals.gates import Moment, Verdict
from approvals.principals import Role
from bot.parts import SystemClock, directory
from bot.settings import load
from orchestration import records
from orchestration.adapters.sqlite import open_store
from orchestration.deployment import Deployment, Succeeded
from orchestration.gating import gates_met
from orchestration.ports import DeploymentId
from orchestration.sandbox.view import activity, look
from orchestration.standing import is_final, standing

ROOT = Path(__file__).parents[2]
VICTIMS = ("worker", "engine", "chat", "tree")
"""`chat` takes its children with it and leaves Terraform the time to stop; `tree` is everything
that runs, Terraform and its providers included, at once."""
_PATIENCE_S = 150.0


@dataclass(frozen=True, slots=True)
class Kill:
    seed: int
    victim: str
    moment_s: float
    """Seconds after the first signature, with which two of the three steps start."""

    @staticmethod
    def seeded(seed: int, number: int, *, speed: float) -> "Kill":
        """`speed` is the sandbox's: undisturbed, a run at speed 1 takes about ten seconds."""
        chance = random.Random(f"{seed}/{number}")
        victim = VICTIMS[number % len(VICTIMS)]
        return Kill(seed * 1000 + number, victim, round(chance.uniform(0, 2 + 7 * speed), 2))


@dataclass(slots=True)
class Result:
    outcome: str = "unfinished"
    in_time: bool = False
    wrong: list[str] = field(default_factory=list)
    signed_again: int = 0
    remade: int = 0
    interrupted: int = 0
    seconds: float = 0.0


async def suffer(kill: Kill, store: Path, *, speed: float) -> Result:
    """Run it to its end in this empty folder, with the kill in it."""
    environment = {
        **os.environ,
        "SIGNOFF_PRICES_LIVE": "false",
        "SIGNOFF_SANDBOX_SPEED": str(speed),
        "PYTHONPATH": str(ROOT),
    }
    result = Result()
    with (store / "people.jsonl").open("w") as out, (store / "people.err").open("w") as err:
        start = lambda: subprocess.Popen(  # noqa: E731
            (sys.executable, "-m", "tests.faults.people", str(store)),
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment,
        )
        people = start()
        try:
            await _until(lambda: _signatures(store) > 0, people)
            since = time.monotonic()
            await asyncio.sleep(kill.moment_s)
            result.in_time = people.poll() is None and _strike(kill.victim, people)
            if result.in_time and people.poll() is not None:
                people = start()
            await _until(lambda: people.poll() is not None, None)
            result.seconds = round(time.monotonic() - since, 1)
        except TimeoutError:
            result.wrong.append(f"not ended after {_PATIENCE_S:g} s")
        finally:
            _end(people)
    await inspect(store, result)
    return result


async def _until(true: Any, people: "subprocess.Popen[bytes] | None") -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not true():
            if people is not None and people.poll() is not None:
                raise TimeoutError
            await asyncio.sleep(0.05)


def _signatures(store: Path) -> int:
    return sum("signed" in line for line in _told(store))


def _told(store: Path) -> list[dict[str, Any]]:
    lines = (store / "people.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]


def _strike(victim: str, people: "subprocess.Popen[bytes]") -> bool:
    """Whether there was anything to strike."""
    chat = psutil.Process(people.pid)
    below = chat.children(recursive=True)
    match victim:
        case "worker" | "engine":
            sign = "bot.cli" if victim == "worker" else "start-dev"
            struck = [p for p in chat.children() if sign in p.cmdline()]
        case "chat":
            struck = [chat]
        case _:
            struck = [chat, *below]
    for process in struck:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    if chat in struck:
        people.wait()
    return bool(struck)


def _end(people: "subprocess.Popen[bytes]") -> None:
    if people.poll() is None:
        people.terminate()
        try:
            people.wait(20)
        except subprocess.TimeoutExpired:
            people.kill()
            people.wait()


async def inspect(store: Path, result: Result) -> None:
    """Everything that has to be true of what is left."""
    settings = load(os.environ, ROOT, store=store)
    everybody = await directory(settings).with_roles(frozenset(Role))
    async with open_store(store / "store.db", SystemClock()) as documents:
        heads = await documents.everywhere(records.CONTAINER, "d:head")
        ids = [DeploymentId(document.body["id"]) for document in heads.documents]
        if len(ids) != 1:
            result.wrong.append(f"{len(ids)} deployments instead of 1")
            return
        deployment = await records.load(documents, ids[0])
        entries, verdict = await records.audit(documents, ids[0])
    found, events = deployment.deployment, [entry.event for entry in entries]
    result.outcome = standing(found)
    result.wrong += _deployment_faults(found, everybody)
    if not isinstance(verdict, Intact):
        result.wrong.append("the audit chain is broken")
    starts = Counter((e.subject, e.detail["plan"]) for e in events if e.action == "apply started")
    result.wrong += [
        f"{step} plan {n} started {k} times" for (step, n), k in starts.items() if k > 1
    ]
    approvals = sum(d.decision.verdict is Verdict.APPROVE for d in found.decisions)
    audited = sum(e.action == "approve" for e in events)
    if approvals != audited:
        result.wrong.append(f"{approvals} approvals, {audited} in the audit trail")
    people = {d.decision.by for d in found.decisions}
    result.wrong += [
        f"{name}'s signature is lost"
        for name in {line["signed"] for line in _told(store) if "signed" in line} - people
    ]
    result.signed_again = approvals - len({(d.step, d.decision.by) for d in found.decisions})
    result.interrupted = sum(e.action in {"interrupted", "apply stopped"} for e in events)
    _inspect_cloud(store, result)


def _deployment_faults(deployment: Deployment, everybody: Any) -> Iterator[str]:
    if not is_final(deployment):
        yield f"it is {standing(deployment)}"
    for step in deployment.steps:
        if not isinstance(step.state, Succeeded):
            yield f"{step.id} is {step.state.kind}: {getattr(step.state, 'summary', '')}"
            continue
        record = deployment.plan(step)
        assert record is not None
        if not gates_met(deployment, step, record, everybody, Moment.PLAN):
            yield f"{step.id} was applied without its sign-offs"


def _inspect_cloud(store: Path, result: Result) -> None:
    exists = Counter(o.id for o in look(store / "sandbox"))
    twice = Counter((o.type, o.name, o.parent) for o in look(store / "sandbox"))
    known = Counter(_in_state(store))
    result.wrong += [f"{id} is not in the state" for id in exists - known]
    result.wrong += [f"{id} is in the state and does not exist" for id in known - exists]
    result.wrong += [
        f"{kind} {name!r} exists twice" for (kind, name, _), n in twice.items() if n > 1
    ]
    if len(exists) != 13:
        result.wrong.append(f"{len(exists)} resources instead of 13")
    made: Counter[tuple[str, str]] = Counter()
    for entry in activity(store / "sandbox"):
        key = (entry["type"], "" if "role" in entry["type"] else entry["name"])
        if "error" in entry or entry["operation"] not in {"create", "delete"}:
            continue
        if entry["operation"] == "delete":
            made[key] -= 1
            result.remade += 1
        else:
            made[key] += 1
            if made[key] > 1:
                result.wrong.append(f"{key} was created while it existed")


def _in_state(store: Path) -> Iterator[str]:
    for path in (store / "state").rglob("terraform.tfstate"):
        for resource in json.loads(path.read_text())["resources"]:
            if resource["mode"] == "managed":
                yield from (one["attributes"]["id"] for one in resource["instances"])
