"""The lists of deployments: a line for each, by month, and another one for each that is open.

`past:<newest first>:<id>` is there for every deployment, in the partition of the UTC month in which
it was asked for, `<organisation>/<month>`: a list grows for ever, and a partition cannot. In the
organisation's own partition are `open:<id>`, until the deployment has ended, and `month:<month>`,
which is written before the first line of a month and stays.

The lines of a deployment are made from it: a line by who creates it, and what they say (`Summary`)
whenever the engine looks at it after a change; of one that is open, the open line says more than
the other one. Whoever dies between two writes leaves a line that is missing or late. The engine
repeats a look until it is through, the one after the end as well, and what was not noted in full is
written again. `signoff index` makes all of them anew.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from orchestration.deployment import Deployment
from orchestration.listing import Summary
from orchestration.ports import (
    Body,
    Conflict,
    Create,
    Delete,
    DeploymentId,
    Document,
    NotFound,
    Put,
    Store,
    Write,
)
from orchestration.standing import FINAL

CONTAINER = "index"
_SUMMARY = TypeAdapter(Summary)
_REMEMBERED = 10_000
_MOST_OPEN = 1000
_MOST_MONTHS = 1000
_PAST, _OPEN, _MONTH = "past:", "open:", "month:"
Summarise = Callable[[DeploymentId], Awaitable[Summary]]
"""Raises: NotFound."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where it lies, and whose it is."""

    partition: str
    id: str
    deployment: DeploymentId

    @property
    def is_past(self) -> bool:
        return self.id.startswith(_PAST)


class Index:
    def __init__(self, store: Store, organisation: str) -> None:
        self._store = store
        self._organisation = organisation
        self._begun: set[str] = set()
        self._noted: dict[str, Summary] = {}

    async def list(self, deployment: Deployment) -> None:
        """It exists."""
        await self._put_past(deployment.at, deployment.id, {"deployment": deployment.id})

    async def note(self, summary: Summary) -> None:
        """What is to be read of a deployment now; a no-op if that was noted last."""
        noted, ended = self._noted.get(summary.id), summary.state in FINAL
        if noted == summary:
            return
        body = {"deployment": summary.id, "summary": _SUMMARY.dump_python(summary, mode="json")}
        if ended or not noted:
            await self._put_past(summary.asked_at, summary.id, body)
        if ended:
            await self._delete(self._organisation, _open(summary.id))
        else:
            await self._write(self._organisation, Put(_open(summary.id), body))
        if len(self._noted) >= _REMEMBERED:
            self._noted.clear()
        self._noted[summary.id] = summary

    async def newest(self, limit: int) -> tuple[DeploymentId, ...]:
        """The newest deployments, the newest first."""
        return tuple(_id(document) for document in await self._past(limit))

    async def summaries(self, limit: int, summarise: Summarise) -> tuple[Summary, ...]:
        """Of the newest deployments and those that have not ended, the newest first; `summarise`
        does it for those of which none is noted yet."""
        opened, past = await asyncio.gather(self._opened(), self._past(limit))
        return await _summaries([*past, *opened], summarise)

    async def open(self, summarise: Summarise) -> tuple[Summary, ...]:
        """Of the deployments that have not ended, the newest first."""
        return await _summaries(await self._opened(), summarise)

    async def lines(self) -> AsyncIterator[Line]:
        """All of them, wherever they lie."""
        months = [month_place(self._organisation, month) for month in await self._months()]
        for partition in (self._organisation, *months):
            cursor: str | None = None
            while True:
                page = await self._store.find(CONTAINER, partition, cursor=cursor, limit=1000)
                for one in page.documents:
                    if not one.id.startswith(_MONTH):
                        yield Line(partition, one.id, _id(one))
                cursor = page.cursor
                if cursor is None:
                    break

    async def remove(self, line: Line) -> None:
        await self._delete(line.partition, line.id)

    async def _past(self, limit: int) -> Sequence[Document]:
        """From the newest month backwards: as many again as were read, until that is enough."""
        months, read = await self._months(), 0
        found: list[Document] = []
        while read < len(months) and len(found) < limit:
            following, wanted = months[read : 2 * read or 1], limit - len(found)
            places = (month_place(self._organisation, month) for month in following)
            pages = await asyncio.gather(*(self._found(one, _PAST, wanted) for one in places))
            found += chain.from_iterable(pages)
            read += len(following)
        return found[:limit]

    async def _months(self) -> Sequence[str]:
        """Those that have begun, the newest first."""
        page = await self._store.find(
            CONTAINER, self._organisation, prefix=_MONTH, limit=_MOST_MONTHS, descending=True
        )
        return [one.id.removeprefix(_MONTH) for one in page.documents]

    async def _opened(self) -> tuple[Document, ...]:
        return await self._found(self._organisation, _OPEN, _MOST_OPEN)

    async def _found(self, partition: str, prefix: str, limit: int) -> tuple[Document, ...]:
        page = await self._store.find(CONTAINER, partition, prefix=prefix, limit=limit)
        return page.documents

    async def _put_past(self, at: datetime, id: str, body: Body) -> None:
        month, line = month_of(at), past_line(self._organisation, at, id)
        if month not in self._begun:
            with suppress(Conflict):
                await self._write(self._organisation, Create(month_line(month), {}))
            self._begun.add(month)
        await self._write(line.partition, Put(line.id, body))

    async def _delete(self, partition: str, id: str) -> None:
        with suppress(NotFound):
            await self._write(partition, Delete(id))

    async def _write(self, partition: str, write: Write) -> None:
        await self._store.batch(CONTAINER, partition, [write], operation=uuid4().hex)


async def _summaries(listed: Iterable[Document], summarise: Summarise) -> tuple[Summary, ...]:
    distinct = {_id(document): document for document in listed}.values()
    found = await asyncio.gather(*(_summary(each, summarise) for each in distinct))
    summaries = [summary for summary in found if summary]
    return tuple(sorted(summaries, key=lambda one: one.asked_at, reverse=True))


async def _summary(document: Document, summarise: Summarise) -> Summary | None:
    noted: Any = document.body.get("summary")
    if noted is not None:
        return _SUMMARY.validate_python(noted)
    with suppress(NotFound):  # listed, and not there yet
        return await summarise(_id(document))
    return None


def _id(document: Document) -> DeploymentId:
    return DeploymentId(document.body["deployment"])


def _open(id: str) -> str:
    return f"{_OPEN}{id}"


def month_of(at: datetime) -> str:
    """E.g. 2026-11, by UTC."""
    return f"{at.astimezone(UTC):%Y-%m}"


def month_line(month: str) -> str:
    return f"{_MONTH}{month}"


def month_place(organisation: str, month: str) -> str:
    return f"{organisation}/{month}"


def past_line(organisation: str, at: datetime, id: str) -> Line:
    """Its id sorts later times first; milliseconds, good until the year 2286."""
    newest_first = 10**13 - 1 - int(at.timestamp() * 1000)
    partition = month_place(organisation, month_of(at))
    return Line(partition, f"{_PAST}{newest_first:013d}:{id}", DeploymentId(id))
