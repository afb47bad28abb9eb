"""Teams as a front."""

from aiohttp import web

from bot.front import Front, Surroundings
from bot.teams.config import TeamsConfig
from orchestration.ports import Surface
from orchestration.service import Service


class TeamsFront:
    scheme = "teams"
    surface: Surface

    def mount(self, app: web.Application, service: Service) -> None: ...


def teams_front(config: TeamsConfig, surroundings: Surroundings) -> Front:
    return TeamsFront()
