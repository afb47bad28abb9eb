"""`/signoff`: lists for the person who asks, or a request in words that opens a thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from approvals.principals import PrincipalId
from bot.failures import told
from bot.slack import mrkdwn
from bot.slack.bodies import Command
from bot.slack.lists import Lists
from bot.slack.opening import Opening
from bot.slack.people import People
from bot.slack.registration import COMMAND
from bot.slack.spot import SCHEME
from bot.slack.talk import Here
from orchestration.listing import Summary, asked_by
from orchestration.messages import EventId
from orchestration.service import Service

HELP = f"""*Ask for infrastructure*
• Mention me in a channel, write to me directly, or `{COMMAND} I need a Databricks workspace ...`
• `{COMMAND} mine`: what you asked for · `{COMMAND} waiting`: what waits for your sign-off
• `{COMMAND} status`: what goes on in this channel · `{COMMAND} history`: what happened lately
In a thread of mine you need not mention me: answer, correct, or ask, e.g. "make it cheaper"."""
_LISTED = 200


@dataclass(frozen=True, slots=True)
class Listing:
    heading: str
    nothing: str


_LISTINGS = {
    "mine": Listing("Your requests", "You asked for nothing yet."),
    "waiting": Listing("Waiting for you", "Nothing waits for you."),
    "status": Listing("Going on in this channel", "Nothing goes on in this channel."),
    "history": Listing("Recent", "Nothing was deployed yet."),
}


class Commands:
    def __init__(
        self,
        service: Service,
        people: People,
        opening: Opening,
        lists: Lists,
    ) -> None:
        self._service = service
        self._people = people
        self._opening = opening
        self._lists = lists

    async def answered(self, here: Here, body: Command) -> dict[str, Any]:
        """What is shown to the person alone; whatever goes wrong is said there."""
        try:
            return await self._answered(here, body)
        except Exception as error:
            return {"text": mrkdwn.escaped(told(error, doing="answering you", tried_again=False))}

    async def _answered(self, here: Here, body: Command) -> dict[str, Any]:
        text = mrkdwn.read(body.text, me=here.bot_user)
        if text.lower() in ("", "help"):
            return {"text": HELP}
        by = await self._people.known(here.team, body.user_id)
        if listing := _LISTINGS.get(text.lower()):
            found = await self._found(text.lower(), here, body, by.id)
            return await self._listed(here.team, listing, found)
        event = EventId(f"slack:{here.team}:{body.trigger_id}")
        await self._opening.open(here, body.channel_id, body.user_id, by.id, text, event)
        return {"text": "I opened a thread for this."}

    async def _found(
        self, what: str, here: Here, body: Command, by: PrincipalId
    ) -> Sequence[Summary]:
        if what == "waiting":
            return await self._service.waiting_for(by)
        listed = await self._service.summaries(_LISTED)
        return {
            "mine": asked_by(listed, by),
            "status": _going_on(listed, here.team, body.channel_id),
            "history": listed,
        }[what]

    async def _listed(
        self, team: str, listing: Listing, found: Sequence[Summary]
    ) -> dict[str, Any]:
        return {
            "text": f"{listing.heading}: {len(found)}",
            "blocks": await self._lists.section(team, listing.heading, found, listing.nothing),
        }


def _going_on(listed: Sequence[Summary], team: str, channel: str) -> list[Summary]:
    here = f"{SCHEME}:{team}/{channel}/"
    return [one for one in listed if one.ended_at is None and one.thread.startswith(here)]
