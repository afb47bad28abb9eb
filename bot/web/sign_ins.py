"""The record of who signed in and out, and who was refused: a hash chain like a deployment's."""

import logging
from collections.abc import Mapping
from uuid import uuid4

from approvals.audit import (
    GENESIS,
    SYSTEM,
    Entry,
    Event,
    Hash,
    Verdict,
    from_json,
    link,
    to_json,
    verify,
)
from approvals.principals import PrincipalId
from bot.web.sessions import CONTAINER
from capabilities.values import Json
from orchestration.errors import TemporaryError
from orchestration.ports import Clock, Conflict, Create, NotFound, Replace, Stale, Store

_HEAD = "head"
_ATTEMPTS = 20
_log = logging.getLogger(__name__)


class SignIns:
    def __init__(self, store: Store, clock: Clock, organisation: str) -> None:
        self._store = store
        self._clock = clock
        self._organisation = organisation

    async def signed_in(self, person: PrincipalId, provider: str) -> None:
        await self._note(person, "signed in", {"by": provider})

    async def signed_out(self, person: PrincipalId) -> None:
        await self._note(person, "signed out", {})

    async def refused(self, provider: str, why: str) -> None:
        await self._note(SYSTEM, "sign-in refused", {"by": provider, "why": why})

    async def _note(self, actor: PrincipalId, action: str, detail: Mapping[str, Json]) -> None:
        event = Event(self._clock.now(), actor, action, self._organisation, detail)
        for _ in range(_ATTEMPTS):
            try:
                await self._append(event)
            except (Conflict, Stale):
                continue
            fields = {"actor": actor, **detail}
            _log.info(action.replace(" ", "_").replace("-", "_"), extra={"fields": fields})
            return
        raise TemporaryError(f"noting that {actor} {action}: {_ATTEMPTS} others came first")

    async def _append(self, event: Event) -> None:
        try:
            head = await self._store.get(CONTAINER, self._organisation, _HEAD)
        except NotFound:
            length, last, etag = 0, GENESIS, None
        else:
            length, last, etag = head.body["length"], Hash(head.body["last"]), head.etag
        now = link(last, event)
        body = {"length": length + 1, "last": now}
        writes = [
            Create(f"audit:{length:08d}", {**to_json(event), "hash": now}),
            Replace(_HEAD, body, etag) if etag else Create(_HEAD, body),
        ]
        await self._store.batch(CONTAINER, self._organisation, writes, operation=uuid4().hex)

    async def trail(self) -> tuple[tuple[Entry, ...], Verdict]:
        """Everything that is on record, and whether the chain is whole."""
        entries: list[Entry] = []
        cursor: str | None = None
        while True:
            page = await self._store.find(
                CONTAINER, self._organisation, prefix="audit:", cursor=cursor
            )
            for document in page.documents:
                event = {k: v for k, v in document.body.items() if k != "hash"}
                entries.append(Entry(from_json(event), Hash(document.body["hash"])))
            cursor = page.cursor
            if cursor is None:
                break
        return tuple(entries), verify(entries, head=await self._last())

    async def _last(self) -> Hash:
        try:
            head = await self._store.get(CONTAINER, self._organisation, _HEAD)
        except NotFound:
            return GENESIS
        return Hash(head.body["last"])
