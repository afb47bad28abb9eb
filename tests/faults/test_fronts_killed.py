"""kill -9 exactly between sending and recording: the one moment at which a post may double, and
only where a vendor offers no way to look for what was sent."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiohttp import web

from tests.far.faults import RAW, Dropped
from tests.far.slack.far import slack_far_side
from tests.far.teams.far import teams_far_side
from tests.faults.serving import Server
from tests.scenario.slack_stage import SlackStage
from tests.scenario.stage import Drawn, Seen, Words
from tests.scenario.teams_stage import TeamsStage

_ASKED = "Databricks for team lab in dev, East US"
_PATIENCE_S = 90.0


@pytest.mark.parametrize(
    ("surface", "words_more", "cards_more"), [("teams", 2, 1), ("slack", 0, 0)]
)
async def test_a_kill_between_sending_and_recording_loses_nothing(
    surface: str, words_more: int, cards_more: int, tmp_path: Path
) -> None:
    """It dies once after the words and once after the card; a turn is noted as a whole."""
    async with teams_far_side() if surface == "teams" else slack_far_side() as far:
        stage = TeamsStage(far) if surface == "teams" else SlackStage(far)
        server = Server(tmp_path / "store", stage.settings())
        try:
            stage.meet(await server.start())
            for moment in (_says_words, _draws_a_card):
                far.faults.add(Dropped(meanwhile=server.kill), moment)
            await stage.say(surface, "ana", _ASKED)
            for _ in range(2):
                await server.gone()
                stage.meet(await server.start())
            seen = await _all_said(stage)
        finally:
            await server.stop()
    words = Counter(one.text for one in seen if isinstance(one, Words))
    cards = Counter(one.message for one in seen if isinstance(one, Drawn))
    assert len(far.faults.struck) == 2
    assert len(words) == 1, words
    assert words.total() == 1 + words_more, "once more for each death where nobody can look"
    assert len(cards) == 1 + cards_more, "once more for the death after it where nobody can look"


async def _all_said(stage: SlackStage | TeamsStage) -> Sequence[Seen]:
    """What is there once words and a card have been said by a process that lived on."""
    seen: list[Seen] = []
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            new = await stage.look()
            seen += new
            if not new and any(isinstance(one, Drawn) for one in seen):
                return seen
            await asyncio.sleep(3.0)


def _says_words(request: web.Request) -> bool:
    return _posts(request) and not _draws_a_card(request)


def _draws_a_card(request: web.Request) -> bool:
    return _posts(request) and b"Looks good" in request[RAW]


def _posts(request: web.Request) -> bool:
    return request.method == "POST" and request.path.endswith(("/activities", "chat.postMessage"))
