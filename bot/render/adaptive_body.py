"""What a card says, as elements of an Adaptive Card."""

from collections.abc import Container, Iterator, Sequence
from itertools import groupby
from typing import assert_never

from bot.render.adaptive_actions import Toggle
from bot.render.adaptive_elements import (
    Node,
    block,
    columns,
    container,
    escaped,
    fact_set,
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
_THIN, _THICK = 10, 36
"""Letters for which a column of a table has room at least, and at most."""
_BESIDE = 28
"""Characters of a note that stands beside its value; a longer one stands below."""


def top(card: Card) -> Node:
    """What is wanted of the reader and what it is about, in the colour of how it stands."""
    lead = block(escaped(card.lead), weight="Bolder", size="Medium", style="heading")
    title = [line(run(card.title), spacing="Small")] if card.title else []
    style = _STYLES.get(card.tone, "emphasis")
    return container([lead, *title], style=style, bleed=True)


def face(blocks: Sequence[Block], *, without: Container[str] = ()) -> Iterator[Node]:
    """Everything that is not folded, `without` texts that are told elsewhere on the card."""
    shown = [each for each in blocks if not isinstance(each, Details)]
    told = [each for each in shown if not (isinstance(each, Text) and each.text in without)]
    for toned, group in groupby(told, key=_tone):
        if toned:
            yield container([_line(text) for text in group if isinstance(text, Text)], style=toned)
        else:
            yield from (node for each in group for node in _elements(each))


def folded(blocks: Sequence[Block]) -> Iterator[tuple[Node, Node]]:
    """Each of the details: a line that shows or hides it, and what is hidden."""
    for number, each in enumerate(each for each in blocks if isinstance(each, Details)):
        id = f"details-{number}"
        sign = run("▸ ", color="Accent", weight="Bolder")
        label = line(sign, run(each.label, color="Accent"))
        toggle = {"selectAction": Toggle(each.label, id).json()}
        hidden = [node for inner in each.blocks for node in _folded(inner)]
        yield (
            container([label], spacing="Small") | toggle,
            container(hidden, id=id, visible=False, style="emphasis"),
        )


def _folded(each: Block) -> Iterator[Node]:
    """Details are many: facts are drawn small."""
    if isinstance(each, Facts):
        yield fact_set([(escaped(row.label), escaped(_with_note(row))) for row in each.rows])
    else:
        yield from _elements(each)


def _with_note(fact: Fact) -> str:
    return f"{fact.value} ({fact.note})" if fact.note else fact.value


def _elements(each: Block) -> Iterator[Node]:
    match each:
        case Heading(text):
            yield block(
                escaped(text), weight="Bolder", size="Default", style="heading", separator=True
            )
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


def _tone(each: Block) -> str:
    """The style of the box that it stands in; "" for none."""
    return _STYLES.get(each.tone, "") if isinstance(each, Text) else ""


def _text(said: Text) -> Iterator[Node]:
    looks = {"isSubtle": True} if said.tone == "subtle" else {}
    for each in said.text.split("\n"):
        yield line(run(each or " ", **looks), spacing="Small")


def _line(said: Text) -> Node:
    """A warning says that it is one: colours are not seen by everybody."""
    sign = _SIGNS.get(said.tone, "")
    needed = sign and not said.text.lower().startswith(sign.lower()[:-2])
    signed = [run(sign, weight="Bolder")] if needed else []
    return line(*signed, run(said.text.replace("\n", " ")), spacing="Small")


def _fact(fact: Fact) -> Node:
    short = len(fact.note) <= _BESIDE and not fact.value.startswith("https://")
    note = run(f"   {fact.note}" if short else fact.note, isSubtle=True, size="Small")
    beside = [note] if fact.note and short else []
    below = [line(note, spacing="None")] if fact.note and not short else []
    label = line(run(fact.label, isSubtle=True))
    value = [_value(fact.value, beside), *below]
    return columns([("1", [label]), ("2", value)], spacing="Small")


def _value(value: str, beside: Sequence[Node]) -> Node:
    if value.startswith("https://") and not set(value) & set(" ()<>[]\\\"'"):
        return block(f"[{escaped(value.removeprefix('https://'))}]({value})")
    return line(run(value or " "), *beside)


def _table(table: Table) -> Node:
    """Columns as wide as what is in them asks for; without those that are empty.

    Source: Adaptive Cards 1.5, Table.
    """
    kept = [n for n in range(len(table.columns)) if any(row[n] for row in table.rows)]
    header = [_cell(table.columns[n], weight="Bolder") for n in kept]
    rows = [[_cell(row[n]) for n in kept] for row in table.rows]
    longest = [max(len(row[n]) for row in (table.columns, *table.rows)) for n in kept]
    return {
        "type": "Table",
        "firstRowAsHeader": True,
        "showGridLines": True,
        "columns": [{"width": min(max(length, _THIN), _THICK)} for length in longest],
        "rows": [{"type": "TableRow", "cells": cells} for cells in [header, *rows]],
    }


def _cell(text: str, **looks: str) -> Node:
    return {"type": "TableCell", "items": [block(escaped(text) or " ", size="Small", **looks)]}


def _progress(progress: Progress) -> Iterator[Node]:
    done = min(max(progress.done, 0), progress.total)
    left = progress.total - done
    cells = [(done, "accent"), (left, "emphasis")]
    bars = [(str(n), [container([line(run(" "))], style=style)]) for n, style in cells if n]
    if bars:
        yield columns(bars, spacing="Small")
    yield line(run(f"{progress.label}: {done} of {progress.total}"), spacing="Small")
