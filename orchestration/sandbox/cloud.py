"""The simulated cloud: one file per object, and an activity log.

    ROOT/cloud/objects/HASH.json    what exists
    ROOT/cloud/activity.jsonl       every create, update and delete, and every refusal

An object exists from the moment its creation is accepted, as in the real clouds: whoever asked may
die while it is being made.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class CloudObject:
    id: str
    type: str
    attributes: dict[str, Any]
    parent: str = ""
    """The id of what it lives in, where its own id does not say (Databricks)."""
    created: float = field(default=0.0)
    """Seconds since the epoch; two objects of one name are told apart by it."""

    @property
    def name(self) -> str:
        return name_of(self.attributes)


def name_of(attributes: Mapping[str, Any]) -> str:
    """What a person calls the object, or ""."""
    for key in ("name", "cluster_name", "instance_pool_name", "display_name"):
        if isinstance(name := attributes.get(key), str):
            return name
    return ""


class AlreadyExists(Exception):
    """Another object has the id."""


class Cloud:
    def __init__(self, root: Path) -> None:
        self._folder = root / "cloud"
        self._objects = self._folder / "objects"
        self._objects.mkdir(parents=True, exist_ok=True)

    def get(self, id: str) -> CloudObject | None:
        return _read(self._path(id))

    def all(self) -> Iterator[CloudObject]:
        """Everything that exists, oldest first."""
        found = (_read(path) for path in self._objects.glob("*.json"))
        yield from sorted((o for o in found if o), key=lambda o: (o.created, o.id))

    def create(self, new: CloudObject) -> None:
        """Raises: AlreadyExists."""
        path = self._path(new.id)
        draft = self._written(CloudObject(new.id, new.type, new.attributes, new.parent, _now()))
        try:
            os.link(draft, path)
        except FileExistsError:
            raise AlreadyExists(new.id) from None
        finally:
            draft.unlink()
        self.log("create", new.type, new.id, name=new.name)

    def update(self, id: str, attributes: dict[str, Any]) -> None:
        """Replace the attributes of what exists; nothing happens if it is gone."""
        if (old := self.get(id)) is None:
            return
        changed = CloudObject(id, old.type, attributes, old.parent, old.created)
        self._written(changed).replace(self._path(id))

    def delete(self, id: str) -> None:
        """Remove the object and everything inside it."""
        for inside in self.within(id):
            self._path(inside.id).unlink(missing_ok=True)
        self._path(id).unlink(missing_ok=True)

    def within(self, id: str) -> list[CloudObject]:
        """What lives inside the object, directly or not."""
        prefix = id.lower() + "/"
        return [o for o in self.all() if f"{o.parent or o.id}/".lower().startswith(prefix)
                and o.id.lower() != id.lower()]  # fmt: skip

    def log(self, operation: str, type_: str, id: str, **more: object) -> None:
        entry = {"time": _now(), "operation": operation, "type": type_, "id": id, **more}
        with (self._folder / "activity.jsonl").open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def activity(self) -> list[dict[str, Any]]:
        try:
            lines = (self._folder / "activity.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def _path(self, id: str) -> Path:
        return self._objects / f"{hashlib.sha256(id.lower().encode()).hexdigest()[:40]}.json"

    def _written(self, new: CloudObject) -> Path:
        draft = self._objects / f"{uuid4().hex}.draft"
        draft.write_text(json.dumps(asdict(new), indent=1))
        return draft


def _read(path: Path) -> CloudObject | None:
    try:
        return CloudObject(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None


def _now() -> float:
    return time.time()
