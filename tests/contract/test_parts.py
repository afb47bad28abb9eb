"""Which directory the settings choose."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.doctor.people import people
from bot.parts import SystemClock, opened
from bot.settings import Settings
from orchestration.adapters.directory_file import FileDirectory
from orchestration.errors import UserError
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


@pytest.mark.parametrize("chosen_by", ["graph_client_id", "azure_client_id"])
async def test_without_a_secret_it_is_the_identity_of_the_container(
    tmp_path: Path, graph: GraphDouble, monkeypatch: pytest.MonkeyPatch, chosen_by: str
) -> None:
    """Of several: its own, unless another one is chosen for Graph."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{graph.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", SECRET)
    identities = {"azure_client_id": "another", "graph_client_id": "", chosen_by: CLIENT}
    settings = replace(chosen(tmp_path, graph), **identities)
    async with opened(settings) as parts:
        assert await parts.directory.identified(ANA) is not None


async def test_without_a_secret_in_a_pod_it_is_the_identity_of_its_service_account(
    tmp_path: Path, graph: GraphDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text(graph.cluster_token, encoding="utf-8")
    for name, value in {
        "AZURE_TENANT_ID": TENANT,
        "AZURE_CLIENT_ID": CLIENT,
        "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "token"),
    }.items():
        monkeypatch.setenv(name, value)
    settings = chosen(tmp_path, graph, azure_identity="workload_identity")
    async with opened(replace(settings, graph_client_id="")) as parts:
        assert await parts.directory.identified(ANA) is not None


async def test_a_pod_without_an_identity_is_told_what_is_missing(
    tmp_path: Path, graph: GraphDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    settings = chosen(tmp_path, graph, azure_identity="workload_identity")
    with pytest.raises(UserError, match="needs AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE"):
        async with opened(settings):
            pass
    told = await people(settings)
    assert (told.ok, told.to_do) == (False, "Give the process its identity.")
