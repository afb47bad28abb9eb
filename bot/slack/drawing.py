"""Cards as messages: the newest blocks that a workspace takes, else older ones, else text."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from approvals.principals import PrincipalId
from bot.front import PageUrl
from bot.render import blocks
from bot.render.mention import Mention
from bot.slack.members import Members
from bot.slack.sending import Body
from bot.slack.web_api import Refused
from orchestration.cards.model import Card
from orchestration.ports import Clock, Directory

Profile: TypeAlias = Literal["modern", "classic", "text"]
Send: TypeAlias = Callable[[Body], Awaitable[Body]]

_PROFILES: tuple[Profile, ...] = ("modern", "classic", "text")
_UNKNOWN_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_attachments"})
REDRAWN = _UNKNOWN_BLOCKS | {"msg_blocks_too_long", "msg_too_long"}
"""Refusals of how something is drawn, not of what it says."""
_REMEMBERED = timedelta(minutes=30)
"""A workspace that does not take the newest blocks may take them after its next release."""


class Drawing:
    """Draws cards for workspaces, and learns what each of them takes."""

    def __init__(
        self, members: Members, directory: Directory, page_url: PageUrl, clock: Clock
    ) -> None:
        self._members = members
        self._directory = directory
        self._page_url = page_url
        self._clock = clock
        self._older: dict[str, tuple[Profile, datetime]] = {}

    async def mentions(
        self, people: Iterable[PrincipalId], team: str
    ) -> Mapping[PrincipalId, Mention]:
        """How they are mentioned; who is not in the workspace has no address."""
        found = {}
        for person in people:
            known = await self._directory.get(person)
            address = await self._members.address(person, team)
            found[person] = Mention(known.name if known else person, address)
        return found

    async def sent(self, team: str, card: Card, send: Send) -> Body:
        """What `send` answers for the first drawing that Slack takes. Raises: what it raises."""
        page_url = self._page_url(card.page) if card.page else ""
        for profile in self._taken(team):
            body = blocks.block_message(card, page_url=page_url, profile=profile)
            try:
                return await send(body)
            except Refused as refused:
                if profile == "text" or not self._may_be_older(team, profile, refused):
                    raise
        raise AssertionError("text is the last profile")

    def _taken(self, team: str) -> Iterator[Profile]:
        older, until = self._older.get(team, ("modern", None))
        first = older if until and self._clock.now() < until else "modern"
        yield from _PROFILES[_PROFILES.index(first) :]

    def _may_be_older(self, team: str, profile: Profile, refused: Refused) -> bool:
        """Whether an older drawing may be taken; a card that is too long says nothing of others."""
        if refused.code in _UNKNOWN_BLOCKS and profile == "modern":
            self._older[team] = "classic", self._clock.now() + _REMEMBERED
        return refused.code in REDRAWN
