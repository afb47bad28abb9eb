"""Who is mentioned: people by what Teams calls them."""

from collections.abc import Iterable, Mapping

from approvals.principals import PrincipalId
from bot.render.mention import Mention
from orchestration.addresses import Addresses
from orchestration.cards.model import Card
from orchestration.identity import EntraIdentity
from orchestration.ports import Directory


class Mentions:
    def __init__(self, directory: Directory, addresses: Addresses) -> None:
        self._directory = directory
        self._addresses = addresses

    async def of(self, people: Iterable[PrincipalId], realm: str) -> Mapping[PrincipalId, Mention]:
        """Those who can be mentioned there."""
        named = await self.named(people, realm)
        return {person: mention for person, mention in named.items() if mention.address}

    async def named(
        self, people: Iterable[PrincipalId], realm: str
    ) -> Mapping[PrincipalId, Mention]:
        """Everybody by name; without an address who has no account there."""
        found = {}
        for person in dict.fromkeys(people):
            known = await self._directory.get(person)
            if known:
                found[person] = Mention(known.name, await self._address(person, realm))
        return found

    async def _address(self, person: PrincipalId, realm: str) -> str:
        """What Teams was seen to call them; else their object id, which mentions take as well.

        Source: "Mention support within Adaptive Cards", Microsoft Entra Object ID as the id.
        """
        seen = await self._addresses.of(person, realm)
        tenant = realm.partition(":")[2]
        accounts = [] if seen else await self._directory.identities(person)
        return seen or next(
            (a.object_id for a in accounts if isinstance(a, EntraIdentity) and a.tenant == tenant),
            "",
        )


def people_of(card: Card) -> list[PrincipalId]:
    """Who is shown buttons of their own."""
    audiences = [sorted(button.audience or ()) for button in card.buttons]
    return [person for audience in audiences for person in audience]
