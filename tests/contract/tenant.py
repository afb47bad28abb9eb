"""A tenant of two people, and the directory over it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import aiohttp

from approvals.principals import Role
from orchestration.adapters.entra.credential import ClientSecret, Credential
from orchestration.adapters.entra.directory import EntraConfig, EntraDirectory, open_entra
from orchestration.adapters.people_file import PeopleFile, read_people
from orchestration.identity import EntraIdentity
from tests.clock import FakeClock
from tests.doubles.graph import CLIENT, SECRET, TENANT, GraphDouble, group, guid

ANA = EntraIdentity(TENANT, guid(1))
EVERYONE = frozenset(Role)
GROUPS = f'[groups]\n"{group(1)}" = "engineer"\n"{group(2)}" = "platform"\n'

Opens: TypeAlias = Callable[..., AbstractAsyncContextManager[EntraDirectory]]


@asynccontextmanager
async def two_people(clock: FakeClock) -> AsyncIterator[GraphDouble]:
    """Ana is an engineer; Omar is one, and leads the platform."""
    async with GraphDouble(clock) as double:
        double.add(1, "Ana", "ana@contoso.example")
        double.add(2, "Omar", "omar@contoso.example")
        double.groups = {group(1): [guid(1), guid(2)], group(2): [guid(2)]}
        yield double


def opener(path: Path, graph: GraphDouble, clock: FakeClock) -> Opens:
    @asynccontextmanager
    async def opened(
        text: str = GROUPS, credential: Credential | None = None, timeout_s: float = 5.0
    ) -> AsyncIterator[EntraDirectory]:
        people = _written(path, text)
        known = credential or ClientSecret(TENANT, CLIENT, SECRET, graph.url)
        config = EntraConfig(TENANT, known, f"{graph.url}/v1.0", timeout_s)
        async with (
            aiohttp.ClientSession() as session,
            open_entra(config, people, session, clock) as directory,
        ):
            yield directory

    return opened


def _written(path: Path, text: str) -> PeopleFile:
    path.write_text(text, encoding="utf-8")
    return read_people(path, groups_used=True)
