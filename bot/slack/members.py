"""By what id Slack knows a person of the directory: seen before, or found by their address."""

from datetime import datetime, timedelta
from typing import Any

from approvals.principals import PrincipalId
from bot.slack.api import Api
from bot.slack.people import proved_address
from bot.slack.spot import realm
from bot.slack.web_api import NotSent, Refused
from orchestration.addresses import Addresses
from orchestration.errors import TemporaryError, UserError
from orchestration.identity import EmailIdentity
from orchestration.ports import Clock, Directory

_LOOKUP_S = 2.0
_UNFOUND = timedelta(minutes=10)
_PEOPLE = 10_000


class Members:
    """A mention is no reason to wait: who cannot be found now is named without one."""

    def __init__(self, api: Api, directory: Directory, addresses: Addresses, clock: Clock) -> None:
        self._api = api
        self._directory = directory
        self._addresses = addresses
        self._clock = clock
        self._unfound: dict[tuple[str, PrincipalId], datetime] = {}

    async def address(self, person: PrincipalId, team: str) -> str:
        """Their id in the workspace; "" for somebody who is not to be found there."""
        seen = await self._addresses.of(person, realm(team))
        until = self._unfound.get((team, person))
        if seen or (until and self._clock.now() < until):
            return seen or ""
        found = await self._looked_up(person, team)
        if found:
            await self._addresses.remember(person, realm(team), found)
        elif len(self._unfound) < _PEOPLE:
            self._unfound[team, person] = self._clock.now() + _UNFOUND
        return found

    async def _looked_up(self, person: PrincipalId, team: str) -> str:
        for identity in await self._directory.identities(person):
            if isinstance(identity, EmailIdentity):
                found = await self._member(identity.address, team)
                if found:
                    return found
        return ""

    async def _member(self, address: str, team: str) -> str:
        """Source: Slack, `users.lookupByEmail`."""
        try:
            answer = await self._api.ask(
                team,
                lambda client: client.users_lookupByEmail(email=address),
                timeout_s=_LOOKUP_S,
            )
            user: dict[str, Any] = answer.get("user") or {}
            return str(user.get("id", "")) if proved_address(user, team) == address else ""
        except (Refused, NotSent, TemporaryError, UserError):
            return ""
