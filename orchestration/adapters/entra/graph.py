"""What Signoff asks Microsoft Graph.

Source: Microsoft Graph v1.0: `checkMemberGroups` takes 20 groups at a time; pages of at most 999;
a cast in the path and `any` in a filter want `ConsistencyLevel: eventual` and `$count`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from yarl import URL

from orchestration.adapters.entra.credential import Tokens
from orchestration.adapters.entra.exchange import MISCONFIGURED_S, Exchange, Refused, Resting
from orchestration.errors import TemporaryError
from orchestration.ports import Clock

AT_ONCE = 8
MOST_PAGES = 100
_GROUPS_AT_A_TIME = 20
_FIELDS = "id,displayName,userType,accountEnabled,mail,userPrincipalName,proxyAddresses"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """`active`: enabled, and of the tenant itself rather than a guest."""

    id: str
    name: str
    active: bool
    addresses: frozenset[str]
    """In lower case; those that only an administrator can set."""


class Graph:
    """Raises `TemporaryError` whenever there is no answer."""

    def __init__(self, exchange: Exchange, tokens: Tokens, url: str, clock: Clock) -> None:
        self._exchange = exchange
        self._tokens = tokens
        self._url = URL(url)
        self._clock = clock
        self._quiet_until = datetime.min.replace(tzinfo=UTC)
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def account(self, id: str) -> Account | None:
        found = await self._asked("GET", self._url / "users" / id % {"$select": _FIELDS})
        return _account(found) if found else None

    async def accounts_with(self, address: str) -> tuple[Account, ...]:
        """Those whose mail, sign-in name or alias it is; guests and disabled ones among them."""
        quoted = address.replace("'", "''")
        aliases = (f"proxyAddresses/any(p:p eq '{kind}:{quoted}')" for kind in ("smtp", "SMTP"))
        own = (f"{name} eq '{quoted}'" for name in ("mail", "userPrincipalName"))
        query = {"$filter": " or ".join([*own, *aliases]), "$select": _FIELDS, "$count": "true"}
        rows = [row async for row in self._rows(self._url / "users" % query)]
        return tuple(each for row in rows if address in (each := _account(row)).addresses)

    async def groups_of(self, id: str, among: Sequence[str]) -> frozenset[str]:
        """Of these groups those that the account is in, through other groups as well."""
        url = self._url / "users" / id / "checkMemberGroups"
        found: set[str] = set()
        for first in range(0, len(among), _GROUPS_AT_A_TIME):
            some = list(among[first : first + _GROUPS_AT_A_TIME])
            answer = await self._asked("POST", url, json={"groupIds": some})
            found |= {str(each).lower() for each in (answer or {"value": ()})["value"]}
        return frozenset(found)

    async def members(self, group: str) -> tuple[Account, ...] | None:
        """Everybody in the group, through other groups as well; None if there is no such group."""
        path = self._url / "groups" / group / "transitiveMembers" / "microsoft.graph.user"
        query = {"$select": _FIELDS, "$top": "999", "$count": "true"}
        try:
            return tuple([_account(row) async for row in self._rows(path % query)])
        except LookupError:
            return None

    async def _rows(self, url: URL) -> AsyncIterator[Mapping[str, Any]]:
        """Raises: LookupError - there is nothing at that address."""
        for _ in range(MOST_PAGES):
            page = await self._asked("GET", url)
            if page is None:
                raise LookupError(url.path)
            for row in page["value"]:
                yield row
            following = page.get("@odata.nextLink")
            if not following:
                return
            url = URL(following, encoded=True)
            if url.origin() != self._url.origin():
                raise TemporaryError(f"asking {self._url.host}: it continues at {url.host}")
        raise TemporaryError(f"asking {self._url.host}: more than {MOST_PAGES} pages at {url.path}")

    async def _asked(self, method: str, url: URL, **sent: Any) -> Mapping[str, Any] | None:
        """The answer, None for 404. Once more with a new token if the one we have is refused."""
        async with self._at_once:
            for last in (False, True):
                self._wait_out()
                try:
                    token = await self._tokens.token()
                    headers = {"Authorization": f"Bearer {token}", "ConsistencyLevel": "eventual"}
                    return await self._exchange.json(method, url, headers=headers, **sent)
                except Resting as error:
                    self._quiet_until = self._clock.now() + timedelta(seconds=error.retry_after_s)
                    raise
                except Refused as error:
                    if error.status == 404:
                        return None
                    self._tokens.forget(token)  # what it permits is written in it
                    if error.status != 401 or last:
                        raise self._misconfigured(url, error) from error
        raise AssertionError("the second refusal is raised")

    def _wait_out(self) -> None:
        """Raises: TemporaryError - Graph has asked us to come back later."""
        left_s = (self._quiet_until - self._clock.now()).total_seconds()
        if left_s > 0:
            raise Resting(f"asking {self._url.host}: it rests", retry_after_s=left_s)

    def _misconfigured(self, url: URL, error: Refused) -> TemporaryError:
        fields = {"path": url.path, "status": error.status, "code": error.code}
        logger.error("directory.refused", extra={"fields": fields})
        return TemporaryError(
            f"asking {url.host} for {url.path}: {error}; docs/directory.md has the permissions",
            retry_after_s=MISCONFIGURED_S,
        )


def _account(row: Mapping[str, Any]) -> Account:
    """What Graph may not tell us is null: then nobody is active."""
    aliases = [alias.partition(":") for alias in row.get("proxyAddresses") or ()]
    named = [row.get("mail"), row.get("userPrincipalName")]
    named += [address for kind, _, address in aliases if kind.lower() == "smtp"]
    return Account(
        str(row["id"]).lower(),
        str(row.get("displayName") or row.get("userPrincipalName") or row["id"]),
        row.get("accountEnabled") is True and row.get("userType") in ("Member", None),
        frozenset(address.lower() for address in named if address),
    )
