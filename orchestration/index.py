"""The lists of deployments: a line for each, by month, and another one for each that is open.

`past:<newest first>:<id>` is there for every deployment, in the partition of the UTC month in which
it was asked for, `<organisation>/<month>`: a list grows for ever, and a partition cannot. In the
organisation's own partition are `open:<id>`, until the deployment has ended, and `month:<month>`,
which is written before the first line of a month and stays.

The lines of a deployment are made from it: a line by who creates it, and what they say (`Summary`)
whenever the engine looks at it after a change. The open line says it until the end, the other one
at the end. Several workers look, and a look that was given up may still write: so a line carries
the version of the deployment that it was made from, is written on condition that it is as it was
known, and never says something older than before. An open line that is not needed any more is
closed, which puts it on no list, and goes an hour later: who comes late still finds it. Where both
lines are read, the one of the higher version counts.

Whoever dies between two writes leaves a line that is missing or late. The engine repeats a look
until it is through, the one after the end as well, and what was not noted in full is written again.
`signoff index` makes all of them anew.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from orchestration.deployment import Deployment
from orchestration.errors import PermanentError, TemporaryError
from orchestration.listing import Summary
from orchestration.paging import all_in
from orchestration.ports import (
    Body,
    Conflict,
    Create,
    Delete,
    DeploymentId,
    Document,
    ETag,
    NotFound,
    Replace,
    Stale,
    Store,
    Write,
)
from orchestration.recent import Recent
from orchestration.standing import FINAL

CONTAINER = "index"
_SUMMARY = TypeAdapter(Summary)
_REMEMBERED = 10_000
_ATTEMPTS = 20
_CLOSED_S = 3600
_MOST_MONTHS = 1000
_PAST, _OPEN, _MONTH = "past:", "open:", "month:"
_log = logging.getLogger(__name__)
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


@dataclass(frozen=True, slots=True)
class _Known:
    """What this process knows of a deployment's lines: what they said last, and where a conditional
    write goes on; no etag where there is no line, or none is known."""

    version: int = 0
    summary: Summary | None = None
    past: ETag | None = None
    open: ETag | None = None


@contextmanager
def _in_nobodys_way(deployment: str) -> Iterator[None]:
    """A line that can never be written, e.g. because its partition is full, stops no work."""
    try:
        yield
    except PermanentError:
        _log.exception("not_listed", extra={"fields": {"deployment": deployment}})


class Index:
    def __init__(self, store: Store, organisation: str) -> None:
        self._store = store
        self._organisation = organisation
        self._begun: set[str] = set()
        self._known: Recent[str, _Known] = Recent(_REMEMBERED)

    async def list(self, deployment: Deployment) -> None:
        """It exists."""
        line = past_line(self._organisation, deployment.at, deployment.id)
        with _in_nobodys_way(deployment.id), suppress(Conflict):
            await self._begin(month_of(deployment.at))
            past = await self._say(line, {"deployment": deployment.id}, None)
            self._known.put(deployment.id, 0, _Known(past=past))

    async def note(self, summary: Summary, version: int) -> None:
        """What is to be read of a deployment of that version; a no-op if that was noted last, or
        if something later was.

        Raises: TemporaryError - too many others write.
        """
        known = self._known.get(summary.id, 0)
        if known and (known.version, known.summary) == (version, summary):
            return
        with _in_nobodys_way(summary.id):
            await self._note(known, summary, version)

    async def _note(self, known: _Known | None, summary: Summary, version: int) -> None:
        for _ in range(_ATTEMPTS):
            try:
                known = await self._read(known, summary)
                if known.version <= version:
                    known = await self._noted(known, summary, version)
                    self._known.put(summary.id, version, known)
                return
            except (Conflict, NotFound, Stale):
                known = None
        raise TemporaryError(f"noting deployment {summary.id}: {_ATTEMPTS} others came first")

    async def _read(self, known: _Known | None, summary: Summary) -> _Known:
        """With what is not known and is needed; an open line is there only beside a past one."""
        ended, new = summary.state in FINAL, not known
        known = known or _Known()
        if new:
            await self._begin(month_of(summary.asked_at))
        if not known.open and (ended or new):
            found = await self._found_line(_open_line(self._organisation, summary.id))
            version = max(known.version, _version(found))
            known = replace(known, version=version, open=found.etag if found else None)
        if not known.past and (ended or not known.open):
            found = await self._found_line(self._past_line(summary))
            version = max(known.version, _version(found))
            known = replace(known, version=version, past=found.etag if found else None)
        return known

    async def _noted(self, known: _Known, summary: Summary, version: int) -> _Known:
        """Raises: Conflict, NotFound, Stale - somebody else has written since it was known."""
        past, opened = self._past_line(summary), _open_line(self._organisation, summary.id)
        listed: Body = {"deployment": summary.id}
        made = {**listed, "version": version}
        body = {**made, "summary": _SUMMARY.dump_python(summary, mode="json")}
        at_past, at_open = known.past, known.open
        if summary.state in FINAL:
            at_past = await self._say(past, body, at_past)
            if at_open:
                closed = {**made, "closed": True}
                at_open = await self._say(opened, closed, at_open, ttl_s=_CLOSED_S)
        else:
            if not at_past and not at_open:
                at_past = await self._say(past, listed, None)
            at_open = await self._say(opened, body, at_open)
        return _Known(version, summary, at_past, at_open)

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
            async for one in all_in(self._store, CONTAINER, partition):
                if not one.id.startswith(_MONTH) and not _is_closed(one):
                    yield Line(partition, one.id, _id(one))

    async def remove(self, line: Line) -> None:
        with suppress(NotFound):
            await self._write(line.partition, Delete(line.id))

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

    async def _opened(self) -> Sequence[Document]:
        found = all_in(self._store, CONTAINER, self._organisation, prefix=_OPEN)
        return [one async for one in found if not _is_closed(one)]

    async def _found(self, partition: str, prefix: str, limit: int) -> tuple[Document, ...]:
        page = await self._store.find(CONTAINER, partition, prefix=prefix, limit=limit)
        return page.documents

    async def _found_line(self, line: Line) -> Document | None:
        try:
            return await self._store.get(CONTAINER, line.partition, line.id)
        except NotFound:
            return None

    def _past_line(self, summary: Summary) -> Line:
        return past_line(self._organisation, summary.asked_at, summary.id)

    async def _begin(self, month: str) -> None:
        if month not in self._begun:
            with suppress(Conflict):
                await self._write(self._organisation, Create(month_line(month), {}))
            self._begun.add(month)

    async def _say(
        self, line: Line, body: Body, known: ETag | None, *, ttl_s: int | None = None
    ) -> ETag | None:
        write = Replace(line.id, body, known, ttl_s) if known else Create(line.id, body, ttl_s)
        return await self._write(line.partition, write)

    async def _write(self, partition: str, write: Write) -> ETag | None:
        operation = uuid4().hex
        (etag,) = await self._store.batch(CONTAINER, partition, [write], operation=operation)
        return etag


async def _summaries(listed: Iterable[Document], summarise: Summarise) -> tuple[Summary, ...]:
    later = {_id(document): document for document in sorted(listed, key=_version)}.values()
    found = await asyncio.gather(*(_summary(each, summarise) for each in later))
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


def _version(document: Document | None) -> int:
    return int(document.body.get("version", 0)) if document else 0


def _is_closed(document: Document) -> bool:
    return bool(document.body.get("closed"))


def _open_line(organisation: str, id: str) -> Line:
    return Line(organisation, f"{_OPEN}{id}", DeploymentId(id))


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
