"""Judges what the planner made of a wording: right, asked back, or silently wrong.

A row of planner_wordings.jsonl: `say`; `new` begins a conversation, `deployed` one with an open
deployment; what must change (`set`, `unset`, `add`, `remove`, `cmd`, `undo`, `gpu`); `ask_or` is
changed or asked back; `re` must be found in the answer. Everything else must stay as it was.
"""

import re
from collections.abc import Mapping
from typing import Any

from capabilities.azure.node_types import node_types
from capabilities.values import Json
from orchestration.draft import Draft
from orchestration.planner.desk import Answer
from tests.planner_chat import Chat

_TOLD = re.compile(
    r"(?i)\?|not changed|did not read|made nothing|did not understand|cannot|say `add"
)
_PAIRS = {"gpu": "node_type", "allowed_ip_ranges": "public_network_access"}
_GPU = ("gpu", "node_type", "ml_runtime")


def flat(draft: Draft) -> dict[str, Json]:
    found = {key: value.value for key, value in draft.shared.items()}
    for step in draft.steps:
        found |= {f"{step.id}.{key}": value.value for key, value in step.said.items()}
    return found


async def judged(chat: Chat, row: Mapping[str, Any]) -> tuple[str, str]:
    """`right`, `asked` or `wrong`, and why."""
    before, had = flat(chat.draft), chat.steps()
    answer = await chat.says(row["say"])
    after, has = flat(chat.draft), chat.steps()
    told = bool(answer.choices or _TOLD.search(answer.text))
    if row.get("undo"):
        return ("right", "") if answer.undone else ("asked" if told else "wrong", answer.text)
    wrong = _unwanted(row, before, after) + _misplaced(row, had, has) + _verb(row, answer)
    lacking = _lacking(row, after, has, chat)
    lacking += [row["cmd"]] if row.get("cmd") and answer.command is None else []
    if wrong:
        return "wrong", f"{wrong} {answer.text}"
    if lacking or (row.get("re") and not re.search(row["re"], answer.text)):
        return ("asked" if told else "wrong"), f"{lacking} {answer.text}"
    if (row.get("ask") or row.get("ask_any")) and not told:
        return "wrong", f"not asked: {answer.text}"
    return "right", ""


def _unwanted(
    row: Mapping[str, Any], before: Mapping[str, Json], after: Mapping[str, Json]
) -> list[str]:
    wanted = {**row.get("set", {}), **row.get("ask_or", {})}
    gone = {f"{step}." for step in row.get("remove", ())}
    changed = [k for k, v in after.items() if before.get(k) != v and wanted.get(k, ...) != v]
    changed += [k for k in before if k not in after and k not in row.get("unset", ())]
    return [
        key
        for key in changed
        if not (
            key in before
            and key not in after
            and (_paired(key, wanted) or key.startswith(tuple(gone)))
        )
        and not ("gpu" in row and key.endswith(_GPU))
    ]


def _paired(key: str, wanted: Mapping[str, Json]) -> bool:
    """Whether the value had to go because its counterpart was said."""
    step, _, parameter = key.partition(".")
    others = {**_PAIRS, **{b: a for a, b in _PAIRS.items()}}
    return f"{step}.{others.get(parameter)}" in wanted


def _misplaced(row: Mapping[str, Any], had: list[str], has: list[str]) -> list[str]:
    added = [step for step in has if step not in had and step not in row.get("add", ())]
    return added + [step for step in had if step not in has and step not in row.get("remove", ())]


def _verb(row: Mapping[str, Any], answer: Answer) -> list[str]:
    verb = answer.command.verb.value if answer.command else None
    return [f"command {verb}"] if verb not in (None, row.get("cmd")) else []


def _lacking(
    row: Mapping[str, Any], after: Mapping[str, Json], has: list[str], chat: Chat
) -> list[str]:
    wanted = {**row.get("set", {}), **row.get("ask_or", {})}
    found = [key for key, value in wanted.items() if after.get(key) != value]
    found += [step for step in row.get("add", ()) if step not in has]
    found += [step for step in row.get("remove", ()) if step in has]
    found += [key for key in row.get("unset", ()) if key in after]
    node = str(chat.value("node_type"))
    if "gpu" in row and not (node in node_types() and node_types()[node].gpu == row["gpu"]):
        found.append("gpu")
    return found
