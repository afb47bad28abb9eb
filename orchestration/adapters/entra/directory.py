"""`ports.Directory` over a tenant, joined with the people that a file names."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from approvals.principals import Principal, PrincipalId, Role
from orchestration.adapters.entra.credential import Credential, Tokens
from orchestration.adapters.entra.exchange import Exchange
from orchestration.adapters.entra.graph import Account, Graph
from orchestration.adapters.people_file import PeopleFile, Person, is_guid
from orchestration.adapters.remembered import Holding, Remembered
from orchestration.identity import EmailIdentity, EntraIdentity, Identity
from orchestration.ports import Clock

PERSON = Holding(fresh_s=60.0)
EVERYBODY = Holding(fresh_s=60.0, stale_s=600.0, patience_s=2.0, rest_s=10.0)
"""Names on cards must not wait for Graph, nor an approval count long after the role has gone."""

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EntraConfig:
    tenant: str
    credential: Credential
    url: str
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class _Known:
    """An active account, and the mapped groups that it is in."""

    account: Account
    groups: frozenset[str]


class EntraDirectory:
    """Somebody is who the file names with this account or address, else their own object id.

    Guests, disabled accounts and an address of two accounts are nobody. Roles come from groups,
    and from the file for those it names.
    """

    def __init__(
        self,
        graph: Graph,
        tenant: str,
        file: PeopleFile,
        clock: Clock,
        everybody: Holding = EVERYBODY,
    ) -> None:
        self._graph = graph
        self._tenant = tenant
        self._file = file
        self._by_id = {person.id: person for person in file.people}
        self._by_identity = {each: person for person in file.people for each in person.identities}
        self._accounts = Remembered(self._account, clock, PERSON)
        self._owners = Remembered(graph.accounts_with, clock, PERSON)
        self._everybody = Remembered(self._gathered, clock, everybody)
        self.missing_groups: tuple[str, ...] = ()
        """Groups of the file that the tenant did not have when everybody was asked for."""

    async def close(self) -> None:
        for each in (self._accounts, self._owners, self._everybody):
            await each.close()

    async def get(self, id: PrincipalId) -> Principal | None:
        if person := self._by_id.get(id):
            return await self._named_person(person)
        if not is_guid(id):
            return None
        known = await self._accounts.of(id)
        if known is None:
            return None
        if person := self._joined(known.account):
            return await self._named_person(person)
        return Principal(id, known.account.name, self._roles(known.groups))

    async def identified(self, identity: Identity) -> Principal | None:
        """What is an account's is its person's; what is none's is whose the file says."""
        match identity:
            case EntraIdentity(tenant, object_id) if tenant == self._tenant:
                return await self.get(PrincipalId(object_id))
            case EmailIdentity(address):
                owners = await self._owners.of(address)
                if owners:
                    owner = _only(owners)
                    return await self.get(PrincipalId(owner.id)) if owner else None
        person = self._by_identity.get(identity)
        return await self._named_person(person) if person else None

    async def identities(self, id: PrincipalId) -> tuple[Identity, ...]:
        named = self._by_id.get(id)
        account = await self._account_of(id, named)
        found = [*(named.identities if named else ())]
        if account:
            found += [EntraIdentity(self._tenant, account.id)]
            found += [EmailIdentity(address) for address in sorted(account.addresses)]
        return tuple(dict.fromkeys(found))

    async def _account_of(self, id: PrincipalId, named: Person | None) -> Account | None:
        object_id = await self._object_id(named) if named else id
        known = await self._accounts.of(object_id) if is_guid(object_id) else None
        return known.account if known else None

    async def _object_id(self, person: Person) -> str:
        """Of the account in this tenant of somebody whom the file names; "" without one."""
        if person.entra and person.entra.tenant == self._tenant:
            return person.entra.object_id
        owners = await self._owners.of(person.email.address) if person.email else ()
        owner = _only(owners) if owners else None
        return owner.id if owner else ""

    async def named(self, name: str) -> Principal | None:
        """Whoever is the only one with a role that is called so."""
        wanted = name.strip().casefold()
        everybody = await self._everybody.of(None)
        found = [person for person in everybody if person.name.casefold() == wanted]
        return found[0] if len(found) == 1 else None

    async def with_roles(self, roles: frozenset[Role]) -> tuple[Principal, ...]:
        return tuple(p for p in await self._everybody.of(None) if p.roles & roles)

    async def _named_person(self, person: Person) -> Principal | None:
        """Somebody whom the file names: an account of theirs has to be active, and theirs alone."""
        if person.entra and person.entra.tenant == self._tenant:
            id = person.entra.object_id
        else:
            owners = await self._owners.of(person.email.address) if person.email else ()
            if not owners:
                return Principal(person.id, person.name, person.roles)
            id = owner.id if (owner := _only(owners)) else ""
        known = await self._accounts.of(id) if id else None
        if known is None or self._joined(known.account) != person:
            return None
        return Principal(person.id, person.name, person.roles | self._roles(known.groups))

    def _joined(self, account: Account) -> Person | None:
        """Whom the file calls by this account, or by one of its addresses."""
        own = self._by_identity.get(EntraIdentity(self._tenant, account.id))
        if own:
            return own
        by_address = (EmailIdentity(address) for address in sorted(account.addresses))
        return next((p for each in by_address if (p := self._by_identity.get(each))), None)

    async def _account(self, id: str) -> _Known | None:
        account = await self._graph.account(id)
        if account is None or not account.active:
            return None
        return _Known(account, await self._graph.groups_of(id, [*self._file.groups]))

    async def _gathered(self, _: None) -> tuple[Principal, ...]:
        """Everybody who has a role, by name."""
        groups = [*self._file.groups]
        found = await _together(map(self._graph.members, groups))
        by_group = dict(zip(groups, found, strict=True))
        self.missing_groups = tuple(each for each in groups if by_group[each] is None)
        for group in self.missing_groups:
            logger.error("directory.no_such_group", extra={"fields": {"group": group}})
        people = self._members(by_group)
        for each in (self._accounts, self._owners):
            each.forget()  # or those whom the file names would be known by two ages, added up
        named = await _together(map(self._named_person, self._file.people))
        everybody = [*people, *(person for person in named if person and person.roles)]
        return tuple(sorted(everybody, key=lambda person: (person.name.casefold(), person.id)))

    def _members(self, found: Mapping[str, Iterable[Account] | None]) -> list[Principal]:
        """Those of the groups whom the file does not name."""
        active: dict[str, _Known] = {}
        for group, members in found.items():
            for account in (each for each in members or () if each.active):
                before = active[account.id].groups if account.id in active else frozenset[str]()
                active[account.id] = _Known(account, before | {group})
        return [
            Principal(PrincipalId(id), known.account.name, self._roles(known.groups))
            for id, known in active.items()
            if not self._joined(known.account)
        ]

    def _roles(self, groups: Iterable[str]) -> frozenset[Role]:
        return frozenset(role for group in groups for role in self._file.groups.get(group, ()))


def _only(accounts: Iterable[Account]) -> Account | None:
    """The one active account with an address."""
    active = [account for account in accounts if account.active]
    return active[0] if len(active) == 1 else None


async def _together(questions: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """All answers; when one fails, none of the others is still being asked for."""
    asked = [asyncio.create_task(question) for question in questions]
    try:
        return await asyncio.gather(*asked)
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


@asynccontextmanager
async def open_entra(
    config: EntraConfig, file: PeopleFile, session: aiohttp.ClientSession, clock: Clock
) -> AsyncIterator[EntraDirectory]:
    exchange = Exchange(session, timeout_s=config.timeout_s)
    audience = str(URL(config.url).origin())
    tokens = Tokens(exchange, config.credential, audience, clock)
    graph = Graph(exchange, tokens, config.url, clock)
    directory = EntraDirectory(graph, config.tenant, file, clock)
    try:
        yield directory
    finally:
        await directory.close()
