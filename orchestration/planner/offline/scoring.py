"""Compares readings with labelled frames: right, asked back, or silently wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.planner.offline.intents import Intent
from orchestration.planner.offline.reader import Reader
from orchestration.planner.offline.reading import Reading

DATASET_CAPABILITIES = frozenset(
    ("databricks", "azure_openai", "storage", "firewall", "ml_workspace")
)
"""The labels were written for these five, whatever the catalogue has today."""

_INTENTS = {
    Intent.SUBMIT: "approve", Intent.DECIDE: "approve", Intent.COPY: "same_as_last",
    Intent.CHEAPER: "cheaper", Intent.COST: "ask_cost", Intent.STATUS: "status",
    Intent.SHOW: "show_plan", Intent.HELP: "help", Intent.HELLO: "help",
    Intent.CANCEL: "cancel", Intent.DISCARD: "cancel", Intent.HOLD: "cancel",
    Intent.UNDO: "cancel", Intent.NO: "cancel", Intent.INJECTION: "unsupported",
}  # fmt: skip
_NOT_COMPARED = ("ports", "cidr", "scale", "dontcare", "embed")
"""Slots of the firewall, which is not in the catalogue, and of wishes that are asked back."""


@dataclass(frozen=True, slots=True)
class Score:
    rows: int
    right: int
    asked: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        share = [round(100 * n / self.rows) for n in (self.right, self.asked, len(self.wrong))]
        return (
            f"{self.rows} rows: {share[0]} % exact, {share[1]} % asked back, "
            f"{share[2]} % silently wrong"
        )


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def scored(reader: Reader, labelled: list[dict[str, Any]]) -> Score:
    """A doubt, a proposal, a part named as not read and `not understood` count as asked back."""
    right, asked, wrong = 0, 0, []
    for row in labelled:
        reading = reader.read(row["text"])
        if _asks(reading):
            asked += 1
        elif frame(reading) == expected(row["frame"]):
            right += 1
        else:
            wrong.append(f"{row['text']} -> {frame(reading)} not {expected(row['frame'])}")
    return Score(len(labelled), right, asked, tuple(wrong))


def _asks(reading: Reading) -> bool:
    """Whether the person is asked, or told what was not read."""
    partly = reading.leftovers or (reading.unused and reading.changes and not reading.intents)
    unsure = reading.doubts or reading.proposed or reading.scale
    return bool(partly or unsure or not reading.understood)


def expected(labelled: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in labelled.items() if key not in _NOT_COMPARED}
    return {**kept, **{key: sorted(kept[key]) for key in ("add", "remove") if key in kept}}


def frame(reading: Reading) -> dict[str, Any]:
    """The reading in the terms of the labels."""
    found: dict[str, Any] = {"intent": _intent(reading)}
    if reading.add:
        found["add"] = sorted(wanted.capability for wanted in reading.add)
    if reading.remove:
        found["remove"] = sorted(reading.remove)
    for said in reading.said:
        _slot(said.parameter, said.value, found, reading)
    return found


def _intent(reading: Reading) -> str:
    named = [_INTENTS[intent] for intent in reading.intents if intent in _INTENTS]
    if named and (not reading.changes or named[0] in ("same_as_last", "cheaper", "ask_cost")):
        return named[0]
    return "unsupported" if reading.unsupported and not reading.changes else "inform"


def _slot(parameter: str, value: Any, found: dict[str, Any], reading: Reading) -> None:
    match parameter:
        case "environment":
            found["env"] = value
        case "budget_monthly_usd":
            yearly = "year" in reading.text or "annual" in reading.text
            found["budget"] = [round(value * 12), "year"] if yearly else [value, "month"]
        case "min_workers" | "max_workers":
            low = reading.value("min_workers") or 1
            found["workers"] = [low, reading.value("max_workers") or low]
        case "resource_group":
            found.setdefault("names", {})["resource_group"] = value
        case _ if parameter.startswith("name:"):
            thing = parameter.removeprefix("name:").removeprefix("databricks ")
            thing = "storage" if thing == "storage account" else thing
            found.setdefault("names", {})[thing] = value
        case "allowed_ip_ranges":
            pass
        case _:
            found[parameter] = value
