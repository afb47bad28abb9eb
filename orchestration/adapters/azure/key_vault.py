"""`envelope.MasterKeys` in Azure Key Vault: the newest version of one RSA key wraps, any unwraps.

Wrapping takes the public half, which is fetched now and then; unwrapping is asked of the vault.

Source: Azure Key Vault keys, algorithm RSA-OAEP-256; a key's id ends with its version.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from azure.keyvault.keys import KeyVaultKey, KeyVaultKeyIdentifier
from azure.keyvault.keys.aio import KeyClient
from azure.keyvault.keys.crypto import KeyWrapAlgorithm
from azure.keyvault.keys.crypto.aio import CryptographyClient

from orchestration.adapters.azure.failures import MISCONFIGURED_S, translated
from orchestration.adapters.azure.identity import Identity
from orchestration.adapters.envelope import Wrapped
from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import Clock

LOOKED_FOR = timedelta(hours=1)
"""A new version is used after at most that long."""
DEADLINE_S = 15.0
_ALGORITHM = KeyWrapAlgorithm.rsa_oaep_256


class VaultKeys:
    def __init__(self, client: KeyClient, key: KeyVaultKeyIdentifier, clock: Clock) -> None:
        self._client = client
        self._key = key
        self._clock = clock
        self._looking = asyncio.Lock()
        self._newest: tuple[str, CryptographyClient, datetime] | None = None
        self._versions: dict[str, CryptographyClient] = {}

    async def wrap(self, key: bytes, name: str) -> Wrapped:
        with _judged(f"sealing {name!r}"):
            async with translated(f"sealing {name!r}", within_s=DEADLINE_S):
                id, client = await self._present()
                wrapped = await client.wrap_key(_ALGORITHM, key)
                return Wrapped(id, wrapped.encrypted_key)

    async def unwrap(self, wrapped: Wrapped, name: str) -> bytes:
        doing = f"opening {name!r}"
        with _judged(doing):
            client = self._version(wrapped.key_id, doing)
            async with translated(f"{doing} with {wrapped.key_id!r}", within_s=DEADLINE_S):
                return (await client.unwrap_key(_ALGORITHM, wrapped.content)).key

    async def check(self) -> None:
        doing = f"reading the key {self._key.source_id!r}"
        with _judged(doing):
            async with translated(doing, within_s=DEADLINE_S):
                _refuse_out_of_time(await self._client.get_key(self._key.name), self._clock.now())

    async def _present(self) -> tuple[str, CryptographyClient]:
        async with self._looking:
            now = self._clock.now()
            if self._newest is None or now >= self._newest[2]:
                key = await self._client.get_key(self._key.name)
                _refuse_out_of_time(key, now)
                self._newest = (str(key.id), CryptographyClient.from_jwk(key.key), now + LOOKED_FOR)
            return self._newest[:2]

    def _version(self, id: str, doing: str) -> CryptographyClient:
        """Raises: PermanentError - another vault's key: whoever wrote that may not choose ours."""
        if not id:
            raise PermanentError(f"{doing}: it was sealed with a key file, not with Key Vault")
        asked = KeyVaultKeyIdentifier(id)
        if (asked.vault_url, asked.name) != (self._key.vault_url, self._key.name):
            raise PermanentError(f"{doing}: it is damaged, or was sealed with another key: {id!r}")
        if id not in self._versions:
            self._versions[id] = self._client.get_cryptography_client(
                asked.name, key_version=asked.version
            )
        return self._versions[id]


def _refuse_out_of_time(key: KeyVaultKey, now: datetime) -> None:
    """Raises: TemporaryError - until somebody gives the key a version that may be used."""
    begins, ends = key.properties.not_before or now, key.properties.expires_on
    if not key.properties.enabled or begins > now or (ends and ends <= now):
        raise TemporaryError(
            f"the newest version of the key {key.id!r} is disabled, over, or before its time",
            retry_after_s=MISCONFIGURED_S,
        )


@contextmanager
def _judged(doing: str) -> Iterator[None]:
    """The SDK's own checks: the vault is who it says, the key is of a kind that wraps."""
    try:
        yield
    except (ValueError, NotImplementedError) as error:
        raise PermanentError(f"{doing}: {error}") from error


@asynccontextmanager
async def open_vault_keys(
    key_url: str, credential: Identity, clock: Clock, *, transport: Any = None
) -> AsyncIterator[VaultKeys]:
    """`key_url` is `https://VAULT.vault.azure.net/keys/NAME`.

    Raises: PermanentError - it is not one.
    """
    with _judged("opening the key vault"):
        key = KeyVaultKeyIdentifier(key_url)
        more = {"transport": transport} if transport else {}
        client = KeyClient(
            key.vault_url, credential, retry_total=2, retry_backoff_factor=0.5, **more
        )
    async with client:
        yield VaultKeys(client, key, clock)
