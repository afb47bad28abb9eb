"""The Home tab: what waits for a person, what they asked for, and what happened lately."""

import asyncio

from bot.slack.api import Api
from bot.slack.background import Background
from bot.slack.lists import Lists, Node
from bot.slack.people import People
from bot.slack.registration import COMMAND
from orchestration.errors import UserError
from orchestration.listing import asked_by
from orchestration.service import Service

_LISTED = 200
_EFFECT_S = 1.0
_INTRODUCTION = (
    "Mention me in a channel or write to me here: what you need, for whom and where. "
    f"`{COMMAND} help` says more."
)


class Home:
    def __init__(
        self,
        service: Service,
        people: People,
        api: Api,
        lists: Lists,
        background: Background,
    ) -> None:
        self._service = service
        self._people = people
        self._api = api
        self._lists = lists
        self._background = background

    def opened(self, team: str, user: str) -> None:
        """Show the tab in the background: what it takes is not waited for."""
        self._background.start(self.publish(team, user), name=f"home opened {team}/{user}")

    def refresh(self, team: str, user: str) -> None:
        """Show the tab again soon, when what the person did has mostly had its effect."""
        name = f"home changed {team}/{user}"
        self._background.start(self._refreshed(team, user), name=name)

    async def publish(self, team: str, user: str) -> None:
        view = {"type": "home", "blocks": await self.blocks(team, user)}
        await self._api.ask(team, lambda client: client.views_publish(user_id=user, view=view))

    async def blocks(self, team: str, user: str) -> list[Node]:
        try:
            by = await self._people.known(team, user)
        except UserError as error:
            return [_text(str(error))]
        listed = await self._service.summaries(_LISTED)
        shown = (
            ("Waiting for you", await self._service.waiting_for(by.id), "Nothing waits for you."),
            ("Your requests", asked_by(listed, by.id), "You asked for nothing yet."),
            ("Recent", listed, "Nothing was deployed yet."),
        )
        sections = [await self._lists.section(team, *each) for each in shown]
        return [_text(_INTRODUCTION), *(row for section in sections for row in section)]

    async def _refreshed(self, team: str, user: str) -> None:
        await asyncio.sleep(_EFFECT_S)
        await self.publish(team, user)


def _text(text: str) -> Node:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
