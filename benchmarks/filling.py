"""A store that is full: copies of real deployments, written past the store's own door.

A template is what the store holds of one deployment: its partition, the last turn of its thread,
its lines in the lists. A copy has another id, another thread and its own time: they were asked for
a minute apart, the last one before anything that a benchmark with a clock of tests makes.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from orchestration.index import CONTAINER, Index, month_line, month_of, past_line
from orchestration.messages import ThreadId
from orchestration.paging import all_waiting
from orchestration.ports import DeploymentId, Document, Store
from tests.clock import START
from tests.far.cosmos.account import Account
from tests.far.cosmos.items import Entry

_APART = timedelta(minutes=1)
_LEFT_OUT = ("log:", "progress:", "shown:", "done:", "hot:out:", "hot:in:")


@dataclass(frozen=True, slots=True)
class Amount:
    """How many copies there are, how many of them wait for a sign-off, and how many are there with
    all that they consist of."""

    all: int
    open: int = 100
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    container: str
    partition: str
    id: str
    body: str
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    organisation: str
    deployment: str
    thread: str
    rows: tuple[Row, ...]


def write(path: Path, templates: Iterable[Template]) -> None:
    path.write_text(json.dumps([asdict(one) for one in templates]), encoding="utf-8")


def read(path: Path) -> list[Template]:
    found = json.loads(path.read_text("utf-8"))
    return [Template(**one | {"rows": tuple(Row(**row) for row in one["rows"])}) for one in found]


async def template(
    store: Store, organisation: str, deployment: DeploymentId, thread: ThreadId
) -> Template:
    rows = [
        *await _rows(store, "deployments", deployment),
        *(await _rows(store, "threads", thread))[:3],
        *[
            _row(CONTAINER, line.partition, await store.get(CONTAINER, line.partition, line.id))
            async for line in Index(store, organisation).lines()
            if line.deployment == deployment
        ],
    ]
    return Template(organisation, deployment, thread, tuple(rows))


async def _rows(store: Store, container: str, partition: str) -> list[Row]:
    documents = (await store.find(container, partition, limit=1000)).documents
    waiting = await all_waiting(store, container, "open") if container == "deployments" else ()
    return [
        _row(
            container,
            partition,
            one,
            "open" if one.id == "d:head" and partition in waiting else "",
        )
        for one in documents
        if not one.id.startswith(_LEFT_OUT)
    ]


def _row(container: str, partition: str, one: Document, waits: str = "") -> Row:
    body = json.dumps(dict(one.body), ensure_ascii=False)
    return Row(container, partition, one.id, body, waits)


def copies(ended: Template, waiting: Template, amount: Amount) -> Iterator[Row]:
    """Of those that are not `whole` only what is found by who does not know their partition."""
    begun = ""
    for n in range(amount.all):
        template = waiting if n < amount.open else ended
        month = month_of(START - (n + 1) * _APART)
        if month != begun:
            yield Row(CONTAINER, template.organisation, month_line(month), "{}")
        begun = month
        whole = amount.whole is None or n < amount.whole
        yield from (row for row in _copy(template, n) if whole or _is_found(row))


def _is_found(row: Row) -> bool:
    return row.container == CONTAINER or row.id == "d:head"


def _copy(one: Template, n: int) -> Iterator[Row]:
    deployment, thread = f"d-{n:012x}", f"filled-{n:09}"
    past = past_line(one.organisation, START - (n + 1) * _APART, deployment)
    places = {one.deployment: deployment, one.thread: thread}
    for row in one.rows:
        id = row.id.replace(one.deployment, deployment)
        partition = places.get(row.partition, row.partition)
        if id.startswith("past:"):
            partition, id = past.partition, past.id
        body = row.body.replace(one.deployment, deployment)
        body = body.replace(json.dumps(one.thread), json.dumps(thread))
        yield Row(row.container, partition, id, body, row.waits)


def into_sqlite(path: Path, rows: Iterable[Row]) -> None:
    """`path` is a store that nobody has open."""
    wanted = (
        (r.container, r.partition, r.id, f"f{n}", r.body, None, "filled", r.waits)
        for n, r in enumerate(rows)
    )
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        while batch := list(islice(wanted, 50_000)):
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)", batch)
            connection.execute("COMMIT")


def into_double(account: Account, database: str, rows: Iterable[Row]) -> None:
    containers = account.databases[database]
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for row in rows:
        item = {"id": row.id, "p": row.partition, "b": json.loads(row.body), "o": "filled"}
        if row.waits:
            item["waits"] = row.waits
        items = containers[row.container].items
        found[row.container].append(items.checked(row.partition, item))
    for container, entries in found.items():
        containers[container].items.fill(entries)
