"""Who wrote or clicked: a person of the directory, or a sentence for whoever is none."""

from typing import Protocol

from approvals.principals import Principal
from bot.teams.activity import Activity
from orchestration.addresses import Addresses
from orchestration.errors import UserError
from orchestration.identity import EntraIdentity
from orchestration.ports import Directory

_BOT = "I only work with people, not with other bots."
_GUEST = "I only work with members of this organisation, not with guests."
_FOREIGN = "I only work with people of the organisation that runs me."
_UNKNOWN = (
    "I don't know you yet, {name}, so I cannot do anything for you. Ask your platform team to add "
    "you to Signoff's directory as {identity}."
)
_NOBODY = "Nobody of the directory is called {name!r}; in local mode that is how I know people."
_OUTSIDERS = frozenset({"guest", "anonymous", "federated"})


class Refused(UserError):
    """`str()` is the sentence for them."""


class People(Protocol):
    async def person(self, activity: Activity) -> Principal:
        """Remembers by what name Teams calls them.

        Raises: Refused; TemporaryError - who it is cannot be looked up now.
        """
        ...


class NamedPeople:
    """In local mode people are who they say they are, by their names in the directory."""

    def __init__(self, directory: Directory, addresses: Addresses) -> None:
        self._directory = directory
        self._addresses = addresses

    async def person(self, activity: Activity) -> Principal:
        found = await self._directory.named(activity.by.name)
        if found is None:
            raise Refused(_NOBODY.format(name=activity.by.name))
        await self._addresses.remember(found.id, activity.realm, activity.by.id)
        return found


class TenantPeople:
    """`tenant` is the only one whose people are let in; "" leaves that to the directory."""

    def __init__(self, directory: Directory, addresses: Addresses, tenant: str) -> None:
        self._directory = directory
        self._addresses = addresses
        self._tenant = tenant.lower()

    async def person(self, activity: Activity) -> Principal:
        by = activity.by
        self._refuse_outsiders(activity)
        identity = EntraIdentity(activity.tenant, by.object_id)
        found = await self._directory.identified(identity)
        if found is None:
            named = f"{identity.tenant}/{identity.object_id}"
            raise Refused(_UNKNOWN.format(name=by.name or "whoever you are", identity=named))
        await self._addresses.remember(found.id, activity.realm, by.id)
        return found

    def _refuse_outsiders(self, activity: Activity) -> None:
        by = activity.by
        if by.role in {"bot", "skill"} or by.id == activity.bot or by.id.startswith("28:"):
            raise Refused(_BOT)
        if by.role in _OUTSIDERS:
            raise Refused(_GUEST)
        if self._tenant and activity.tenant != self._tenant:
            raise Refused(_FOREIGN)
        if not activity.tenant or not by.object_id:
            raise Refused(_FOREIGN)
