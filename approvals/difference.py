"""What differs between two changes, in words: all that an approver has to read again."""

from collections.abc import Iterator, Mapping
from typing import Any

from approvals.canonical import canonical
from approvals.change import Action, Change, ResourceChange
from approvals.digest import attribute, cost_line, normalised, resource, same
from capabilities.cost import usd

ABSENT = "not set"
LONGEST = 120
"""Characters of one value in a sentence."""


def difference(old: Change, new: Change) -> tuple[str, ...]:
    """One sentence for each thing that differs; empty exactly when the digests are equal."""
    if same(normalised(old), normalised(new)):
        return ()
    said = tuple(_sentences(old, new)) or tuple(_files(old.files, new.files))
    return said or ("the plan differs in its details",)


def _sentences(old: Change, new: Change) -> Iterator[str]:
    if old.workspace != new.workspace:
        yield f"workspace {old.workspace} -> {new.workspace}"
    if old.operation is not new.operation:
        yield f"operation {old.operation.value} -> {new.operation.value}"
    yield from _values("", old.parameters, new.parameters)
    yield from _resources(old.resources, new.resources)
    yield from _cost(old, new)
    yield from _listed("risk", _risks(old), _risks(new))
    yield from _listed("finding", _findings(old), _findings(new))


def _values(prefix: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(old.keys() | new.keys()):
        if key not in old or key not in new or not same(old[key], new[key]):
            yield f"{prefix}{key} {_shown(old, key)} -> {_shown(new, key)}"


def _shown(values: Mapping[str, Any], key: str) -> str:
    if key not in values:
        return ABSENT
    text = canonical(values[key]).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"


def _resources(old: tuple[ResourceChange, ...], new: tuple[ResourceChange, ...]) -> Iterator[str]:
    before = {each.address: each for each in old}
    after = {each.address: each for each in new}
    for address in sorted(before.keys() | after.keys()):
        match before.get(address), after.get(address):
            case (None, ResourceChange() as added):
                yield f"{address}: added, {_verb(added.action)}"
            case (ResourceChange() as gone, None):
                yield f"{address}: no longer {_participle(gone.action)}"
            case (ResourceChange() as one, ResourceChange() as other):
                yield from _resource(one, other)


def _resource(old: ResourceChange, new: ResourceChange) -> Iterator[str]:
    if same(resource(old), resource(new)):
        return
    if old.action is not new.action:
        yield f"{new.address}: {_verb(old.action)} -> {_verb(new.action)}"
    if old.type != new.type:
        yield f"{new.address}: type {old.type} -> {new.type}"
    before = {each.path: attribute(each) for each in old.attributes}
    after = {each.path: attribute(each) for each in new.attributes}
    for path in sorted(before.keys() | after.keys()):
        yield from _attribute(f"{new.address}: ", path, before.get(path), after.get(path))


def _attribute(
    prefix: str, path: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[str]:
    ends = [{path: each["after"]} if each else {} for each in (old, new)]
    said = tuple(_values(prefix, *ends))
    yield from said
    if old and new and not said:
        starts = [{f"{path} starts from": each["before"]} for each in (old, new)]
        yield from _values(prefix, *starts)


def _verb(action: Action) -> str:
    return f"to be {_participle(action)}"


def _participle(action: Action) -> str:
    return f"{action.value}d"


def _cost(old: Change, new: Change) -> Iterator[str]:
    if old.cost.monthly_usd != new.cost.monthly_usd:
        before, after = _amounts(old.cost.monthly_usd, new.cost.monthly_usd)
        yield f"cost from {before} to {after} a month"
    yield from _listed("line without a price", set(old.cost.left_out), set(new.cost.left_out))
    if old.cost.monthly_usd == new.cost.monthly_usd:
        lines = ({each.line: cost_line(each) for each in c.cost.lines} for c in (old, new))
        yield from _values("cost line ", *lines)


def _amounts(*amounts: float) -> list[str]:
    """In dollars, with cents where they would look alike without."""
    short = [usd(amount) for amount in amounts]
    return short if len(set(short)) > 1 else [f"${amount:,.2f}" for amount in amounts]


def _risks(change: Change) -> set[str]:
    return {risk.text for risk in change.risks}


def _findings(change: Change) -> set[str]:
    return {f"{each.level.value}: {each.message} ({each.address})" for each in change.findings}


def _listed(kind: str, old: set[str], new: set[str]) -> Iterator[str]:
    yield from (f"new {kind}: {text}" for text in sorted(new - old))
    yield from (f"{kind} gone: {text}" for text in sorted(old - new))


def _files(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    if changed:
        yield f"files changed: {', '.join(changed)}"
