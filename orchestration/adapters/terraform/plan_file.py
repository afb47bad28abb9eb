"""A saved plan, looked into without running Terraform: it is a zip archive."""

import io
import zipfile
from collections.abc import Iterator

from orchestration.adapters.terraform.state import parse
from orchestration.ports import StateVersion

# Source: terraform/internal/plans/planproto/planfile.proto (Plan.resource_changes = 3,
# ResourceInstanceChange.change = 9, Change.action = 1, enum Action)
_RESOURCE_CHANGES, _CHANGE, _ACTION = 3, 9, 1
_STEPS = {1: 1, 3: 1, 5: 1, 6: 2, 7: 2}
"""Action to how many things are done: create, update, delete, and the two ways to replace."""


def made_against(plan: bytes) -> StateVersion:
    """The version of the state that the plan was made against."""
    with zipfile.ZipFile(io.BytesIO(plan)) as archive:
        return parse(archive.read("tfstate").decode()).version


def step_count(plan: bytes) -> int:
    """How many creations, changes and deletions the plan holds; 0 if it cannot be told."""
    try:
        with zipfile.ZipFile(io.BytesIO(plan)) as archive:
            content = archive.read("tfplan")
        changes = (value for number, value in _fields(content) if number == _RESOURCE_CHANGES)
        return sum(_STEPS.get(_action(change), 0) for change in changes)
    except (ValueError, IndexError, KeyError, zipfile.BadZipFile):
        return 0


def _action(resource_change: int | bytes) -> int:
    for number, change in _fields(resource_change):
        if number == _CHANGE:
            return next((v for n, v in _fields(change) if n == _ACTION and isinstance(v, int)), 0)
    return 0


def _fields(message: int | bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and raw value of a protobuf message's fields."""
    if isinstance(message, int):
        raise ValueError("not a message")
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        match key & 7:
            case 0:
                value, at = _varint(message, at)
                yield key >> 3, value
            case 2:
                size, at = _varint(message, at)
                yield key >> 3, message[at : at + size]
                at += size
            case kind:
                raise ValueError(f"unexpected wire type {kind}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return number, at
