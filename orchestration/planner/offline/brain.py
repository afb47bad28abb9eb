"""One request to the embedded service: the next stage of the plan, or the closing words."""

import json
from collections.abc import Callable
from functools import lru_cache

from orchestration.planner.answering import spoken
from orchestration.planner.offline.plan import Call, Plan
from orchestration.planner.offline.policy import planned
from orchestration.planner.offline.reader import Reader
from orchestration.planner.offline.situation import situated


def planning(reader: Reader) -> Callable[[str, str], Plan]:
    """Plans by text and system message; a turn's requests after the first cost nothing."""
    return lru_cache(maxsize=16)(lambda text, system: planned(text, situated(system), reader))


def respond(
    plans: Callable[[str, str], Plan],
    system: str,
    text: str,
    results: list[tuple[str, str]],
    rounds: int,
    offered: frozenset[str],
) -> tuple[str, list[Call]]:
    """Words or calls; `results` are (tool, JSON) of this turn so far, `rounds` of them.

    `plans` gives the plan for (text, system message).
    """
    plan = plans(text, system)
    if rounds < len(plan.stages) and not any(_failed(result) for _, result in results):
        calls = [call for call in plan.stages[rounds] if call[0] in offered]
        if calls:
            return "", calls
    return _closing(plan, results), []


def _failed(result: str) -> bool:
    try:
        body = json.loads(result)
    except ValueError:
        return True
    return "error" in body or bool(body.get("problems"))


def _closing(plan: Plan, results: list[tuple[str, str]]) -> str:
    said = [*plan.remarks, *(spoken(result) for _, result in results)]
    following = [_next(result) for _, result in results]
    sentences = [text for text in (*said, *following[-1:]) if text]
    return " ".join(dict.fromkeys(sentences)) or "Nothing was changed."


def _next(result: str) -> str:
    try:
        return str(json.loads(result).get("next", ""))
    except ValueError:
        return ""
