"""One server, and people in Teams and in Slack at the same time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.terminal.lines import Press, parse
from bot.terminal.script import Script
from orchestration.messages import ThreadId
from tests.far.reading import Pressable
from tests.far.slack.far import SlackFarSide, slack_far_side
from tests.far.teams.far import TeamsFarSide, teams_far_side
from tests.scenario.playing import StageSession, Touch, played
from tests.scenario.slack_stage import SlackStage
from tests.scenario.stage import Seen, Stage
from tests.scenario.teams_stage import TeamsStage
from tests.scenario.transcript import Transcript


class Both:
    """`Stage` on Teams and Slack: a thread is where its name says, as in `slack-1`."""

    def __init__(self, teams: TeamsStage, slack: SlackStage) -> None:
        self._stages: Mapping[str, Stage] = {"teams": teams, "slack": slack}

    def settings(self) -> Mapping[str, object]:
        return {k: v for stage in self._stages.values() for k, v in stage.settings().items()}

    def meet(self, bot_url: str) -> None:
        for stage in self._stages.values():
            stage.meet(bot_url)

    def thread_id(self, name: str) -> ThreadId | None:
        return self._of(name).thread_id(name)

    async def say(self, thread: str, by: str, text: str) -> None:
        await self._of(thread).say(thread, by, text)

    async def press(
        self, thread: str, by: str, message: str, button: Pressable, inputs: Mapping[str, str]
    ) -> int:
        return await self._of(thread).press(thread, by, message, button, inputs)

    async def look(self) -> Sequence[Seen]:
        return [seen for stage in self._stages.values() for seen in await stage.look()]

    def _of(self, thread: str) -> Stage:
        return self._stages[thread.partition("-")[0]]


class Town:
    """`talk` is what was said and shown so far."""

    def __init__(
        self, teams: TeamsFarSide, slack: SlackFarSide, stage: Both, session: StageSession
    ) -> None:
        self.teams = teams
        self.slack = slack
        self.stage = stage
        self.session = session
        self._script = Script(session, session.screen)

    @property
    def talk(self) -> Transcript:
        return Transcript(tuple(self.session.screen.lines))

    async def run(self, *lines: str) -> None:
        """Lines of a script, each answered in full."""
        await self._script.run(lines)

    async def asked(self, thread: str, text: str) -> None:
        """A request in a new thread, up to where sign-offs are waited for."""
        await self.run(f"/thread {thread}", f"ana: {text}", "ana: looks good", "wait: awaiting 60")

    def touch(self, line: str) -> Touch:
        """What pressing would be, on what is shown now."""
        press = parse(line)
        assert isinstance(press, Press)
        touch: Touch = self.session.clicked(press, self.session.target(press))
        return touch

    async def press(self, touch: Touch) -> int:
        """The status of the answer."""
        thread = self.session.thread
        return await self.stage.press(
            thread, touch.by.name, touch.message, touch.button, touch.inputs
        )

    async def shown(self, what: str = "deployment") -> Mapping[str, Any]:
        return await self.session.inside.service.show(self.session.thread, what)

    async def decisions(self) -> list[str]:
        """Who has decided, in order, in the present thread."""
        return [each["by"] for each in (await self.shown())["decisions"]]


@asynccontextmanager
async def town(
    store: Path, monkeypatch: pytest.MonkeyPatch, *, speed: float = 0.0, **slack: Any
) -> AsyncIterator[Town]:
    """`slack`: other limits of the far side there."""
    monkeypatch.setenv("SIGNOFF_PRICES_LIVE", "false")
    monkeypatch.setenv("SIGNOFF_SANDBOX_SPEED", str(speed))
    async with teams_far_side() as teams, slack_far_side(**slack) as there:
        stage = Both(TeamsStage(teams), SlackStage(there))
        async with played(stage, store, speed) as session:
            yield Town(teams, there, stage, session)
