"""Turns what a service did into an `Answer`; what changed is computed here, never reported."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestration.planner.desk import Answer, Turn
from orchestration.planner.history import Exchange, ToolCall
from orchestration.planner.wording import changes
from orchestration.planner.worksheet import Worksheet

MOST_CHARACTERS = 2_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")

FILTERED = "I can't help with that message: the content filter stopped it. Nothing was changed."
TOO_MUCH = "That took more steps than one message may; nothing was changed. Ask for less at once."
NOT_THERE = "I can't answer right now; nothing was changed. Please try again in a minute."
TOO_LONG = (
    "That is too long for me to read safely, so nothing was changed. "
    "Say what you need in a few sentences, one part at a time."
)


def answered(
    turn: Turn,
    sheet: Worksheet,
    text: str,
    calls: Sequence[ToolCall],
    service: str,
    audit: Sequence[Mapping[str, Any]],
    tokens: int,
) -> Answer:
    """The service's words, or those of its tools when it had none."""
    shown = _CONTROL.sub("", text).strip()[:MOST_CHARACTERS] or _tool_text(calls)
    recalled = tuple(_recalled(call, shown) for call in calls)
    return Answer(
        text=shown,
        draft=sheet.draft,
        changes=changes(turn.draft, sheet.draft, sheet.catalogue),
        choices=sheet.choices,
        command=sheet.command,
        show=sheet.show,
        undone=sheet.undone,
        exchange=Exchange(turn.text[:MOST_CHARACTERS], shown, recalled, sheet.choices),
        service=service,
        audit=tuple(audit),
        tokens=tokens,
    )


def _tool_text(calls: Sequence[ToolCall]) -> str:
    said = [spoken(call.result) for call in calls]
    return " ".join(text for text in said if text) or "Done."


def spoken(result: str) -> str:
    """What a tool's result says to a person: its text, or why it did not work."""
    try:
        body = json.loads(result)
    except ValueError:
        return ""
    if "error" in body:
        detail = "; ".join(body.get("details", ())) or str(body["error"])
        return detail[:1].upper() + detail[1:] + "."
    return str(body.get("text", ""))


def _recalled(call: ToolCall, answer: str) -> ToolCall:
    said = spoken(call.result)
    return replace(call, result="" if said in answer else said)


def filtered(turn: Turn, service: str) -> Answer:
    return _unchanged(turn, FILTERED, service)


def too_much(
    turn: Turn, service: str, audit: Sequence[Mapping[str, Any]] = (), tokens: int = 0
) -> Answer:
    return _unchanged(turn, TOO_MUCH, service, audit, tokens)


def too_long(turn: Turn, service: str) -> Answer:
    return _unchanged(turn, TOO_LONG, service)


def not_answered(turn: Turn, failures: Sequence[str]) -> Answer:
    return _unchanged(turn, NOT_THERE, f"none ({', '.join(failures)})")


def _unchanged(
    turn: Turn,
    text: str,
    service: str,
    audit: Sequence[Mapping[str, Any]] = (),
    tokens: int = 0,
) -> Answer:
    """What was written is not stored either: it must not come back with the next turn."""
    return Answer(
        text,
        turn.draft,
        exchange=Exchange(answer=text),
        service=service,
        audit=tuple(audit),
        tokens=tokens,
    )
