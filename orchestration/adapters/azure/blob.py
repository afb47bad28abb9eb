"""`ports.ArtifactStore` in a container of Azure Blob Storage, sealed before it leaves.

When an artifact expires is in its metadata and looked at whenever it is read; a lifecycle rule of
the storage account removes it some time later. Nothing here deletes.

Source: Blob service REST API, conditional headers (`If-None-Match: *` creates, or answers 409).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob.aio import BlobClient, ContainerClient, LinearRetry

from orchestration.adapters.artifact_names import checked
from orchestration.adapters.azure.failures import code_of, translated
from orchestration.adapters.azure.identity import Identity
from orchestration.adapters.envelope import MasterKeys, seal, unseal
from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import Clock, Conflict, NotFound

_EXPIRES = "expires"
_ATTEMPTS = 5
_NO_CONTAINER = "ContainerNotFound"


@dataclass(frozen=True, slots=True)
class _Present:
    """What is there under a name; `etag` is the version that was read."""

    sealed: bytes
    expires: datetime | None
    etag: str


class BlobArtifacts:
    """A call that takes longer than `deadline_s`, retries and all, is given up."""

    def __init__(
        self, container: ContainerClient, keys: MasterKeys, clock: Clock, *, deadline_s: float
    ) -> None:
        self._container = container
        self._keys = keys
        self._clock = clock
        self._deadline_s = deadline_s

    async def put(self, name: str, content: bytes, *, ttl_s: int | None = None) -> None:
        blob = self._container.get_blob_client(checked(name))
        now = self._clock.now()
        expires = None if ttl_s is None else now + timedelta(seconds=ttl_s)
        doing = f"storing artifact {name!r}"
        async with translated(doing, within_s=self._deadline_s):
            sealed = await seal(self._keys, name, content)
            for _ in range(_ATTEMPTS):
                if await _created(blob, sealed, expires):
                    return
                present = await _read(blob)
                if present and await self._settled(blob, present, content, sealed, expires):
                    return
        raise TemporaryError(f"{doing}: others are changing it")

    async def get(self, name: str) -> bytes:
        blob = self._container.get_blob_client(checked(name))
        doing = f"reading artifact {name!r}"
        async with translated(doing, within_s=self._deadline_s):
            present = await _read(blob)
            if present is None:
                raise NotFound(f"{doing}: it was never stored")
            if present.expires and present.expires <= self._clock.now():
                raise NotFound(f"{doing}: it has expired")
            return await unseal(self._keys, name, present.sealed)

    async def check(self) -> None:
        with suppress(NotFound):
            await self.get("check")
        await self._keys.check()

    async def _settled(
        self,
        blob: BlobClient,
        present: _Present,
        content: bytes,
        sealed: bytes,
        expires: datetime | None,
    ) -> bool:
        """Whether what is there is now as it should be; False when it changed meanwhile.

        Raises: Conflict.
        """
        try:
            if present.expires and present.expires <= self._clock.now():
                await blob.upload_blob(
                    sealed, overwrite=True, metadata=_metadata(expires), **_unchanged(present)
                )
                return True
            name = str(blob.blob_name)
            if await unseal(self._keys, name, present.sealed) != content:
                raise Conflict(f"storing artifact {name!r}: other content is there already")
            if present.expires and (expires is None or expires > present.expires):
                await blob.set_blob_metadata(_metadata(expires), **_unchanged(present))
        except (ResourceModifiedError, ResourceNotFoundError):
            return False
        return True


async def _created(blob: BlobClient, sealed: bytes, expires: datetime | None) -> bool:
    """Whether the name was free."""
    try:
        await blob.upload_blob(sealed, overwrite=False, metadata=_metadata(expires))
    except ResourceExistsError:
        return False
    return True


async def _read(blob: BlobClient) -> _Present | None:
    try:
        download = await blob.download_blob()
        sealed = await download.readall()
    except ResourceNotFoundError as error:
        if code_of(error) == _NO_CONTAINER:
            raise PermanentError(f"there is no container {blob.container_name!r}") from error
        return None
    metadata = download.properties.metadata
    expires = datetime.fromisoformat(metadata[_EXPIRES]) if _EXPIRES in metadata else None
    return _Present(sealed, expires, str(download.properties.etag))


def _metadata(expires: datetime | None) -> dict[str, str]:
    return {_EXPIRES: expires.astimezone(UTC).isoformat()} if expires else {}


def _unchanged(present: _Present) -> dict[str, Any]:
    return {"etag": present.etag, "match_condition": MatchConditions.IfNotModified}


@asynccontextmanager
async def open_blobs(
    url: str,
    container: str,
    credential: Identity | str,
    keys: MasterKeys,
    clock: Clock,
    *,
    deadline_s: float = 30.0,
) -> AsyncIterator[BlobArtifacts]:
    """The artifacts in a container that exists, of the account at `url`.

    A `credential` that is text is the account's key, for Azurite.
    """
    shown: Identity | dict[str, str] | str = credential
    if isinstance(credential, str):
        shown = {"account_name": _account(url), "account_key": credential}
    async with ContainerClient(
        url,
        container,
        credential=shown,
        retry_policy=_retries(),
        connection_timeout=5,
        read_timeout=20,
    ) as client:
        yield BlobArtifacts(client, keys, clock, deadline_s=deadline_s)


def _retries() -> LinearRetry:
    """Safe for writes too: each is conditional, and what is found there is compared."""
    return LinearRetry(backoff=1, retry_total=2, random_jitter_range=1)


def _account(url: str) -> str:
    """`https://ACCOUNT.blob.core.windows.net`, or as Azurite has it `http://127.0.0.1:1/ACCOUNT`."""
    parts = urlsplit(url)
    return parts.path.strip("/") or str(parts.hostname).partition(".")[0]
