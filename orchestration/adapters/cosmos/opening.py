"""Connecting to the account: one client for the process."""

from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.cosmos.aio import CosmosClient

from orchestration.adapters.cosmos.patience import Patience
from orchestration.adapters.cosmos.store import CosmosStore
from orchestration.adapters.cosmos.transport import Call, OnCall, OnceTransport
from orchestration.errors import PermanentError

READ_BY_ALL = ("Strong", "BoundedStaleness")
"""With less, a replica may not see what another one has written."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _unheard(call: Call) -> None:
    """Nobody asked to be told."""


@asynccontextmanager
async def open_store(
    url: str,
    database: str,
    credential: AsyncTokenCredential | str,
    *,
    on_call: OnCall = _unheard,
    patience: Patience | None = None,
) -> AsyncIterator[CosmosStore]:
    """The store in a database that Terraform has made. A `credential` that is text is a key.

    The account's regions are looked for, except on this machine, and again when nobody answers.
    `on_call` is told of each request.

    Raises: TemporaryError - it does not answer, or gives no access; PermanentError - it is not made
    for this.
    """
    patience = patience or Patience()
    _check(url, credential)

    def look_again() -> None:
        client.client_connection._global_endpoint_manager.refresh_needed = True

    client = CosmosClient(
        url,
        credential,
        transport=OnceTransport(on_call, look_again),
        retry_total=0,
        retry_connect=0,
        retry_read=0,
        retry_status=0,
        connection_timeout=patience.attempt_s,
        read_timeout=patience.attempt_s,
        enable_endpoint_discovery=urlsplit(url).hostname not in _LOOPBACK,
        enable_compact_utf8_item_writes=True,
    )
    try:
        await patience.tried(f"opening the store at {url}", lambda _: _entered(client, url))
        yield CosmosStore(client, database, patience)
    finally:
        await client.close()


def _check(url: str, credential: AsyncTokenCredential | str) -> None:
    """Raises: PermanentError - it is not shown over that, or is text that is no account's key."""
    shown_over = ("https", "http") if isinstance(credential, str) else ("https",)
    if urlsplit(url).scheme not in shown_over:
        raise PermanentError(
            f"opening the store at {url}: SIGNOFF_COSMOS_URL has to be https://..., or with "
            "SIGNOFF_COSMOS_KEY http://...; an identity's token is not sent over that"
        )
    try:
        if isinstance(credential, str):
            b64decode(credential, validate=True)
    except ValueError as error:
        raise PermanentError(
            f"opening the store at {url}: SIGNOFF_COSMOS_KEY is no account's key, which is base64"
        ) from error


async def _entered(client: CosmosClient, url: str) -> None:
    await client.__aenter__()
    account = await client._get_database_account()
    level = (account.ConsistencyPolicy or {}).get("defaultConsistencyLevel")
    if level not in READ_BY_ALL:
        raise PermanentError(
            f"opening the store at {url}: with consistency {level} a replica may not see what "
            "another has written; set cosmos.consistency in deploy/azure to BoundedStaleness"
        )
