"""Teams as a front: one route in, the Bot Connector out."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from bot.attachments import Attachments
from bot.front import Front, Surroundings
from bot.teams.activity import Activity
from bot.teams.adapter import TeamsAdapter
from bot.teams.clicks import Clicks
from bot.teams.config import TeamsConfig
from bot.teams.connector import Connector
from bot.teams.door import Door
from bot.teams.drawing import Drawing, text_message
from bot.teams.greetings import Greetings
from bot.teams.hearing import Hearing
from bot.teams.managed_identity import ManagedIdentityTokens
from bot.teams.mentions import Mentions
from bot.teams.pacing import Pacing
from bot.teams.people import NamedPeople, People, TenantPeople
from bot.teams.proof import ChannelProof, NoProof
from bot.teams.references import References, reference_of
from bot.teams.service_hosts import ServiceHosts
from bot.teams.signing_keys import SigningKeys
from bot.teams.speech import Speech
from bot.teams.streaming import Streaming
from bot.teams.surface import TeamsSurface, place_of
from bot.teams.tokens import NoTokens, PasswordTokens, Tokens
from bot.teams.typing_hint import TypingHint
from orchestration.errors import SignoffError
from orchestration.service import Service
from orchestration.surface import Surface

ROUTE = "/api/messages"
_DRAINING_S = 5.0
_log = logging.getLogger(__name__)


class TeamsFront:
    """`bot.front.Front`; what it says of its own accord is said beside the request."""

    scheme = "teams"

    def __init__(self, config: TeamsConfig, around: Surroundings) -> None:
        pacing, mentions = Pacing(time.monotonic), Mentions(around.directory, around.addresses)
        self._config = config
        self._hosts = ServiceHosts(config.service_hosts, local=config.local)
        self._connector = Connector(
            around.http, _tokens(config, around), self._hosts, pacing, around.clock, asyncio.sleep
        )
        self._typing = TypingHint(self._connector, asyncio.sleep)
        self._saying: set[asyncio.Task[None]] = set()
        references, drawing = References(around.store), Drawing(mentions, around.page_url)
        people = _people(config, around)
        reads = Attachments(around.http, config.file_hosts)
        speech = Speech(people, references, reads, self._typing, around.clock)
        clicks = Clicks(people, references, speech, drawing, around.clock)
        self._hearing = Hearing(speech, clicks, Greetings(around.store), self._say)
        self._adapter = TeamsAdapter(_proof(config, around), self._say)
        self.surface: Surface = TeamsSurface(
            self._connector,
            references,
            drawing,
            Streaming(self._connector, asyncio.sleep),
            self._typing,
            pacing,
            config.results_channel,
            config.service_url,
        )

    def mount(self, app: web.Application, service: Service) -> None:
        hear = partial(self._hearing.hear, service)
        door = Door(self._adapter, self._hosts, hear, local=self._config.local)
        app.router.add_post(ROUTE, door.post)
        app.cleanup_ctx.append(self._drained)

    async def _drained(self, _: web.Application) -> AsyncIterator[None]:
        yield
        await self._hearing.drain(_DRAINING_S)
        await self._typing.close()
        if self._saying:
            await asyncio.wait(self._saying, timeout=_DRAINING_S)

    def _say(self, activity: Activity, text: str) -> None:
        task = asyncio.create_task(self._said(activity, text))
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)

    async def _said(self, activity: Activity, text: str) -> None:
        at = reference_of(activity)
        try:
            await self._connector.send(place_of(at), text_message(text))
        except SignoffError as error:
            fields = {"conversation": at.conversation, "why": str(error)}
            _log.warning("sentence_not_said", extra={"fields": fields})


def teams_front(config: TeamsConfig, surroundings: Surroundings) -> Front:
    return TeamsFront(config, surroundings)


def _tokens(config: TeamsConfig, around: Surroundings) -> Tokens:
    if config.local:
        return NoTokens()
    if config.app_type == "managed_identity":
        return ManagedIdentityTokens(config.app_id, config.audience)
    return PasswordTokens(
        around.http,
        config.token_url,
        config.app_id,
        config.app_password,
        f"{config.audience}/.default",
        time.monotonic,
    )


def _people(config: TeamsConfig, around: Surroundings) -> People:
    if config.local:
        return NamedPeople(around.directory, around.addresses)
    return TenantPeople(around.directory, around.addresses, config.only_tenant)


def _proof(config: TeamsConfig, around: Surroundings) -> ChannelProof:
    if config.local:
        return NoProof()
    keys = SigningKeys(around.http, config.openid_url, time.monotonic)
    return ChannelProof(config.app_id, config.issuer, config.openid_url, keys)
