"""Slack as a front: everything of it, put together."""

from collections.abc import AsyncIterator

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot.front import Front, Surroundings
from bot.slack.api import Api
from bot.slack.arrivals import Arrivals
from bot.slack.background import Background
from bot.slack.clicks import Clicks
from bot.slack.command import Commands
from bot.slack.config import SlackConfig
from bot.slack.door import Door
from bot.slack.drawing import Drawing
from bot.slack.files import Files
from bot.slack.forms import Forms
from bot.slack.home import Home
from bot.slack.installations import Installations
from bot.slack.links import Links
from bot.slack.listening import Listeners, bolt_app
from bot.slack.lists import Lists
from bot.slack.looking_up import LookingUp
from bot.slack.members import Members
from bot.slack.oauth import InstallPages
from bot.slack.opening import Opening
from bot.slack.pace import Pace
from bot.slack.people import People
from bot.slack.registration import EVENTS_PATH
from bot.slack.sending import Sending
from bot.slack.shortcuts import Shortcuts
from bot.slack.socket_mode import connected
from bot.slack.spot import SCHEME
from bot.slack.surface import SlackSurface
from bot.slack.talk import Talk
from bot.slack.telling import Telling
from bot.slack.tokens import App, InstalledTokens, OneWorkspace, Tokens
from bot.slack.web_api import WebApi
from capabilities.registry import catalogue
from orchestration.adapters.sealing import Sealer
from orchestration.announcing import CHANNEL
from orchestration.service import Service
from orchestration.surface import Surface


class SlackFront:
    """`bot.front.Front`."""

    scheme = SCHEME

    def __init__(self, config: SlackConfig, around: Surroundings) -> None:
        self._config = config
        self._around = around
        self._web = WebApi(config.api_url, around.http)
        self._installations = _installations(config, around)
        self._tokens = _tokens(config, around, self._web, self._installations)
        self._api = Api(self._web, self._tokens)
        self._background = Background()
        pace = Pace(around.clock)
        members = Members(self._api, around.directory, around.addresses, around.clock)
        self._sending = Sending(self._api, pace)
        self.surface: Surface = SlackSurface(
            self._sending,
            Drawing(members, around.directory, around.page_url, around.clock),
            members,
            LookingUp(self._api),
            pace,
            config.results_channel or CHANNEL,
        )

    def mount(self, app: web.Application, service: Service) -> None:
        bolt = bolt_app(self._listeners(service), self._tokens, self._web.client(""))
        if self._config.signing_secrets:
            door = Door(bolt, self._config.signing_secrets, self._around.clock)
            app.router.add_post(EVENTS_PATH, door.post)
        if self._installations:
            self._pages(self._installations).mount(app)
        app.cleanup_ctx.append(self._draining)
        if self._config.app_token:
            app.cleanup_ctx.append(lambda _: self._connected(bolt))

    def _pages(self, installations: Installations) -> InstallPages:
        client = self._web.client("")
        return InstallPages(self._config, self._around.store, installations, self._tokens, client)

    def _listeners(self, service: Service) -> Listeners:
        around, api, background = self._around, self._api, self._background
        people = People(api, around.directory, around.addresses, around.clock, self._config.teams)
        telling = Telling(self._sending, around.http)
        lists = Lists(around.directory, Links(api), around.page_url)
        home = Home(service, people, api, lists, background)
        files = Files(api, around.http, self._config.api_url)
        talk = Talk(service, people, telling, files, background, around.clock)
        clicks = Clicks(service, people, api, telling, home, background, around.clock)
        opening = Opening(service, api, around.store, around.clock)
        return Listeners(
            talk=talk,
            clicks=clicks,
            forms=Forms(clicks),
            commands=Commands(service, people, opening, lists),
            shortcuts=Shortcuts(people, api, opening, talk, telling, background, catalogue()),
            home=home,
            arrivals=Arrivals(api, self._tokens, self._installations, background),
        )

    async def _draining(self, _: web.Application) -> AsyncIterator[None]:
        yield
        await self._background.drain()

    async def _connected(self, bolt: AsyncApp) -> AsyncIterator[None]:
        async with connected(bolt, self._config.app_token, self._web.client("")):
            yield


def _installations(config: SlackConfig, around: Surroundings) -> Installations | None:
    if not config.client_id:
        return None
    return Installations(around.store, Sealer(config.sealing_key), config.client_id)


def _tokens(
    config: SlackConfig, around: Surroundings, web: WebApi, installations: Installations | None
) -> Tokens:
    if installations is None:
        return OneWorkspace(web, config.bot_token)
    app = App(config.client_id, config.client_secret)
    return InstalledTokens(web, installations, app, around.clock)


def slack_front(config: SlackConfig, surroundings: Surroundings) -> Front:
    return SlackFront(config, surroundings)
