"""What a person may see and do in the sandbox, past any Terraform."""

from pathlib import Path
from typing import Any

from orchestration.sandbox.cloud import Cloud, CloudObject
from orchestration.sandbox.faults import Fault, Faults


class NoSuchObject(LookupError):
    """Nothing has that id."""


def look(root: Path) -> list[CloudObject]:
    """Everything that exists, oldest first."""
    return list(Cloud(root).all())


def show(root: Path, id: str) -> CloudObject:
    """Raises: NoSuchObject."""
    found = Cloud(root).get(id)
    if found is None:
        raise NoSuchObject(f"nothing with the id {id!r} exists in the sandbox")
    return found


def activity(root: Path) -> list[dict[str, Any]]:
    """Every create, update, delete and refusal, in order."""
    return Cloud(root).activity()


def drift(root: Path, id: str, attribute: str, value: Any) -> CloudObject:
    """Change an attribute by hand; `tags.owner` and `autoscale.0.max_workers` reach inside.

    Raises: NoSuchObject, KeyError - there is no such attribute.
    """
    found = show(root, id)
    *path, last = attribute.split(".")
    place: Any = found.attributes
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if last not in place and not path:
        raise KeyError(attribute)
    place[last] = value
    Cloud(root).update(id, found.attributes)
    Cloud(root).log("drift", found.type, id, name=found.name, attribute=attribute)
    return found


def remove(root: Path, id: str) -> None:
    """Delete an object by hand, with everything inside it.

    Raises: NoSuchObject.
    """
    found = show(root, id)
    Cloud(root).delete(id)
    Cloud(root).log("remove", found.type, id, name=found.name)


def faults(root: Path) -> list[Fault]:
    return Faults(root).all()


def add_fault(root: Path, fault: Fault) -> None:
    Faults(root).add(fault)


def clear_faults(root: Path) -> None:
    Faults(root).clear()
