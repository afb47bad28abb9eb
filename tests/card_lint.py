"""What is wrong with an Adaptive Card: the official schema of 1.5, and what that misses."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft6Validator

LARGEST = 25_000
"""Bytes. Source: Teams takes about 28 KB of card, a message of about 100 KB as UTF-16."""
_PEOPLE = 60
_ACTIONS = 6
_SCHEMA = "schemas/schema-1.5.json"


def problems(card: Mapping[str, Any]) -> list[str]:
    """Each problem with where it is; empty for a good card."""
    return [*_schema_problems(card), *_lint(card)]


@cache
def _schema() -> Draft6Validator:
    return Draft6Validator(json.loads((files("adaptive_cards") / _SCHEMA).read_text("utf-8")))


def _schema_problems(card: Mapping[str, Any]) -> Iterator[str]:
    """`msteams` is an extension that the schema does not know."""
    standard = {key: value for key, value in card.items() if key != "msteams"}
    for error in _schema().iter_errors(standard):
        yield f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def _lint(card: Mapping[str, Any]) -> Iterator[str]:
    nodes = [*_nodes(card, "")]
    ids = [str(node["id"]) for _, node in nodes if "id" in node]
    yield from (f"the id {id!r} is there twice" for id in {*ids} if ids.count(id) > 1)
    for path, node in nodes:
        kind = str(node["type"])
        if kind.startswith("Action."):
            yield from (f"{path}: {what}" for what in _action(node, path, ids))
        if kind.startswith("Input."):
            yield from (f"{path}: {what}" for what in _input(node))
        if len(node.get("actions", [])) > _ACTIONS:
            yield f"{path}: more than {_ACTIONS} actions"
    refresh = card.get("refresh", {})
    if len(refresh.get("userIds", [])) > _PEOPLE:
        yield f"/refresh: more than {_PEOPLE} people"
    size = len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode())
    if size > LARGEST:
        yield f"{size} bytes are more than {LARGEST}"
    yield from _mentions(card)


def _action(node: Mapping[str, Any], path: str, ids: list[str]) -> Iterator[str]:
    if not node.get("title"):
        yield "an action without a title"
    if node["type"] == "Action.Execute":
        if not node.get("verb"):
            yield "Action.Execute without a verb"
        fallback = node.get("fallback", {})
        if fallback.get("type") != "Action.Submit" or fallback.get("data") != node.get("data"):
            yield "Action.Execute without an Action.Submit that says the same"
    for target in node.get("targetElements", []):
        if target not in ids:
            yield f"toggles {target!r}, which is not there"


def _input(node: Mapping[str, Any]) -> Iterator[str]:
    if not node.get("label"):
        yield "an input without a label"
    if node.get("isRequired") and not node.get("errorMessage"):
        yield "a required input without an error message"


def _mentions(card: Mapping[str, Any]) -> Iterator[str]:
    """A mention's text must be in the card exactly, or Teams posts nothing."""
    texts = [str(node.get("text", "")) for _, node in _nodes(card, "")]
    for entity in card.get("msteams", {}).get("entities", []):
        if not any(entity["text"] in text for text in texts):
            yield f"{entity['text']!r} is mentioned and not written"


def _nodes(value: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Everything that has a type, but for what a button brings back and its fallback."""
    if isinstance(value, Mapping):
        if isinstance(value.get("type"), str):
            yield path, value
        for key, inner in value.items():
            if key not in {"data", "fallback", "msteams"}:
                yield from _nodes(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _nodes(inner, f"{path}/{number}")
