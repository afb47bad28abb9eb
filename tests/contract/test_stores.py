"""Which store the settings choose, and what the doctor finds of it."""

import ast
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.doctor.cosmos import CONTAINERS, cosmos
from bot.parts import opened
from bot.settings import BadSetting, Settings
from bot.stores import opened_store
from orchestration.errors import PermanentError
from orchestration.ports import Create
from tests.architecture.repository import PACKAGES, files, page
from tests.clock import FakeClock
from tests.doubles.meters import Meters
from tests.far.cosmos.account import KEY
from tests.far.cosmos.double import CosmosDouble, cosmos_double


@pytest.fixture
async def double(clock: FakeClock) -> AsyncIterator[CosmosDouble]:
    async with cosmos_double(clock) as started:
        started.account.make("signoff", *CONTAINERS)
        yield started


def settings(folder: Path, double: CosmosDouble, **more: Any) -> Settings:
    return Settings(store=folder, prices_live=False, cosmos_url=double.url, **more)


async def test_it_is_cosmos_db_when_that_is_set(tmp_path: Path, double: CosmosDouble) -> None:
    async with opened(settings(tmp_path, double, cosmos_key=KEY)) as parts:
        await parts.store.batch("threads", "p", [Create("x", {})], operation="o")
    assert double.account.container("signoff", "threads").items.get("p", "x")
    assert not (tmp_path / "store.db").exists()


async def test_else_it_is_a_file(tmp_path: Path, clock: FakeClock) -> None:
    async with opened_store(Settings(store=tmp_path), clock) as store:
        await store.batch("threads", "p", [Create("x", {})], operation="o")
    assert (tmp_path / "store.db").exists()


async def test_what_it_is_charged_is_measured(
    tmp_path: Path, double: CosmosDouble, clock: FakeClock
) -> None:
    meters = Meters()
    async with opened_store(settings(tmp_path, double, cosmos_key=KEY), clock) as store:
        await store.batch("threads", "p", [Create("x", {})], operation="o")
    told = {"db_collection_name": "threads", "db_operation_name": "batch"}
    charged = meters("azure_cosmosdb_client_operation_request_charge_sum", **told)
    assert round(charged, 2) == 5.55


async def test_the_doctor_probes_each_container(tmp_path: Path, double: CosmosDouble) -> None:
    found = await cosmos(settings(tmp_path, double, cosmos_key=KEY))
    assert found.ok
    assert "a probe was stored and read with a key" in found.found
    del double.account.databases["signoff"]["people"]
    found = await cosmos(settings(tmp_path, double, cosmos_key=KEY))
    assert "'people' of 'signoff': there is none" in found.found
    assert "Terraform" in found.to_do


async def test_the_doctor_shows_no_key(tmp_path: Path, double: CosmosDouble) -> None:
    found = await cosmos(settings(tmp_path, double, cosmos_key="not-a-key"))
    assert not found.ok
    assert "not-a-key" not in found.found + found.to_do


@pytest.mark.parametrize(
    ("key", "why"),
    [(KEY[:10].swapcase() + KEY[10:], "gives no access"), ("", "has to be https://")],
)
async def test_the_doctor_says_what_lets_it_in(
    tmp_path: Path, double: CosmosDouble, key: str, why: str
) -> None:
    found = await cosmos(settings(tmp_path, double, cosmos_key=key))
    assert why in found.found
    assert "SIGNOFF_COSMOS_KEY" in found.to_do and "Terraform" not in found.to_do


async def test_the_doctor_is_content_without_it(tmp_path: Path) -> None:
    assert (await cosmos(Settings(store=tmp_path))).ok


def test_a_key_without_an_account_is_refused() -> None:
    with pytest.raises(BadSetting, match="cosmos_key needs cosmos_url"):
        Settings(cosmos_key=KEY)


async def test_a_workload_identity_that_is_not_there_is_told(
    tmp_path: Path, double: CosmosDouble, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    chosen = settings(tmp_path, double, azure_identity="workload_identity")
    with pytest.raises(PermanentError, match="workload identity"):
        async with opened_store(chosen, clock):
            pass


def test_the_doctor_knows_every_container_of_the_code() -> None:
    ours = (path for package in PACKAGES for path in files(".py", under=package))
    named = {
        statement.value.value
        for path in ours
        for statement in ast.parse(path.read_text("utf-8")).body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and any(
            isinstance(target, ast.Name) and target.id in ("CONTAINER", "_CONTAINER")
            for target in statement.targets
        )
    }
    assert named == set(CONTAINERS)
    assert f"-m tests.far.cosmos --port 8081 {' '.join(CONTAINERS)}\n" in page("docs/store.md")
