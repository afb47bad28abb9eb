"""Who a Slack user is: the verified e-mail address of a member, as the directory knows it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from approvals.principals import Principal
from bot.slack.api import Api
from bot.slack.spot import realm
from bot.slack.web_api import Refused
from orchestration.addresses import Addresses
from orchestration.errors import UserError
from orchestration.identity import EmailIdentity
from orchestration.ports import Clock, Directory

REMEMBERED = timedelta(minutes=1)
_LOOKUP_S = 2.0
"""An event is acknowledged within three seconds, and this comes before."""
_PEOPLE = 10_000


class People:
    """Refuses with a sentence those who may not ask for anything."""

    def __init__(
        self,
        api: Api,
        directory: Directory,
        addresses: Addresses,
        clock: Clock,
        teams: frozenset[str],
    ) -> None:
        self._api = api
        self._directory = directory
        self._addresses = addresses
        self._clock = clock
        self._teams = teams
        self._known: dict[tuple[str, str], tuple[datetime, Principal]] = {}
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def known(self, team: str, user: str) -> Principal:
        """Raises: UserError - a stranger, a guest, a bot, somebody of another workspace;
        TemporaryError - who that is cannot be looked up now."""
        if found := self._cached(team, user):
            return found
        lock = self._locks.setdefault((team, user), asyncio.Lock())
        async with lock:
            return self._cached(team, user) or await self._looked_up(team, user)

    def _cached(self, team: str, user: str) -> Principal | None:
        until, found = self._known.get((team, user), (None, None))
        return found if until and self._clock.now() < until else None

    async def _looked_up(self, team: str, user: str) -> Principal:
        await self._check_team(team)
        profile = await self._profile(team, user)
        address = proved_address(profile, team)
        found = await self._directory.identified(EmailIdentity(address))
        if found is None:
            raise UserError(
                f"I don't know {address!r}; ask whoever runs Signoff to add you to its directory."
            )
        await self._addresses.remember(found.id, realm(team), user)
        if len(self._known) >= _PEOPLE:
            self._known.clear()
        self._known[team, user] = self._clock.now() + REMEMBERED, found
        return found

    async def _check_team(self, team: str) -> None:
        if not self._teams or team in self._teams:
            return
        installation = await self._api.installation(team)
        if installation.enterprise not in self._teams:
            raise UserError("Signoff takes no requests from this Slack workspace.")

    async def _profile(self, team: str, user: str) -> Mapping[str, Any]:
        try:
            answer = await self._api.ask(
                team, lambda client: client.users_info(user=user), timeout_s=_LOOKUP_S
            )
        except Refused as refused:
            raise UserError(
                "Slack does not tell me who you are, so I can't act for you."
            ) from refused
        profile = answer.get("user")
        return profile if isinstance(profile, dict) else {}


def proved_address(profile: Mapping[str, Any], team: str) -> str:
    """The e-mail address that makes a user somebody. Raises: UserError - it proves nobody.

    Source: Slack, user object.
    """
    if profile.get("is_bot") or profile.get("id") == "USLACKBOT":
        raise UserError("Bots can't ask for anything here; a person has to.")
    if profile.get("deleted"):
        raise UserError("This account is deactivated, so it can't ask for anything.")
    if profile.get("is_restricted") or profile.get("is_ultra_restricted"):
        raise UserError("Guests can't ask for infrastructure; a member of the workspace has to.")
    if profile.get("is_stranger") or team not in _homes(profile, team):
        raise UserError("You belong to another Slack workspace; ask somebody of this one.")
    address = (profile.get("profile") or {}).get("email")
    if not isinstance(address, str) or "@" not in address:
        raise UserError("I can't see your e-mail address, so I don't know who you are.")
    if profile.get("is_email_confirmed") is False:
        raise UserError(
            "Your e-mail address is not confirmed; confirm it in Slack, then ask again."
        )
    return address.strip().lower()


def _homes(profile: Mapping[str, Any], team: str) -> set[str]:
    """The workspaces that a user is a member of; in an organisation they may be several."""
    organisation = profile.get("enterprise_user") or {}
    return {str(profile.get("team_id") or team), *map(str, organisation.get("teams") or ())}
