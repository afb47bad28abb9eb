"""Deployments in lines, for one person: in the Home tab and as answers to commands."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from bot.front import PageUrl
from bot.slack import mrkdwn
from bot.slack.links import thread_url
from bot.slack.spot import is_spot, spot_of
from orchestration.listing import Summary

SHOWN = 10
_TITLE, _LEAD = 150, 300
"""Characters; a section has at most 3,000, escaped and with its links."""
Node: TypeAlias = dict[str, Any]


class Lists:
    """`base_url` is the workspace's address; a thread elsewhere has no link, its page has."""

    def __init__(self, page_url: PageUrl, team: str, base_url: str) -> None:
        self._page_url = page_url
        self._team = team
        self._base_url = base_url

    def section(self, heading: str, listed: Sequence[Summary], nothing: str) -> list[Node]:
        """The first of them below a heading, with how many more there are."""
        lines = [self._line(one) for one in listed[:SHOWN]] or [_context(nothing)]
        left = len(listed) - SHOWN
        more = [_context(f"and {left} more")] if left > 0 else []
        return [_heading(heading), *lines, *more]

    def _line(self, one: Summary) -> Node:
        facts = " · ".join(mrkdwn.escaped(fact) for fact in _facts(one))
        links = " · ".join(self._links(one))
        title, lead = mrkdwn.escaped(one.title[:_TITLE]), mrkdwn.escaped(one.lead[:_LEAD])
        text = "\n".join(part for part in (f"*{title}*", lead, facts, links) if part)
        return {"type": "section", "text": {"type": "mrkdwn", "text": text}}

    def _links(self, one: Summary) -> Iterable[str]:
        if self._base_url and is_spot(one.thread) and spot_of(one.thread).team == self._team:
            yield mrkdwn.link(thread_url(self._base_url, spot_of(one.thread)), "Thread")
        if page := self._page_url(one.id):
            yield mrkdwn.link(page, "Full page")


def _facts(one: Summary) -> Iterable[str]:
    yield one.state
    yield one.environment
    if one.team:
        yield f"team {one.team}"
    if one.monthly_usd is not None:
        yield f"${one.monthly_usd:,.0f} a month"
    yield f"{one.asked_at:%Y-%m-%d}"


def _heading(text: str) -> Node:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _context(text: str) -> Node:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn.escaped(text)}]}
