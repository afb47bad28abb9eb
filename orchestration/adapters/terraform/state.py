"""Terraform's state, read without running Terraform.

Source: state format version 4; other versions are refused rather than guessed at.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.errors import PermanentError
from orchestration.ports import OutputValue, StateVersion
from orchestration.redaction import HIDDEN

_FORMAT = 4


@dataclass(frozen=True, slots=True)
class State:
    version: StateVersion = field(default_factory=lambda: StateVersion("", 0))
    addresses: frozenset[str] = frozenset()
    outputs: Mapping[str, OutputValue] = field(default_factory=dict)
    """A sensitive output's value stays here as `(sensitive)`: it never leaves the state."""


def parse(text: str) -> State:
    """The state that a state file, or `terraform state pull`, holds; empty text is no state.

    Raises: PermanentError - a newer format.
    """
    if not text.strip():
        return State()
    body = json.loads(text)
    if body.get("version") != _FORMAT:
        raise PermanentError(f"reading Terraform state of format {body.get('version')!r}")
    return State(
        StateVersion(body["lineage"], body["serial"]),
        frozenset(_addresses(body.get("resources", []))),
        {name: _output(one) for name, one in body.get("outputs", {}).items()},
    )


def _output(one: Mapping[str, Any]) -> OutputValue:
    if one.get("sensitive", False):
        return OutputValue(HIDDEN, sensitive=True)
    return OutputValue(one.get("value"), sensitive=False)


def _addresses(resources: list[dict[str, Any]]) -> Iterator[str]:
    for resource in resources:
        if resource["mode"] != "managed":
            continue
        base = ".".join(filter(None, (resource.get("module"), resource["type"], resource["name"])))
        for instance in resource["instances"]:
            if "deposed" not in instance:
                yield base + _index(instance.get("index_key"))


def _index(key: int | str | None) -> str:
    return "" if key is None else f"[{json.dumps(key)}]"
