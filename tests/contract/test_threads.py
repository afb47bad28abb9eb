"""A thread goes on, whatever breaks in one of its turns."""

import json
from pathlib import Path

import pytest

from approvals.principals import PrincipalId
from bot.telemetry import LOG_FILE, logging_to
from capabilities.registry import catalogue
from orchestration import threads as module
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.delivery import Delivery
from orchestration.messages import EventId, Said
from orchestration.speaker import Speaker
from orchestration.threads import Threads
from orchestration.turns import Turns
from orchestration.views import View
from orchestration.writing import Writing
from tests.doubles.house import THREAD, House
from tests.doubles.surface import FakeSurface
from tests.doubles.talk import Talk


def threads(talk: Talk, surface: FakeSurface) -> Threads:
    home, deployments = talk.home, talk.home.deployments()
    heads = talk.heads
    view = View(heads, deployments, catalogue(), SnapshotPrices.load(), home.people)
    speaker = Speaker(home.store, surface, view.card, home.clock, "us")
    return Threads(
        talk.inbox,
        heads,
        talk.conversation,
        deployments,
        home.people,
        home.engine,
        home.clock,
        Delivery(speaker, home.store),
        view,
        Turns(few=8, many=8),
    )


def words(home: House, text: str) -> Said:
    return Said(EventId(f"e-{text}"), THREAD, PrincipalId("ana"), text, home.clock.now())


async def test_the_incident_id_that_is_told_is_in_the_log(home: House, tmp_path: Path) -> None:
    talk, surface = Talk(home), FakeSurface()
    talk.planner.broken.append("boom")
    with logging_to(tmp_path, "info"):
        service = threads(talk, surface)
        await service.receive(words(home, "boom"))
        await service.settled(THREAD)
    (said,) = surface.said
    (entry,) = (json.loads(line) for line in (tmp_path / LOG_FILE).read_text().splitlines())
    assert f"(incident {entry['incident']})" in said
    assert (entry["event"], entry["correlation"]) == ("turn_failed", "e-boom")


async def test_a_thread_outlives_a_fault_in_giving_up(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, surface, faults = Talk(home), FakeSurface(), [KeyError("x")]
    save = Writing.save

    async def saved(*args: object, **kwargs: object) -> object:
        if faults:
            raise faults.pop()
        return await save(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_STUCK_S", 0.001)
    monkeypatch.setattr(Writing, "save", saved)
    talk.planner.broken.append("boom")
    service = threads(talk, surface)
    await service.receive(words(home, "boom"))
    await service.receive(words(home, "hello"))
    await service.settled(THREAD)
    assert "incident" in surface.said[0]
    assert surface.said[1:] == [f"{THREAD}: I see."]
