"""The bot's token in a workspace, asked for with every call and looked up once in a while."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakValueDictionary

from bot.slack.installations import Installation, Installations
from bot.slack.web_api import MENDED_AFTER_S, NotSent, Refused, WebApi
from orchestration.errors import TemporaryError
from orchestration.ports import Clock, ETag, Stale

CACHED_S = 60.0
REFRESHED_BEFORE_S = 2 * 3600
"""A token lives for twelve hours. Source: Slack, token rotation."""

_log = logging.getLogger(__name__)


class Tokens(Protocol):
    async def of(self, team: str, organisation: str = "") -> Installation | None:
        """The installation that speaks in the workspace; None when there is none.

        `organisation` is given when an event says that it came by an organisation's installation.
        Raises: TemporaryError - it cannot be looked up or refreshed now.
        """
        ...

    def forget(self, owner: str) -> None:
        """Look it up anew next time."""
        ...


class OneWorkspace:
    """The token of the settings; Slack is asked once whose it is."""

    def __init__(self, web: WebApi, token: str) -> None:
        self._web = web
        self._token = token
        self._known: Installation | None = None
        self._lock = asyncio.Lock()

    async def of(self, team: str, organisation: str = "") -> Installation | None:
        async with self._lock:
            known = self._known = self._known or await self._asked()
        return known if team in ("", known.team) else None

    def forget(self, owner: str) -> None:
        self._known = None

    async def _asked(self) -> Installation:
        try:
            who = await self._web.ask(self._token, lambda client: client.auth_test())
        except Refused as refused:
            why = f"asking Slack whose slack_bot_token is: {refused.code}; check it"
            raise NotSent(why, retry_after_s=MENDED_AFTER_S) from refused
        enterprise = str(who.get("enterprise_id") or "")
        return Installation(
            str(who.get("team_id", "")),
            enterprise,
            self._token,
            str(who.get("user_id", "")),
            str(who.get("bot_id", "")),
        )


@dataclass(frozen=True, slots=True)
class App:
    """Who the app is to Slack."""

    client_id: str
    client_secret: str = field(repr=False)


class InstalledTokens:
    """Tokens of OAuth installations, cached for a minute. An expiring one is refreshed by one task
    of this process; of several processes the one whose refresh token still counted wins."""

    def __init__(self, web: WebApi, installations: Installations, app: App, clock: Clock) -> None:
        self._web = web
        self._installations = installations
        self._app = app
        self._clock = clock
        self._known: dict[str, tuple[datetime, Installation]] = {}
        self._organisations: dict[str, str] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, team: str, organisation: str = "") -> Installation | None:
        if organisation:
            await self._note(team, organisation)
            return await self._of_owner(organisation)
        if found := await self._of_owner(team):
            return found
        known = self._organisations.get(team) or await self._installations.organisation(team)
        return await self._of_owner(known) if known else None

    def forget(self, owner: str) -> None:
        self._known.pop(owner, None)
        self._known.pop(self._organisations.get(owner, ""), None)

    async def _note(self, team: str, organisation: str) -> None:
        if team and self._organisations.get(team) != organisation:
            await self._installations.note_organisation(team, organisation)
            self._organisations[team] = organisation

    async def _of_owner(self, owner: str) -> Installation | None:
        if found := self._cached(owner):
            return found
        lock = self._locks.setdefault(owner, asyncio.Lock())
        async with lock:
            return self._cached(owner) or await self._looked_up(owner)

    def _cached(self, owner: str) -> Installation | None:
        until, found = self._known.get(owner, (None, None))
        return found if until and self._clock.now() < until else None

    async def _looked_up(self, owner: str) -> Installation | None:
        stored = await self._installations.find(owner)
        if stored is None:
            self._known.pop(owner, None)
            return None
        found, etag = stored
        if found.refresh_token and found.expires_at < self._now() + REFRESHED_BEFORE_S:
            found = await self._refreshed(found, etag)
        self._known[owner] = self._clock.now() + timedelta(seconds=CACHED_S), found
        return found

    async def _refreshed(self, old: Installation, etag: ETag) -> Installation:
        try:
            new = await self._exchanged(old)
            await self._installations.replace(new, etag)
        except (Refused, Stale) as error:
            return await self._others(old, error)
        return new

    async def _exchanged(self, old: Installation) -> Installation:
        answer = await self._web.ask(
            "",
            lambda client: client.oauth_v2_access(
                client_id=self._app.client_id,
                client_secret=self._app.client_secret,
                grant_type="refresh_token",
                refresh_token=old.refresh_token,
            ),
        )
        return replace(
            old,
            token=str(answer["access_token"]),
            refresh_token=str(answer.get("refresh_token", "")),
            expires_at=self._now() + float(answer.get("expires_in", 0)),
        )

    async def _others(self, old: Installation, error: Exception) -> Installation:
        """What another process has refreshed; the old one for as long as it lasts.

        Raises: TemporaryError - it has ended and could not be refreshed.
        """
        stored = await self._installations.find(old.owner)
        if stored and stored[0].token != old.token:
            return stored[0]
        _log.warning("slack_token_not_refreshed", extra={"fields": {"owner": old.owner}})
        if old.expires_at <= self._now():
            raise TemporaryError(f"refreshing the Slack token of {old.owner!r}") from error
        return old

    def _now(self) -> float:
        return self._clock.now().timestamp()
