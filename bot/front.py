"""A vendor's way in and out: a surface that speaks, and routes that listen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import aiohttp
from aiohttp import web

from orchestration.addresses import Addresses
from orchestration.ports import Clock, Directory, Store
from orchestration.service import Service
from orchestration.surface import Surface

PageUrl: TypeAlias = Callable[[str], str]
"""The address of a deployment's page, signed; "" where no pages are served."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every front stands on."""

    store: Store
    directory: Directory
    addresses: Addresses
    clock: Clock
    http: aiohttp.ClientSession
    page_url: PageUrl


class Front(Protocol):
    scheme: str
    """What its thread ids start with: `teams` of `teams:<tenant>/<conversation>`."""
    surface: Surface

    def mount(self, app: web.Application, service: Service) -> None:
        """Add the routes, and what has to run beside them to the application's `cleanup_ctx`."""
        ...
