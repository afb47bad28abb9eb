"""A transactional batch: each operation in its turn, and all of them undone when one fails."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.far.cosmos import charges
from tests.far.cosmos.items import Entry, Items, Refused

MAX_OPERATIONS = 100
_KNOWN = {"operationType", "id", "resourceBody", "ifMatch"}


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    charge: float
    entry: Entry | None = None

    def answer(self) -> dict[str, Any]:
        about = {"statusCode": self.status, "requestCharge": self.charge}
        if self.entry:
            about |= {"eTag": self.entry.etag, "resourceBody": json.loads(self.entry.text)}
        return about


class Transaction:
    """`indexed` is how many paths of an item are indexed."""

    def __init__(self, items: Items, partition: str, indexed: int) -> None:
        self._items = items
        self._partition = partition
        self._indexed = indexed
        self._lsn = items.lsn + 1
        self._before: list[tuple[str, Entry | None]] = []

    def run(self, operations: Sequence[Mapping[str, Any]]) -> tuple[int, list[Done]]:
        """The status of the answer, and that of each operation.

        Raises: Refused - the batch as such.
        """
        if not 1 <= len(operations) <= MAX_OPERATIONS:
            raise Refused(400, f"a batch of {len(operations)} operations")
        done: list[Done] = []
        for n, operation in enumerate(operations):
            try:
                done.append(self._one(operation))
            except Refused as refused:
                self._undo()
                failed = Done(refused.status, charges.MISSED)
                return 207, [failed if k == n else Done(424, 0.0) for k in range(len(operations))]
        return 200, done

    def _one(self, operation: Mapping[str, Any]) -> Done:
        if unknown := operation.keys() - _KNOWN:
            raise Refused(400, f"what is {unknown} of a batch?")
        match operation["operationType"]:
            case "Create":
                return self._create(operation["resourceBody"])
            case "Upsert":
                return self._upsert(operation["resourceBody"])
            case "Replace":
                return self._replace(operation)
            case "Delete":
                return self._delete(operation)
            case other:
                raise Refused(400, f"the operation {other!r} is not in this double")

    def _create(self, body: Mapping[str, Any]) -> Done:
        entry = self._checked(body)
        if self._items.get(self._partition, entry.id):
            raise Refused(409, "it exists already")
        self._keep(entry)
        return Done(201, charges.insert(entry.size, self._indexed), entry)

    def _upsert(self, body: Mapping[str, Any]) -> Done:
        entry = self._checked(body)
        if self._items.get(self._partition, entry.id) is None:
            return self._create(body)
        self._keep(entry)
        return Done(200, charges.replace(entry.size, self._indexed), entry)

    def _replace(self, operation: Mapping[str, Any]) -> Done:
        entry = self._checked(operation["resourceBody"])
        if entry.id != operation["id"]:
            raise Refused(400, "an id cannot be changed")
        self._present(operation)
        self._keep(entry)
        return Done(200, charges.replace(entry.size, self._indexed), entry)

    def _delete(self, operation: Mapping[str, Any]) -> Done:
        present = self._present(operation)
        self._before.append((present.id, present))
        self._items.write(self._partition, present.id, None)
        return Done(204, charges.delete(present.size, self._indexed))

    def _checked(self, body: Mapping[str, Any]) -> Entry:
        return self._items.checked(self._partition, body, self._lsn)

    def _present(self, operation: Mapping[str, Any]) -> Entry:
        present = self._items.get(self._partition, operation["id"])
        if present is None:
            raise Refused(404, "there is no such item")
        if operation.get("ifMatch") not in (None, "*", present.etag):
            raise Refused(412, "the etag is another one")
        return present

    def _keep(self, entry: Entry) -> None:
        self._before.append((entry.id, self._items.get(self._partition, entry.id)))
        self._items.write(self._partition, entry.id, entry)

    def _undo(self) -> None:
        for id, before in reversed(self._before):
            self._items.write(self._partition, id, before)
