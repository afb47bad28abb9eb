"""Terraform's machine-readable log, line by line.

Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.ports import ApplyProgress


@dataclass(frozen=True, slots=True)
class Diagnostic:
    summary: str
    detail: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """`type` is "" for a line that is not JSON; `message` is what a person would read."""

    type: str
    message: str
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> Diagnostic | None:
        found = self.body.get("diagnostic", {})
        if self.type != "diagnostic" or found.get("severity") != "error":
            return None
        return Diagnostic(found["summary"], found.get("detail", ""), found.get("address", ""))


def parse(line: str) -> Event:
    """The event that a line tells."""
    if line.startswith("{"):
        try:
            body = json.loads(line)
        except json.JSONDecodeError:
            return Event("", line)
        return Event(body.get("type", ""), body.get("@message", ""), body)
    return Event("", line)


class Progress:
    """Counts resources as an apply goes on; `total` is 0 when nobody knows."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._current: dict[str, None] = {}

    def after(self, event: Event) -> ApplyProgress | None:
        """How far the apply is, if the event has changed that."""
        hook = event.body.get("hook", {})
        if hook.get("action") in ("noop", "read") or not event.type.startswith("apply_"):
            return None
        address = hook.get("resource", {}).get("addr", "")
        match event.type:
            case "apply_start":
                self._current[address] = None
            case "apply_complete" | "apply_errored":
                self._current.pop(address, None)
                self._done += event.type == "apply_complete"
            case _:
                return None
        return ApplyProgress(self._done, max(self._total, self._done), tuple(self._current))
