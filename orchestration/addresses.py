"""By what name a surface calls a person, so that they can be mentioned and written to."""

from uuid import uuid4

from approvals.principals import PrincipalId
from orchestration.document_ids import document_id
from orchestration.ports import NotFound, Put, Store

CONTAINER = "people"
_REMEMBERED = 10_000


class Addresses:
    """A `realm` is a Teams tenant (`teams:<tenant>`) or a Slack workspace (`slack:<team>`)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[PrincipalId, str], str] = {}

    async def remember(self, person: PrincipalId, realm: str, address: str) -> None:
        """Note an address; writes only what is new to this process."""
        if self._known.get((person, realm)) == address:
            return
        write = Put(document_id(realm), {"realm": realm, "address": address})
        await self._store.batch(CONTAINER, person, [write], operation=uuid4().hex)
        self._keep(person, realm, address)

    async def of(self, person: PrincipalId, realm: str) -> str | None:
        """The address there, None if the person was never seen there."""
        known = self._known.get((person, realm))
        if known is None:
            try:
                found = await self._store.get(CONTAINER, person, document_id(realm))
            except NotFound:
                return None
            known = str(found.body["address"])
            self._keep(person, realm, known)
        return known

    def _keep(self, person: PrincipalId, realm: str, address: str) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[person, realm] = address
