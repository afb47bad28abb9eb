"""The pages of one organisation."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from bot.front import Surroundings
from orchestration.ports import ArtifactStore
from orchestration.service import Service


@dataclass(frozen=True, slots=True)
class PagesConfig:
    """`link_key` signs links, which open for `link_valid_s`; `sign_in` is who says who people are."""

    organisation: str
    public_url: str
    link_key: bytes
    link_valid_s: float
    sign_in: Literal["none", "entra", "google", "github"]
    issuer: str
    client_id: str
    client_secret: str


class Pages:
    def __init__(
        self, config: PagesConfig, surroundings: Surroundings, artifacts: ArtifactStore
    ) -> None:
        self._config = config

    def mount(self, app: web.Application, service: Service) -> None: ...


def page_url(config: PagesConfig, deployment: str) -> str:
    """The address of a deployment's page, signed; "" without a public address."""
    return ""
