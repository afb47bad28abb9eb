"""Where the app is installed: one sealed document per workspace or organisation, read by its key.

In Slack's Enterprise Grid an organisation installs once for many workspaces; a second document
remembers to which organisation a workspace belongs.
"""

import base64
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from orchestration.adapters.sealing import Sealer
from orchestration.document_ids import document_id
from orchestration.ports import Delete, Document, ETag, NotFound, Put, Replace, Store, Write

CONTAINER = "slack"
_INSTALLATION, _ORGANISATION = "installation", "organisation"


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot in a workspace (`team`), or in an organisation (`enterprise`, with `team` empty)."""

    team: str
    enterprise: str
    token: str = field(repr=False)
    bot_user: str
    bot_id: str
    refresh_token: str = field(default="", repr=False)
    expires_at: float = 0.0
    """Seconds since 1970; 0 for a token that does not expire."""

    @property
    def owner(self) -> str:
        return self.team or self.enterprise


_READ = TypeAdapter(Installation)


class Installations:
    """Point reads only. Another app's installations in the same store are not seen."""

    def __init__(self, store: Store, sealer: Sealer, client_id: str) -> None:
        self._store = store
        self._sealer = sealer
        self._client_id = client_id

    async def find(self, owner: str) -> tuple[Installation, ETag] | None:
        """Raises: PermanentError - sealed with another key."""
        found = await self._get(owner, _INSTALLATION)
        if found is None:
            return None
        sealed = base64.b64decode(found.body["sealed"])
        return _READ.validate_json(self._sealer.open(self._key(owner), sealed)), found.etag

    async def save(self, installation: Installation) -> None:
        await self._write(installation.owner, Put(_INSTALLATION, self._sealed(installation)))

    async def replace(self, installation: Installation, known: ETag) -> None:
        """Raises: Stale, NotFound - somebody changed or removed it meanwhile."""
        write = Replace(_INSTALLATION, self._sealed(installation), known)
        await self._write(installation.owner, write)

    async def remove(self, owner: str) -> None:
        try:
            await self._write(owner, Delete(_INSTALLATION))
        except NotFound:
            return

    async def organisation(self, team: str) -> str:
        """Which organisation's installation covers the workspace; "" if none is known to."""
        found = await self._get(team, _ORGANISATION)
        return str(found.body["organisation"]) if found else ""

    async def note_organisation(self, team: str, enterprise: str) -> None:
        await self._write(team, Put(_ORGANISATION, {"organisation": enterprise}))

    def _key(self, owner: str) -> str:
        return document_id(f"{self._client_id}|{owner}")

    def _sealed(self, installation: Installation) -> dict[str, Any]:
        content = _READ.dump_json(_READ.validate_python(asdict(installation)))
        sealed = self._sealer.seal(self._key(installation.owner), content)
        return {"sealed": base64.b64encode(sealed).decode()}

    async def _get(self, owner: str, id: str) -> Document | None:
        try:
            return await self._store.get(CONTAINER, self._key(owner), id)
        except NotFound:
            return None

    async def _write(self, owner: str, write: Write) -> None:
        await self._store.batch(CONTAINER, self._key(owner), [write], operation=uuid4().hex)
