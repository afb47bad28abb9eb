"""A Temporal cluster that asks who comes: mutual TLS, an API key, a namespace of its own."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.processes.free_ports import free_ports
from bot.processes.temporal_server import find_binary
from bot.settings import Settings
from bot.wiring import engine
from orchestration.engine.client import TemporalEngine
from orchestration.errors import TemporaryError
from orchestration.ports import DeploymentId
from orchestration.standing import standing
from tests.contract.leaving import asked
from tests.doubles.cluster_door import SERVER_NAME, Authority, Door, Pair, door
from tests.doubles.house import House, draft
from tests.doubles.temporal import Cluster, dev_server

NAMESPACE = "signoff-production"


@asynccontextmanager
async def cluster_behind_a_door(
    folder: Path, server: Pair, *, clients: Authority | None = None, key: str = ""
) -> AsyncIterator[tuple[str, Door]]:
    async with dev_server(folder) as behind:
        command = (
            *(str(find_binary()), "operator", "namespace", "create", "--namespace", NAMESPACE),
            *("--retention", "30d", "--address", behind),
        )
        await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
        async with door(behind, server, clients=clients, key=key) as (address, one):
            yield address, one


def _settings(address: str, **more: object) -> Settings:
    return Settings(
        engine="address",
        engine_address=address,
        engine_namespace=NAMESPACE,
        engine_tls_server_name=SERVER_NAME,
        **more,  # type: ignore[arg-type]
    )


async def test_a_deployment_runs_on_a_cluster_that_demands_a_client_certificate(
    home: House, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    ours, server = authority.issue("signoff"), authority.issue(SERVER_NAME)
    async with cluster_behind_a_door(tmp_path, server, clients=authority) as (address, seen):
        settings = _settings(
            address,
            engine_tls_ca_file=authority.file,
            engine_tls_cert_file=ours.certificate,
            engine_tls_key_file=ours.key,
        )
        cluster = Cluster(home, lambda: engine(settings, lambda: settings.engine_address))
        async with cluster.worker():
            id = await home.submit(draft("storage"))
            await cluster.engine.nudge(id)
            assert standing(await cluster.until(id, asked)) == "awaiting"
    assert seen.namespaces == {NAMESPACE}


@pytest.mark.parametrize("lacking", ["a certificate", "the right certificate", "the authority"])
async def test_who_cannot_prove_who_they_are_is_not_let_in(lacking: str, tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    server, ours = authority.issue(SERVER_NAME), authority.issue("signoff")
    brought = other.issue("stranger") if lacking == "the right certificate" else ours
    async with (
        dev_server(tmp_path) as behind,
        door(behind, server, clients=authority) as (address, _),
    ):
        settings = _settings(
            address,
            engine_tls_ca_file=other.file if lacking == "the authority" else authority.file,
            engine_tls_cert_file=None if lacking == "a certificate" else brought.certificate,
            engine_tls_key_file=None if lacking == "a certificate" else brought.key,
        )
        with pytest.raises(TemporaryError, match="connecting to the engine"):
            await engine(settings, lambda: address).nudge(DeploymentId("d"))


async def test_a_cluster_without_our_namespace_is_not_well(tmp_path: Path) -> None:
    async with dev_server(tmp_path) as address:
        await TemporalEngine(lambda: address).check()
        with pytest.raises(TemporaryError, match=f"looking at the namespace '{NAMESPACE}'"):
            await TemporalEngine(lambda: address, NAMESPACE).check()


async def test_an_engine_that_is_away_at_the_start_is_waited_for(tmp_path: Path) -> None:
    addresses = [f"127.0.0.1:{port}" for port in free_ports(1)]
    runs = TemporalEngine(lambda: addresses[-1])
    told: list[str] = []
    waiting = asyncio.create_task(runs.awaited(asyncio.Event(), away=told.append))
    async with dev_server(tmp_path) as address:
        assert not waiting.done()
        addresses.append(address)
        assert await waiting is not None
    assert told == ["connecting to the engine"]


async def test_whoever_waits_for_an_engine_gives_up_at_once_even_if_it_is_silent() -> None:
    reached, given_up = asyncio.Event(), asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await given_up.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        waiting = asyncio.create_task(TemporalEngine(lambda: f"{host}:{port}").awaited(given_up))
        await reached.wait()
        given_up.set()
        async with asyncio.timeout(5):
            assert await waiting is None


async def test_the_api_key_is_brought_with_every_call(home: House, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server = authority.issue(SERVER_NAME)
    async with cluster_behind_a_door(tmp_path, server, key="right") as (address, seen):
        settings = _settings(address, engine_tls_ca_file=authority.file, engine_api_key="right")
        cluster = Cluster(home, lambda: engine(settings, lambda: address))
        async with cluster.worker():
            id = await home.submit(draft("storage"))
            await cluster.engine.nudge(id)
            await cluster.until(id, asked)
        assert seen.refused == 0
        wrong = _settings(address, engine_tls_ca_file=authority.file, engine_api_key="wrong")
        with pytest.raises(TemporaryError):
            await engine(wrong, lambda: address).nudge(id)
        await engine(settings, lambda: address).check()
        assert seen.refused > 0
