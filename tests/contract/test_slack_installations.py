"""Installing into workspaces by OAuth, and the tokens that come of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from bot.slack.installations import CONTAINER, Installation, Installations
from orchestration.adapters.sealing import Sealer
from orchestration.errors import PermanentError, UserError
from orchestration.messages import Reply, ThreadId
from tests.contract.slack_world import CONFIG, OAUTH, World, world
from tests.doubles.slack_api import BOT, BOT_ID, CHANNEL, TEAM, TOKEN
from tests.doubles.slack_person import JSON, event_body

THREAD = ThreadId(f"slack:{TEAM}/{CHANNEL}/1.1")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, OAUTH) as opened:
        yield opened


def installations(here: World) -> Installations:
    return Installations(here.store, Sealer(OAUTH.sealing_key), OAUTH.client_id)


async def install(here: World, *, expires_in_s: float = 0, team: str = TEAM, org: str = "") -> None:
    refresh = "refresh-1" if expires_in_s else ""
    expires_at = here.clock.now().timestamp() + expires_in_s if expires_in_s else 0.0
    here.slack.refresh_tokens["refresh-1"] = team
    await installations(here).save(
        Installation("" if org else team, org, TOKEN, BOT, BOT_ID, refresh, expires_at)
    )


async def test_the_browser_is_sent_to_slack_and_back_and_the_token_is_kept_sealed(
    here: World,
) -> None:
    async with here.http.get(f"{here.url}/slack/install", allow_redirects=False) as page:
        assert page.status == 200
        html, cookie = await page.text(), page.headers["Set-Cookie"].partition(";")[0]
    url = html.partition('href="')[2]
    link = next(part for part in html.split('"') if "oauth/v2/authorize" in part)
    query = parse_qs(urlparse(link.replace("&amp;", "&")).query)
    assert url
    assert "chat:write" in query["scope"][0]
    back = f"{here.url}/slack/oauth_redirect?code=good&state={query['state'][0]}"
    async with here.http.get(back, headers={"Cookie": cookie}) as done:
        assert done.status == 200
    assert (await here.ana.mentions("hi"))["text"]
    assert len(here.service.received) == 2
    async with here.http.get(back, headers={"Cookie": cookie}) as again:
        assert again.status == 401
    found = await installations(here).find(TEAM)
    assert found is not None
    partition = installations(here)._key(TEAM)
    kept = await here.store.get(CONTAINER, partition, "installation")
    assert found[0].token not in json.dumps(kept.body)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?error=access_denied", 200),
        ("?code=good&state=forged", 400),
        ("?state=a&state=b&code=%00", 400),
    ],
)
async def test_a_callback_that_did_not_begin_here_installs_nothing(
    here: World, query: str, status: int
) -> None:
    async with here.http.get(f"{here.url}/slack/oauth_redirect{query}") as answer:
        assert answer.status == status
    assert await installations(here).find(TEAM) is None


async def test_a_sealed_token_opens_in_its_own_place_alone(here: World) -> None:
    await install(here)
    other = Installations(here.store, Sealer(b"x" * 32), OAUTH.client_id)
    with pytest.raises(PermanentError):
        await other.find(TEAM)
    assert await Installations(here.store, Sealer(OAUTH.sealing_key), "9.9").find(TEAM) is None


async def test_eight_events_at_once_refresh_an_expiring_token_once(here: World) -> None:
    await install(here, expires_in_s=60)
    await asyncio.gather(*(here.ana.writes(f"m{n}", channel="DANA0001") for n in range(8)))
    assert len(here.service.received) == 8
    assert here.slack.count("oauth.v2.access") == 1
    assert here.slack.count("auth.test") == 0
    found = await installations(here).find(TEAM)
    assert found is not None
    assert found[0].token != TOKEN


async def test_a_fresh_token_is_not_refreshed_and_read_once_a_minute(here: World) -> None:
    await install(here, expires_in_s=12 * 3600)
    for _ in range(3):
        await here.ana.mentions("hi")
    assert here.slack.count("oauth.v2.access") == 0
    await installations(here).remove(TEAM)
    await here.ana.mentions("hi")
    here.clock.later += timedelta(seconds=61)
    status, _ = await here.ana.writes("hi", channel="DANA0001")
    assert status == 200
    assert len(here.service.received) == 8


async def test_a_token_that_another_process_has_refreshed_is_taken_over(tmp_path: Path) -> None:
    async with world(tmp_path, OAUTH) as here:
        await install(here, expires_in_s=60)
        here.slack.refresh_tokens.clear()
        other = Installation(
            TEAM, "", "xoxb-newer", BOT, BOT_ID, "r2", here.clock.now().timestamp() + 43200
        )
        here.slack.tokens["xoxb-newer"] = TEAM
        here.slack.answer_after_s = 0.1
        sending = asyncio.create_task(here.ana.writes("hi", channel="DANA0001"))
        await asyncio.sleep(0.05)
        await installations(here).save(other)
        assert (await sending)[0] == 200
        assert len(here.service.received) == 1


async def test_while_the_refresh_fails_the_old_token_is_used_to_its_end(here: World) -> None:
    await install(here, expires_in_s=200)
    here.slack.refresh_tokens.clear()
    assert (await here.ana.writes("hi", channel="DANA0001"))[0] == 200
    here.clock.later += timedelta(seconds=201)
    assert (await here.ana.writes("hi", channel="DANA0001"))[0] == 503
    assert len(here.service.received) == 1


async def test_where_it_is_not_installed_nothing_happens(here: World) -> None:
    assert (await here.ana.writes("hi", channel="DANA0001"))[0] == 200
    assert here.service.received == []
    with pytest.raises(PermanentError):
        await here.front.surface.say(THREAD, Reply("x"), key="k")


@pytest.mark.parametrize(
    "event",
    [
        {"type": "app_uninstalled"},
        {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT]}},
    ],
)
async def test_an_installation_that_ended_is_forgotten(
    here: World, event: dict[str, object]
) -> None:
    await install(here)
    await here.ana.mentions("hi")
    assert (await here.ana.event(event))[0] == 200
    assert await installations(here).find(TEAM) is None
    before = len(here.service.received)
    await here.ana.writes("hi", channel="DANA0001")
    assert len(here.service.received) == before


async def test_a_revoked_token_of_a_user_changes_nothing(here: World) -> None:
    await install(here)
    await here.ana.event({"type": "tokens_revoked", "tokens": {"oauth": ["UANA"], "bot": []}})
    assert await installations(here).find(TEAM) is not None


async def test_an_organisation_installs_once_for_its_workspaces(here: World) -> None:
    await install(here, org="E0000001")
    body = event_body(
        {"type": "message", "user": "UANA", "text": "hi", "ts": "1.1", "channel": "DANA0001"}
    )
    body["authorizations"][0] |= {
        "enterprise_id": "E0000001",
        "team_id": None,
        "is_enterprise_install": True,
    }
    body["enterprise_id"] = "E0000001"
    assert (await here.ana.send(json.dumps(body).encode(), JSON))[0] == 200
    (event,) = here.service.received
    assert event.thread == f"slack:{TEAM}/DANA0001/dm"
    await here.front.surface.say(event.thread, Reply("hello"), key="k")
    assert here.slack.messages["DANA0001"][-1]["text"] == "hello"


async def test_another_workspace_than_those_allowed_is_refused(tmp_path: Path) -> None:
    config = replace(CONFIG, teams=frozenset({"T0000002"}))
    async with world(tmp_path, config) as here:
        _, text = await here.ana.commands("a storage account")
        assert "takes no requests from this Slack workspace" in text
        assert here.service.received == []


async def test_whoever_installs_it_elsewhere_cannot_speak_as_somebody_of_ours(here: World) -> None:
    elsewhere = "T0000666"
    await install(here, team=elsewhere)
    body = event_body(
        {"type": "message", "user": "UANA", "text": "hi", "ts": "1.1", "channel": "DANA0001"},
        team=elsewhere,
    )
    assert (await here.ana.send(json.dumps(body).encode(), JSON))[0] == 200
    assert here.service.received == []


def test_installations_want_the_workspaces_whose_word_counts() -> None:
    with pytest.raises(UserError, match="needs slack_teams"):
        replace(OAUTH, teams=frozenset())


async def test_a_token_of_the_settings_is_asked_about_once(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await asyncio.gather(*(here.ana.mentions("hi") for _ in range(5)))
        assert here.slack.count("auth.test") == 1
