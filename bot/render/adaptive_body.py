"""What a card says, as elements of an Adaptive Card."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from bot.render.adaptive_actions import Toggle
from bot.render.adaptive_elements import (
    Node,
    action_set,
    block,
    columns,
    container,
    escaped,
    line,
    run,
)
from orchestration.cards.model import (
    Block,
    Card,
    Details,
    Fact,
    Facts,
    Heading,
    Progress,
    Table,
    Text,
    Tone,
)

_SIGNS: dict[Tone, str] = {"warning": "Warning: ", "bad": "Problem: "}
_STYLES: dict[Tone, str] = {"good": "good", "warning": "warning", "bad": "attention"}
_TOGGLES = 6


def top(card: Card) -> list[Node]:
    """What is wanted of the reader, and what it is about."""
    lead = block(escaped(card.lead), weight="Bolder", size="Medium", style="heading")
    title = [line(run(card.title, isSubtle=True), spacing="Small")] if card.title else []
    return [lead, *title]


def face(blocks: Sequence[Block]) -> Iterator[Node]:
    """Everything that is not folded."""
    for each in blocks:
        if not isinstance(each, Details):
            yield from _elements(each)


def folded(blocks: Sequence[Block]) -> list[Node]:
    """A row of buttons that each show one of the details, and the details, hidden."""
    found = [each for each in blocks if isinstance(each, Details)]
    ids = [f"details-{number}" for number in range(len(found))]
    toggles = [Toggle(each.label, id).json() for each, id in zip(found, ids, strict=True)]
    rows = [toggles[at : at + _TOGGLES] for at in range(0, len(toggles), _TOGGLES)]
    hidden = [
        container([*face(each.blocks)], id=id, visible=False, style="emphasis")
        for each, id in zip(found, ids, strict=True)
    ]
    return [*map(action_set, rows), *hidden]


def _elements(each: Block) -> Iterator[Node]:
    match each:
        case Heading(text):
            yield block(escaped(text), weight="Bolder", style="heading", separator=True)
        case Text():
            yield from _text(each)
        case Facts(rows):
            yield from map(_fact, rows)
        case Table():
            yield _table(each)
        case Progress():
            yield from _progress(each)
        case Details(label, blocks):
            yield block(escaped(label), weight="Bolder")
            yield from face(blocks)
        case _:
            assert_never(each)


def _text(said: Text) -> Iterator[Node]:
    sign = _SIGNS.get(said.tone, "")
    if said.text.lower().startswith(sign.lower()[:-2]):
        sign = ""
    lines = said.text.split("\n")
    looks = {"isSubtle": True} if said.tone == "subtle" else {}
    made = [
        line(*([run(sign, weight="Bolder")] if sign and not n else []), run(each or " ", **looks))
        for n, each in enumerate(lines)
    ]
    if said.tone in _STYLES:
        yield container(made, style=_STYLES[said.tone])
    else:
        yield from made


def _fact(fact: Fact) -> Node:
    note = [line(run(fact.note, isSubtle=True, size="Small"), spacing="None")] if fact.note else []
    label = line(run(fact.label, isSubtle=True))
    return columns([("1", [label]), ("3", [_value(fact.value), *note])], spacing="Small")


def _value(value: str) -> Node:
    if value.startswith("https://") and not set(value) & set(" ()<>[]\\\"'"):
        return block(f"[{escaped(value.removeprefix('https://'))}]({value})")
    return line(run(value or " "))


def _table(table: Table) -> Node:
    """Source: Adaptive Cards 1.5, Table."""
    header = [_cell(column, weight="Bolder") for column in table.columns]
    rows = [[_cell(text) for text in row] for row in table.rows]
    return {
        "type": "Table",
        "firstRowAsHeader": True,
        "showGridLines": True,
        "columns": [{"width": 1} for _ in table.columns],
        "rows": [{"type": "TableRow", "cells": cells} for cells in [header, *rows]],
    }


def _cell(text: str, **looks: str) -> Node:
    return {"type": "TableCell", "items": [line(run(text or " ", size="Small", **looks))]}


def _progress(progress: Progress) -> Iterator[Node]:
    done = min(max(progress.done, 0), progress.total)
    left = progress.total - done
    cells = [(done, "accent"), (left, "emphasis")]
    bars = [(str(n), [container([line(run(" "))], style=style)]) for n, style in cells if n]
    if bars:
        yield columns(bars, spacing="Small")
    yield line(run(f"{progress.label}: {done} of {progress.total}"), spacing="Small")
