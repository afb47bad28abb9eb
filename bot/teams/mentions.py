"""Who is mentioned: people by what Teams calls them, as far as they were ever seen there."""

from collections.abc import Iterable, Mapping

from approvals.principals import PrincipalId
from bot.render.mention import Mention
from orchestration.addresses import Addresses
from orchestration.cards.model import Card
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
        """Everybody by name; without an address who was never seen there."""
        found = {}
        for person in dict.fromkeys(people):
            known = await self._directory.get(person)
            if known:
                address = await self._addresses.of(person, realm)
                found[person] = Mention(known.name, address or "")
        return found


def people_of(card: Card) -> list[PrincipalId]:
    """Whose attention the card wants, and who is shown buttons of their own."""
    audiences = [sorted(button.audience or ()) for button in card.buttons]
    return [*card.wanted, *(person for audience in audiences for person in audience)]
