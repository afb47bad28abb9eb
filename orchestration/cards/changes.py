"""What a plan makes, changes and destroys, in words; a long one as counts."""

from collections import Counter
from collections.abc import Iterable, Sequence

from approvals.change import Action, Change, ResourceChange
from approvals.summary import summary
from orchestration.cards.model import Block, Details, Fact, Heading, Table, Text

LONG = 15
"""Resources that a card lists; of more it gives the counts, and the page the rest."""
_ENDING = (Action.DELETE, Action.REPLACE)
_NAMED = 10
_KINDS = 5
_SYMBOLS = {
    Action.CREATE: "+ create",
    Action.UPDATE: "~ change",
    Action.REPLACE: "± replace",
    Action.DELETE: "- destroy",
}


def plan_words(*changes: Change) -> str:
    """The counts as Terraform gives them: `+5 ~0 -0`."""
    counts = [summary(change) for change in changes]
    add, change, destroy = (
        sum(getattr(c, n) for c in counts) for n in ("add", "change", "destroy")
    )
    return f"+{add} ~{change} -{destroy}"


def endings(change: Change) -> tuple[Block, ...]:
    """What is lost, by name: the one thing that is never only counted."""
    ending = [r for r in change.resources if r.action in _ENDING]
    if not ending:
        return ()
    named = ", ".join(_called(resource) for resource in ending[:_NAMED])
    return (Text(f"This destroys {named}{_and_more(len(ending) - _NAMED)}", "warning"),)


def _called(resource: ResourceChange) -> str:
    """`storage account`, or its address where there may be more than one."""
    made_anew = " (made anew)" if resource.action is Action.REPLACE else ""
    return f"{thing(resource.address)}{made_anew}"


def thing(address: str) -> str:
    """What an address stands for: `storage account` for `azurerm_storage_account.this`."""
    type_, _, name = address.rpartition("module.")[2].partition(".")
    words = type_.partition("_")[2].replace("_", " ") or type_
    key = name.partition("[")[2].strip(']"')
    if key:
        return f"{words} {key}"
    return words if name in {"this", "main"} else f"{words} {name}".strip()


def change_facts(change: Change) -> tuple[Fact, ...]:
    """What is made and what is changed; what ends is a warning of its own."""
    if not change.resources:
        return (Fact("Changes", "nothing"),)
    made = [r for r in change.resources if r.action is Action.CREATE]
    changed = [r for r in change.resources if r.action is Action.UPDATE]
    return (
        *([Fact("Creates", _made(made))] if made else []),
        *_changed(changed, len(change.resources) > LONG),
    )


def _made(resources: Sequence[ResourceChange]) -> str:
    if len(resources) <= LONG:
        return _counted(thing(resource.address) for resource in resources)
    return f"{len(resources)} resources: {_kinds(resources)}"


def _kinds(resources: Sequence[ResourceChange]) -> str:
    """`30 x subnet, 18 x role assignment and 7 more`."""
    kinds = Counter(_kind(resource.address) for resource in resources)
    rest = sum(kinds.values()) - sum(n for _, n in kinds.most_common(_KINDS))
    most = _counted(kind for kind, n in kinds.most_common(_KINDS) for _ in range(n))
    return f"{most}{_and_more(rest)}"


def _changed(resources: Sequence[ResourceChange], long: bool) -> Iterable[Fact]:
    if long and resources:
        yield Fact("Changes", _kinds(resources))
        return
    for resource in resources:
        yield Fact(f"Changes {thing(resource.address)}", _attributes(resource.attributes))


def _counted(things: Iterable[str]) -> str:
    """`resource group, 3 x subnet`."""
    counts = Counter(things)
    return ", ".join(what if n == 1 else f"{n} x {what}" for what, n in counts.items())


def resource_details(changes: Sequence[tuple[str, Change]]) -> tuple[Block, ...]:
    """Every resource, of a long plan what is destroyed and changed first; `changes` by step."""
    found = [(name, change) for name, change in changes if change.resources]
    if not found:
        return ()
    blocks: list[Block] = []
    for name, change in found:
        heading = [Heading(name)] if len(changes) > 1 else []
        blocks += [*heading, _resources(change.resources)]
    label = f"Resources ({plan_words(*(change for _, change in found))})"
    return (Details(label, tuple(blocks)),)


def _resources(resources: Sequence[ResourceChange]) -> Table:
    shown = resources
    if len(resources) > LONG:
        order = (*_ENDING, Action.UPDATE, Action.CREATE)
        shown = sorted(resources, key=lambda r: order.index(r.action))[:LONG]
    rows = [(_SYMBOLS[r.action], r.address, _attributes(r.attributes)) for r in shown]
    if more := len(resources) - len(shown):
        rows.append(("…", f"and {more} more", ""))
    return Table(("Action", "Resource", "What matters"), tuple(rows))


def _kind(address: str) -> str:
    """`subnet` for `azurerm_subnet.private["a"]`."""
    type_ = address.rpartition("module.")[2].partition(".")[0]
    return type_.partition("_")[2].replace("_", " ") or type_


def _and_more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _attributes(attributes: tuple[object, ...]) -> str:
    shown = [_attribute(attribute) for attribute in attributes[:4]]
    more = len(attributes) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _attribute(attribute: object) -> str:
    path, before, after = (getattr(attribute, n) for n in ("path", "before", "after"))
    return f"{path} {after}" if before is None else f"{path} {before} -> {after}"
