"""Whether what is left to do lies within what was approved."""

from collections import Counter
from collections.abc import Iterable

from approvals.change import Action, AttributeChange, Change, ResourceChange
from approvals.digest import same
from approvals.findings import Level
from capabilities.values import Json

UNKNOWN = "(known after apply)"


def within(new: Change, old: Change) -> bool:
    """Whether `new` does nothing that people have not agreed to in `old`.

    Its resource changes are some of the approved ones, or finish a resource whose creation was
    approved; nothing else is deleted or replaced; parameters, files and operation are equal; it
    costs no more and brings no risk and no finding above advisory that was not there.
    """
    return (
        _asks_the_same(new, old)
        and _costs_no_more(new, old)
        and _brings_no_danger(new, old)
        and _changes_no_more(new.resources, old.resources)
    )


def takes_over(new: Change, old: Change) -> bool:
    """Whether `new` updates something that was approved to be created.

    Where the step itself has not begun to create it, somebody else made it in the meantime, and
    changing theirs is not what was agreed to.
    """
    created = {each.address for each in old.resources if each.action is Action.CREATE}
    return any(e.action is Action.UPDATE and e.address in created for e in new.resources)


def _asks_the_same(new: Change, old: Change) -> bool:
    return (
        new.workspace == old.workspace
        and new.operation is old.operation
        and same(dict(new.parameters), dict(old.parameters))
        and dict(new.files) == dict(old.files)
    )


def _costs_no_more(new: Change, old: Change) -> bool:
    """A line without a price may cost anything, so it has to be one that was approved as such."""
    return new.cost.monthly_usd <= old.cost.monthly_usd and not (
        Counter(new.cost.left_out) - Counter(old.cost.left_out)
    )


def _brings_no_danger(new: Change, old: Change) -> bool:
    serious = {finding for finding in new.findings if finding.level is not Level.ADVISORY}
    return set(new.risks) <= set(old.risks) and serious <= set(old.findings)


def _changes_no_more(new: Iterable[ResourceChange], old: Iterable[ResourceChange]) -> bool:
    """Each change takes one approved change of its address, so that none is used twice."""
    unused = list(old)
    for change in new:
        approved = next((each for each in unused if _covers(each, change)), None)
        if approved is None:
            return False
        unused.remove(approved)
    return True


def _covers(approved: ResourceChange, change: ResourceChange) -> bool:
    if (approved.address, approved.type) != (change.address, change.type):
        return False
    match approved.action, change.action:
        case (Action.CREATE, Action.UPDATE):
            return _finishes(approved.attributes, change.attributes)
        case (one, other) if one is other:
            return _equal(approved.attributes, change.attributes)
        case _:
            return False


def _equal(old: tuple[AttributeChange, ...], new: tuple[AttributeChange, ...]) -> bool:
    before = {each.path: each.before for each in old}
    return (
        Counter(each.path for each in old) == Counter(each.path for each in new)
        and all(same(each.before, before[each.path]) for each in new)
        and _finishes(old, new)
    )


def _finishes(old: tuple[AttributeChange, ...], new: tuple[AttributeChange, ...]) -> bool:
    """Whether every attribute ends as it was approved to end."""
    after = {each.path: each.after for each in old}
    return all(each.path in after and agrees(each.after, after[each.path]) for each in new)


def agrees(value: Json, approved: Json) -> bool:
    """Whether a value is the approved one.

    What was approved as not yet known agrees with whatever it became: the files that compute it
    are equal, and the rest of the step having been applied is what made it known.
    """
    match approved, value:
        case (str(), _) if approved == UNKNOWN:
            return True
        case (list(), list()):
            return len(approved) == len(value) and all(map(agrees, value, approved))
        case (dict(), dict()):
            return approved.keys() == value.keys() and all(
                agrees(value[key], approved[key]) for key in approved
            )
        case _:
            return same(value, approved)
