"""The lists of deployments: one line for each, in the organisation's partition.

`past:<newest first>:<id>` is there for every deployment, `open:<id>` until it has ended. Both are
made from the deployment itself: a line by who creates it, and what it says (`Summary`) whenever the
engine looks at the deployment after a change; of one that is open, the open line says more than the
other one. `signoff index` makes all of them anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from orchestration.deployment import Deployment
from orchestration.listing import Summary
from orchestration.ports import (
    Delete,
    DeploymentId,
    Document,
    NotFound,
    Page,
    Put,
    Store,
    Write,
)
from orchestration.standing import FINAL

CONTAINER = "index"
_SUMMARY = TypeAdapter(Summary)
_REMEMBERED = 10_000
_MOST_OPEN = 1000
Summarise = Callable[[DeploymentId], Awaitable[Summary]]
"""Raises: NotFound."""


class Index:
    def __init__(self, store: Store, organisation: str) -> None:
        self._store = store
        self._partition = organisation
        self._noted: dict[str, Summary] = {}

    async def list(self, deployment: Deployment) -> None:
        """It exists."""
        await self._write(
            Put(past_line(deployment.at, deployment.id), {"deployment": deployment.id})
        )

    async def note(self, summary: Summary) -> None:
        """What is to be read of a deployment now; a no-op if that was noted last."""
        noted = self._noted.get(summary.id)
        if noted == summary:
            return
        body = {"deployment": summary.id, "summary": _SUMMARY.dump_python(summary, mode="json")}
        past = Put(past_line(summary.asked_at, summary.id), body)
        if summary.state not in FINAL:
            await self._write(Put(_open(summary.id), body), *([] if noted else [past]))
        else:
            try:
                await self._write(past, Delete(_open(summary.id)))
            except NotFound:
                await self._write(past)
        if len(self._noted) >= _REMEMBERED:
            self._noted.clear()
        self._noted[summary.id] = summary

    async def newest(self, limit: int) -> tuple[DeploymentId, ...]:
        """The newest deployments, the newest first."""
        return tuple(_id(document) for document in await self._found("past:", limit))

    async def summaries(self, limit: int, summarise: Summarise) -> tuple[Summary, ...]:
        """Of the newest deployments and those that have not ended, the newest first; `summarise`
        does it for those of which none is noted yet."""
        listed = [*await self._found("past:", limit), *await self._found("open:", _MOST_OPEN)]
        return await _summaries(listed, summarise)

    async def open(self, summarise: Summarise) -> tuple[Summary, ...]:
        """Of the deployments that have not ended, the newest first."""
        return await _summaries(await self._found("open:", _MOST_OPEN), summarise)

    async def page(self, cursor: str | None) -> Page:
        """All lines, page by page."""
        return await self._store.find(CONTAINER, self._partition, cursor=cursor, limit=1000)

    async def remove(self, line: str) -> None:
        with suppress(NotFound):
            await self._write(Delete(line))

    async def _found(self, prefix: str, limit: int) -> tuple[Document, ...]:
        page = await self._store.find(CONTAINER, self._partition, prefix=prefix, limit=limit)
        return page.documents

    async def _write(self, *writes: Write) -> None:
        await self._store.batch(CONTAINER, self._partition, writes, operation=uuid4().hex)


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
    return f"open:{id}"


def is_past(line: Document) -> bool:
    return line.id.startswith("past:")


def past_line(at: datetime, id: str) -> str:
    """A key that sorts later times first; milliseconds, good until the year 2286."""
    return f"past:{10**13 - 1 - int(at.timestamp() * 1000):013d}:{id}"
