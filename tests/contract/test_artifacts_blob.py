"""The contract on Azure Blob Storage, as Azurite has it, and what only a service can do to it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from azure.storage.blob.aio import ContainerClient

from orchestration.adapters.azure.blob import BlobArtifacts, open_blobs
from orchestration.adapters.key_file import KeyFile, made_if_missing
from orchestration.errors import PermanentError, TemporaryError
from tests.clock import FakeClock
from tests.contract.artifact_contract import PLAN, ArtifactContract
from tests.doubles.azurite import ACCOUNT, Azurite, azurite
from tests.doubles.hop import Hop, Trouble


@pytest.fixture(scope="module")
def account() -> Iterator[Azurite]:
    with azurite() as running:
        yield running


@pytest.fixture
async def container(account: Azurite) -> AsyncIterator[ContainerClient]:
    shown = {"account_name": ACCOUNT, "account_key": account.key}
    async with ContainerClient(account.url, f"c{uuid4().hex}", credential=shown) as client:
        await client.create_container()
        yield client


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    return made_if_missing(tmp_path / "master.key")


@pytest.fixture
async def artifacts(
    account: Azurite, container: ContainerClient, keys: KeyFile, clock: FakeClock
) -> AsyncIterator[BlobArtifacts]:
    name = container.container_name
    async with open_blobs(account.url, name, account.key, keys, clock) as opened:
        yield opened


@pytest.fixture
async def hop(account: Azurite) -> AsyncIterator[Hop]:
    async with Hop(account.port) as running:
        yield running


@pytest.fixture
async def far(
    account: Azurite, container: ContainerClient, hop: Hop, keys: KeyFile, clock: FakeClock
) -> AsyncIterator[BlobArtifacts]:
    """The same artifacts, over a connection that a test can trouble."""
    name, url = container.container_name, f"{hop.url}/{ACCOUNT}"
    async with open_blobs(url, name, account.key, keys, clock, deadline_s=5) as opened:
        yield opened


class TestBlobArtifacts(ArtifactContract):
    pass


async def test_azure_holds_no_readable_byte_of_it(
    artifacts: BlobArtifacts, container: ContainerClient
) -> None:
    await artifacts.put("a/b", b"password=hunter2" * 10, ttl_s=60)
    blob = await container.download_blob("a/b")
    assert b"hunter2" not in await blob.readall()
    assert list(blob.properties.metadata) == ["expires"]


async def test_a_touched_blob_is_not_believed(
    artifacts: BlobArtifacts, container: ContainerClient
) -> None:
    await artifacts.put("a", b"content")
    good = await (await container.download_blob("a")).readall()
    for bad in (good[:-1], good[:30], b"", good[:-1] + bytes([good[-1] ^ 1])):
        await container.upload_blob("a", bad, overwrite=True)
        with pytest.raises(PermanentError, match="damaged"):
            await artifacts.get("a")
    await container.upload_blob("b", good)
    with pytest.raises(PermanentError, match="damaged"):
        await artifacts.get("b")


async def test_a_write_whose_answer_is_lost_is_made_once(
    far: BlobArtifacts, hop: Hop, container: ContainerClient
) -> None:
    hop.troubles.append(Trouble(lose_answer=True))
    await far.put("a", PLAN)
    assert await far.get("a") == PLAN
    assert [blob.name async for blob in container.list_blobs()] == ["a"]


@pytest.mark.parametrize("status", [500, 503])
async def test_a_busy_account_is_asked_again(far: BlobArtifacts, hop: Hop, status: int) -> None:
    hop.troubles.append(Trouble(status=status))
    await far.put("a", b"1")
    assert await far.get("a") == b"1"


@pytest.mark.parametrize("status", [429, 503])
async def test_one_that_stays_busy_is_told_as_temporary(
    far: BlobArtifacts, hop: Hop, status: int
) -> None:
    hop.always = Trouble(status=status)
    with pytest.raises(TemporaryError, match="storing artifact 'a'"):
        await far.put("a", b"1")


async def test_one_that_hangs_is_given_up_in_time(
    account: Azurite, container: ContainerClient, hop: Hop, keys: KeyFile, clock: FakeClock
) -> None:
    hop.always = Trouble(hang=True)
    name, url = container.container_name, f"{hop.url}/{ACCOUNT}"
    async with open_blobs(url, name, account.key, keys, clock, deadline_s=0.3) as opened:
        async with asyncio.timeout(3):
            with pytest.raises(TemporaryError, match=r"no answer within 0\.3 s"):
                await opened.get("a")


async def test_one_that_cannot_be_reached_is_told_as_temporary(
    far: BlobArtifacts, hop: Hop
) -> None:
    await hop.close()
    with pytest.raises(TemporaryError, match="reading artifact 'a'"):
        await far.get("a")


async def test_a_wrong_key_is_for_somebody_to_put_right(
    account: Azurite, container: ContainerClient, keys: KeyFile, clock: FakeClock
) -> None:
    name = container.container_name
    async with open_blobs(account.url, name, "d3Jvbmc=", keys, clock) as opened:
        with pytest.raises(TemporaryError, match="no access") as refused:
            await opened.get("a")
    assert refused.value.retry_after_s == 60


async def test_a_container_that_is_not_there_is_named(
    account: Azurite, keys: KeyFile, clock: FakeClock
) -> None:
    async with open_blobs(account.url, "nowhere", account.key, keys, clock) as opened:
        with pytest.raises(PermanentError, match="no container 'nowhere'"):
            await opened.get("a")
        with pytest.raises(PermanentError, match="ContainerNotFound"):
            await opened.put("a", b"1")
