"""Deployments in lines, for one person: in the Home tab and as answers to commands."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from bot.front import PageUrl
from bot.slack import mrkdwn
from bot.slack.links import Links, thread_url
from bot.slack.spot import is_spot, spot_of
from capabilities.cost import usd
from orchestration.listing import Summary
from orchestration.ports import Directory

SHOWN = 10
_TITLE, _LEAD = 150, 300
"""Characters; a section has at most 3,000, escaped."""
Node: TypeAlias = dict[str, Any]


class Lists:
    """A thread in another workspace, or on another surface, has no link; its page has one."""

    def __init__(self, directory: Directory, links: Links, page_url: PageUrl) -> None:
        self._directory = directory
        self._links = links
        self._page_url = page_url

    async def section(
        self, team: str, heading: str, listed: Sequence[Summary], nothing: str
    ) -> list[Node]:
        """The first of them below a heading, with how many more there are."""
        base_url = await self._links.base(team)
        rows: list[Node] = [_heading(heading)]
        for one in listed[:SHOWN]:
            links = self._links_to(one, team, base_url)
            rows += [_said(one), _context(" · ".join([*await self._facts(one), *links]))]
        left = len(listed) - SHOWN
        rows += [_context(mrkdwn.escaped(nothing))] if not listed else []
        return rows + ([_context(f"and {left} more")] if left > 0 else [])

    async def _facts(self, one: Summary) -> list[str]:
        asked = await self._directory.get(one.requester)
        by = asked.name if asked else one.requester
        cost = [f"about {usd(one.monthly_usd)} a month"] if one.monthly_usd else []
        facts = [f"asked by {by}", one.environment, *cost]
        return [*map(mrkdwn.escaped, facts), mrkdwn.day(one.asked_at)]

    def _links_to(self, one: Summary, team: str, base_url: str) -> Iterator[str]:
        if base_url and is_spot(one.thread) and spot_of(one.thread).team == team:
            yield mrkdwn.link(thread_url(base_url, spot_of(one.thread)), "Thread")
        if page := self._page_url(one.id):
            yield mrkdwn.link(page, "Full page")


def _said(one: Summary) -> Node:
    title, lead = mrkdwn.escaped(one.title[:_TITLE]), mrkdwn.escaped(one.lead[:_LEAD])
    return {"type": "section", "text": {"type": "mrkdwn", "text": f"*{title}*\n{lead}"}}


def _heading(text: str) -> Node:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _context(text: str) -> Node:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}
