"""Many wordings, written before the rules that read them: hardly any may be silently wrong."""

import json
from pathlib import Path

import pytest

from capabilities.registry import catalogue
from orchestration.planner.build import LazyPlanner, planner
from tests.clock import FakeClock
from tests.planner_chat import Chat
from tests.wordings import judged

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("planner_wordings.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def brain() -> LazyPlanner:
    return planner(catalogue(), FakeClock())


async def test_wordings_are_read_or_asked_back(brain: LazyPlanner) -> None:
    chat = Chat(brain)
    verdicts: dict[str, list[str]] = {"right": [], "asked": [], "wrong": []}
    for row in ROWS:
        if row.get("new"):
            chat = Chat(brain)
        if row.get("deployed"):
            chat.has_deployment = True
        verdict, why = await judged(chat, row)
        verdicts[verdict].append(f"{row['say']}: {why}")
    assert not verdicts["wrong"], verdicts["wrong"]
    assert len(verdicts["right"]) / len(ROWS) >= 0.9, verdicts["asked"]
