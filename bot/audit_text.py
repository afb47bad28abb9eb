"""A record on a terminal: a line for each event, and whether the chain holds."""

import json
from collections.abc import Mapping
from typing import Any, TextIO


def write_trail(trail: Mapping[str, Any], out: TextIO, *, verify: bool, as_json: bool) -> None:
    if as_json:
        out.write(json.dumps(trail) + "\n")
        return
    events = trail["events"]
    if not verify:
        for event in events:
            out.write(_line(event) + "\n")
    ends = f"{len(events)} events, the chain is whole" if trail["intact"] else trail["broken"]
    out.write(f"{trail.get('deployment') or trail['record']}: {ends}\n")


def _line(event: Mapping[str, Any]) -> str:
    detail = ", ".join(f"{key}={value}" for key, value in event["detail"].items() if value)
    said = f"{event['at'][:19]} {event['actor']} {event['action']} {event['subject']}"
    return f"{said} ({detail})" if detail else said
