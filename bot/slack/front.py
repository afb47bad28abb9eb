"""Slack as a front."""

from aiohttp import web

from bot.front import Front, Surroundings
from bot.slack.config import SlackConfig
from orchestration.ports import Surface
from orchestration.service import Service


class SlackFront:
    scheme = "slack"
    surface: Surface

    def mount(self, app: web.Application, service: Service) -> None: ...


def slack_front(config: SlackConfig, surroundings: Surroundings) -> Front:
    return SlackFront()
