"""Which directory the settings choose."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.parts import SystemClock, opened
from bot.settings import Settings
from orchestration.adapters.directory_file import FileDirectory
from orchestration.identity import EmailIdentity
from tests.contract.tenant import ANA, GROUPS
from tests.doubles.graph import CLIENT, SECRET, TENANT, GraphDouble, group, guid


@pytest.fixture
async def graph() -> AsyncIterator[GraphDouble]:
    async with GraphDouble(SystemClock()) as double:
        double.add(1, "Ana", "ana@contoso.example")
        double.groups = {group(1): [guid(1)], group(2): []}
        yield double


def chosen(folder: Path, graph: GraphDouble, **more: Any) -> Settings:
    people = folder / "people.toml"
    people.write_text(GROUPS, encoding="utf-8")
    return Settings(
        store=folder,
        prices_live=False,
        directory_file=people,
        graph_tenant_id=TENANT.upper(),
        graph_client_id=CLIENT,
        graph_url=f"{graph.url}/v1.0",
        graph_login_url=graph.url,
        **more,
    )


async def test_without_a_tenant_it_is_the_file(tmp_path: Path) -> None:
    async with opened(Settings(store=tmp_path, prices_live=False)) as parts:
        assert isinstance(parts.directory, FileDirectory)
        ana = await parts.directory.identified(EmailIdentity("ana@contoso.example"))
        assert ana is not None
        assert ana.id == "ana"


async def test_with_a_tenant_it_is_the_tenant(tmp_path: Path, graph: GraphDouble) -> None:
    async with opened(chosen(tmp_path, graph, graph_client_secret=SECRET)) as parts:
        ana = await parts.directory.identified(ANA)
        assert ana is not None
        assert ana.id == guid(1)
        assert ana == await parts.directory.identified(EmailIdentity("ana@contoso.example"))


async def test_without_a_secret_it_is_the_identity_of_the_container(
    tmp_path: Path, graph: GraphDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{graph.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", SECRET)
    async with opened(chosen(tmp_path, graph)) as parts:
        assert await parts.directory.identified(ANA) is not None
