"""Many people at one card, on two surfaces, with copies and old versions of it in their hands."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.render.adaptive import adaptive_card
from tests.far.faults import Slow
from tests.far.teams.adaptive import CARD, actions
from tests.far.teams.reading import read_card
from tests.faults.town import Town, town
from tests.scenario.transcript import Line, words

_REQUEST = "Databricks for team {} in production, East US"
_CLICKS = 500
_AT_ONCE = 100
_UNLIMITED: dict[str, Any] = {"tiers": {}, "posts": ()}


@pytest.mark.parametrize("surface", ["teams", "slack"])
async def test_500_clicks_on_one_card_are_all_answered_and_a_person_counts_once(
    surface: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, monkeypatch, **_UNLIMITED) as there:
        await there.asked(f"{surface}-crowd", _REQUEST.format("crowd"))
        crowd = [there.touch(f"{who}! Approve") for who in ("olga", "omar", "ana", "sam", "vic")]
        turns = asyncio.Semaphore(_AT_ONCE)

        async def press(number: int) -> int:
            async with turns:
                return await there.press(crowd[number % len(crowd)])

        statuses = await asyncio.gather(*map(press, range(_CLICKS)))
        assert Counter(statuses) == {200: _CLICKS}
        decided = Counter(await there.decisions())
        assert set(decided) <= {"olga", "omar"}
        assert set(decided.values()) == {1}
        # The last signature, from two hands at the same time as two more clicks of those before.
        last = [there.touch(f"{who}! Approve") for who in ("mia", "mia", "olga", "omar")]
        assert await asyncio.gather(*map(there.press, last)) == [200] * 4
        await _until_applied(there)
        await _check_applied_once(there, {"mia"})


async def _until_applied(there: Town) -> None:
    async with asyncio.timeout(60):
        while (await there.shown())["state"] != "succeeded":  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def _check_applied_once(there: Town, at_least: set[str]) -> None:
    decided = Counter(await there.decisions())
    assert at_least <= set(decided)
    assert set(decided.values()) == {1}
    events = [event["action"] for event in (await there.shown("audit"))["events"]]
    assert events.count("apply started") == 1


@pytest.mark.parametrize("surface", ["teams", "slack"])
async def test_two_approvers_race_for_the_one_signature_that_is_needed(
    surface: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, monkeypatch) as there:
        await there.asked(f"{surface}-race", "storage account for team race in production, East US")
        olga, omar = there.touch("olga! Approve"), there.touch("omar! Approve")
        assert await asyncio.gather(there.press(olga), there.press(omar)) == [200, 200]
        await there.run("wait: succeeded 60")
        await _check_applied_once(there, set())
        assert set(await there.decisions()) <= {"olga", "omar"}
        assert len(there.talk.notices) == 1


async def test_one_person_on_two_surfaces_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, monkeypatch) as there:
        await there.asked("slack-two", _REQUEST.format("two"))
        await there.run("mia! Approve")
        copied = await _forwarded_to_teams(there)
        assert await there.decisions() == ["mia"]
        told = [*there.talk.messages(to="mia"), *copied]
        assert any("approved this already" in text for text in told), told
        await there.run("omar! Approve", "wait: succeeded 60")
        assert sorted(await there.decisions()) == ["mia", "omar"]


async def _forwarded_to_teams(there: Town) -> list[str]:
    """Mia presses Approve on the deployment's card in Teams, whither somebody brought it; what
    her client says then."""
    id = (await there.shown())["id"]
    inside: Any = there.session.inside.service
    card = await inside.card(f"deployment:{id}")
    content = adaptive_card(card, viewer="omar")
    group = there.teams.rooms.open("groupChat", *there.teams.everybody())
    attached = {"contentType": CARD, "content": content}
    omar, mia = there.teams.people["omar"], there.teams.people["mia"]
    copy = there.teams.rooms.post(
        group, "", omar.member.address, {"type": "message", "attachments": [attached]}
    )
    [approve] = [action for action in actions(content) if action.title == "Approve"]
    answer = await mia.clicks(group, copy, approve)
    assert answer.status == 200
    await there.session.settled()
    drawn = list(read_card(answer.card).lines) if answer.card else []
    said = [str(m.newest.get("text")) for m in group.messages.values() if m.id != copy.id]
    return [*drawn, *said, answer.message or ""]


@pytest.mark.parametrize("surface", ["teams", "slack"])
async def test_a_card_is_pressed_while_it_is_updated_after_a_restart_and_when_it_is_stale(
    surface: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, monkeypatch) as there:
        await there.asked(f"{surface}-old", _REQUEST.format("old"))
        stale = there.touch("omar! Approve")
        await there.run("restart:")
        faults = (there.teams if surface == "teams" else there.slack).faults
        faults.add(Slow(1.5), lambda request: _updates(request.method, request.path))
        mia, omar = there.touch("mia! Approve"), there.touch("omar! Reject reason='too big'")
        assert await there.press(mia) == 200
        assert await there.press(stale) == 200, "pressed while the card is being updated"
        await there.run("wait: succeeded 60")
        assert sorted(await there.decisions()) == ["mia", "omar"]
        assert await there.press(omar) == 200, "too late, on a card of before"
        await there.session.settled()
        newest: Line = there.talk.cards("deployment")[-1]
        assert newest["lead"].startswith("It is up"), words(newest)
        assert there.talk.messages(to="omar"), "told why the click did not count"


def _updates(method: str, path: str) -> bool:
    return method == "PUT" or path.endswith("chat.update")
