"""What is said arrives once and in the end, whatever happens between Signoff and the vendors."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from orchestration.messages import ThreadId
from tests.far.faults import Dropped
from tests.far.slack.person import envelope
from tests.far.teams.reading import read
from tests.faults.town import Town, town

_DOWN_S = 60.0
_REQUEST = "Databricks for team {} in dev, East US"


async def test_slack_events_that_come_again_or_in_another_order_are_answered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, monkeypatch) as there:
        slack, ana = there.slack, there.slack.people["ana"]
        channel = await slack.channel("again")
        root = await slack.emulator.call(
            "chat.postMessage", token="xoxp-ana", channel=channel, text=f"<@{slack.bot_user}> hi"
        )
        said = {"user": ana.id, "text": f"<@{slack.bot_user}> what can you do?", "team": slack.team}
        said |= {"ts": root["ts"], "event_ts": root["ts"], "channel": channel}
        mention = envelope(slack, {**said, "type": "app_mention"})
        message = envelope(slack, {**said, "type": "message", "channel_type": "channel"})
        # The message before the mention, both three times, some at the same time.
        deliveries = [message, mention, message, mention, mention, message]
        answers = await asyncio.gather(*map(slack.delivery.event, deliveries))
        assert {answer.status for answer in answers} == {200}
        assert {answer.attempts for answer in answers} == {1}
        await _settled(there, f"slack:{slack.team}/{channel}/{root['ts']}")
        thread = await slack.thread(channel, root["ts"])
        assert len([m for m in thread if m["user"] == slack.bot_user]) == 1, thread


async def test_teams_activities_that_come_again_or_in_another_order_are_answered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, monkeypatch) as there:
        teams, ana = there.teams, there.teams.people["ana"]
        chat = teams.rooms.open("personal", ana.member)
        bot_url, teams.bot_url = teams.bot_url, "http://127.0.0.1:9"
        first = await ana.says(chat, _REQUEST.format("order"))
        second = await ana.says(chat, "at most 3 workers")
        teams.bot_url = bot_url
        deliveries = [second, second, first, second, first, first]
        answers = [await ana.deliver(chat, message) for message in deliveries]
        assert {answer.status // 100 for answer in answers} == {2}
        await _settled(there, f"teams:{teams.tenant}/{chat.id}")
        ours = [m for m in chat.messages.values() if m.by == teams.rooms.bot]
        words = [text for m in ours if (text := " ".join(read(m.newest).lines[:1]))]
        assert len(words) == len(set(words)), "nothing is answered twice"
        assert any("Databricks workspace" in text for text in words), words


async def _settled(there: Town, thread: str) -> None:
    inside: Any = there.session.inside.service
    await inside.inside.settled(ThreadId(thread))


async def test_both_far_sides_are_down_for_a_minute_in_the_middle_of_deployments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, monkeypatch, speed=1.0) as there:
        threads = ("teams-down", "slack-down")
        for thread in threads:
            await there.asked(thread, _REQUEST.format(thread.partition("-")[0]))
            await there.run("lena! Approve", "wait: applying 30")
        await there.teams.site.down()
        await there.slack.site.down()
        for thread in threads:
            await _ended(there, thread)
        await asyncio.sleep(_DOWN_S)
        await there.teams.site.up()
        await there.slack.site.up()
        for thread in threads:
            await there.run(f"/thread {thread}", "wait: succeeded 10")
            cards = there.talk.of(thread).cards("deployment")
            assert cards[-1]["lead"].startswith("It is up")
            said = [text for text in there.talk.of(thread).messages() if text]
            assert Counter(said).most_common(1)[0][1] == 1, said
        assert len(there.talk.notices) == len(set(there.talk.notices)) == len(threads)


async def _ended(there: Town, thread: str) -> None:
    there.session.thread = ThreadId(thread)
    async with asyncio.timeout(60):
        while (await there.shown())["state"] != "succeeded":  # noqa: ASYNC110
            await asyncio.sleep(0.2)


@pytest.mark.parametrize(("surface", "doubled"), [("teams", 1), ("slack", 0)])
async def test_an_answer_that_is_dropped_doubles_a_post_only_where_it_cannot_be_found_again(
    surface: str, doubled: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, monkeypatch) as there:
        faults = (there.teams if surface == "teams" else there.slack).faults
        faults.add(Dropped(), lambda request: _is_post(request.path, request.method))
        await there.run(
            f"/thread {surface}-dropped", f"ana: {_REQUEST.format('drop')}", "ana: undo"
        )
        said = Counter(there.talk.messages())
        assert sum(count - 1 for count in said.values()) == doubled, said
        assert len(faults.struck) == 1


def _is_post(path: str, method: str) -> bool:
    return path.endswith(("chat.postMessage", "/activities")) and method == "POST"
