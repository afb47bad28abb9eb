"""Which process posted each message, whether it learned that it had, and why one is there twice.

A message may be there twice where the process that posted it was killed before it could note that,
or was frozen for longer than its claim lasts; or where the answer to that very post was lost. In
Slack a message can be looked for before it is posted again: there it takes somebody who was frozen
between looking and posting.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

from orchestration.places import CLAIM_S
from tests.far.faults import ASKED_S
from tests.far.slack.far import SlackFarSide
from tests.far.teams.far import TeamsFarSide
from tests.faults.chaos.process import PROCESS
from tests.faults.chaos.troubles import Trouble

Watcher: TypeAlias = Callable[[web.Request, web.Response, bool], None]
_NOTED_WITHIN_S = 10.0
"""From posting to noting it, or from thawing to posting; the store may be slow or away."""
_CUT_WITHIN_S = 0.2
"""What was answered that long before the connections were cut may not have been read."""
_CLAIMED_S = CLAIM_S / 3
"""What is left of a claim when its holder begins to speak."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One post: the process by its id, and whether its answer was `lost`."""

    surface: str
    id: str
    process: str
    asked_s: float
    done_s: float
    lost: bool


class Sendings:
    """All of them, as the far sides saw them."""

    def __init__(self, teams: TeamsFarSide, slack: SlackFarSide) -> None:
        self._by_id: dict[tuple[str, str], Sending] = {}
        for far in (teams, slack):
            far.faults.done = self._watching(far.surface)

    def _watching(self, surface: str) -> Watcher:
        def done(request: web.Request, answer: web.Response, lost: bool) -> None:
            id = _posted(request, answer)
            if id:
                process = request.headers.get(PROCESS, "")
                asked = request[ASKED_S]
                sending = Sending(surface, id, process, asked, time.time(), lost)
                self._by_id[surface, id] = sending

        return done

    def of(self, surface: str, id: str) -> Sending:
        return self._by_id[surface, id]

    def all(self) -> Iterator[Sending]:
        yield from self._by_id.values()


def _posted(request: web.Request, answer: web.Response) -> str:
    """The id of the message that the request posted, "" if it did something else."""
    if request.method != "POST" or answer.status >= 300 or not isinstance(answer.body, bytes):
        return ""
    said = json.loads(answer.body or b"{}")
    if request.path.endswith("/chat.postMessage"):
        return str(said.get("ts") or "")
    if "/v3/conversations" in request.path and answer.status == 201:
        return str(said.get("activityId") or said.get("id") or "")
    return ""


def cause(first: Sending, second: Sending, troubles: Sequence[Trouble]) -> str:
    """Why the message was posted once more, "" if there is no reason that is good enough."""
    for trouble in troubles:
        if trouble.kind.endswith(" frozen") and _was_frozen(trouble, first, second):
            return trouble.kind
    if first.surface == "slack":
        return ""
    for trouble in troubles:
        if trouble.kind.endswith(" killed") and _died(trouble, first, second):
            return trouble.kind
    if first.lost or any(_cut(trouble, first) for trouble in troubles):
        return "answer lost"
    return ""


def _died(trouble: Trouble, first: Sending, second: Sending) -> bool:
    """Between posting it and noting that."""
    if trouble.whom != first.process:
        return False
    return first.asked_s <= trouble.began_s <= min(second.asked_s, first.done_s + _NOTED_WITHIN_S)


def _was_frozen(trouble: Trouble, first: Sending, second: Sending) -> bool:
    """Past its claim: before it noted the first, or with the second on its way."""
    if trouble.ended_s - trouble.began_s < _CLAIMED_S:
        return False
    if trouble.whom == first.process and first.surface != "slack":
        noted = min(second.asked_s, first.done_s + _NOTED_WITHIN_S)
        return first.asked_s <= trouble.began_s <= noted
    if trouble.whom == second.process:
        thawed = trouble.ended_s <= second.asked_s <= trouble.ended_s + _NOTED_WITHIN_S
        return trouble.began_s <= first.done_s and thawed
    return False


def _cut(trouble: Trouble, first: Sending) -> bool:
    if trouble.kind != "far side gone" or trouble.whom != first.surface:
        return False
    return first.asked_s <= trouble.began_s <= first.done_s + _CUT_WITHIN_S
