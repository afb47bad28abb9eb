"""What the chat and the worker both need, built from the settings and closed when left."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from approvals.organisation import Policy, PolicyError, read, shipped
from bot.artifacts import open_artifacts
from bot.pod import pod_identity
from bot.settings import Settings
from bot.stores import opened_store
from capabilities.capability import Catalogue
from capabilities.registry import catalogue
from orchestration.adapters.directory_file import FileDirectory, open_directory
from orchestration.adapters.entra.credential import (
    ClientSecret,
    Credential,
    ManagedIdentity,
    WorkloadIdentity,
)
from orchestration.adapters.entra.directory import EntraConfig, EntraDirectory, open_entra
from orchestration.adapters.formats import FormattedStore
from orchestration.adapters.measured_store import MeasuredStore
from orchestration.adapters.people_file import read_people
from orchestration.adapters.prices.live import LivePrices
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.errors import UserError, sentence
from orchestration.ports import ArtifactStore, Clock, Directory, PriceSource, Store

SANDBOX_PEOPLE = Path(__file__).parent / "sandbox-directory.toml"


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    clock: Clock
    store: Store
    artifacts: ArtifactStore
    directory: Directory
    prices: PriceSource
    catalogue: Catalogue
    policy: Policy


def directory(settings: Settings) -> FileDirectory:
    """Who exists: the file of the settings, else the people of the sandbox.

    Raises: PermanentError - the file cannot be used.
    """
    return open_directory(settings.directory_file or SANDBOX_PEOPLE)


def policy(settings: Settings) -> Policy:
    """Who signs off what: the file of the settings, else the shipped one.

    Raises: UserError - the file cannot be used.
    """
    try:
        return read(settings.policy_file) if settings.policy_file else shipped()
    except PolicyError as error:
        to_do = "Correct the file, or SIGNOFF_POLICY_FILE."
        raise UserError(f"{sentence(str(error))} {to_do}") from error


@asynccontextmanager
async def open_tenant(settings: Settings) -> AsyncIterator[EntraDirectory]:
    """Who exists: the people of the tenant, with the file's groups and people.

    Raises: PermanentError - the file cannot be used; UserError - there is no identity to ask as.
    """
    async with (
        aiohttp.ClientSession() as http,
        _tenant(settings, http, SystemClock()) as directory,
    ):
        yield directory


def _tenant(
    settings: Settings, http: aiohttp.ClientSession, clock: Clock
) -> AbstractAsyncContextManager[EntraDirectory]:
    file = read_people(settings.directory_file or SANDBOX_PEOPLE, groups_used=True)
    config = EntraConfig(
        settings.graph_tenant_id.lower(), _credential(settings), settings.graph_url
    )
    return open_entra(config, file, http, clock)


def _credential(settings: Settings) -> Credential:
    """The app's secret, else the identity of this process as `azure_identity` says.

    Raises: UserError - Kubernetes gives this process no identity.
    """
    if settings.graph_client_secret:
        return ClientSecret(
            settings.graph_tenant_id,
            settings.graph_client_id,
            settings.graph_client_secret,
            settings.graph_login_url,
        )
    client_id = settings.graph_client_id or settings.azure_client_id
    if settings.azure_identity == "workload_identity":
        pod = pod_identity(client_id)
        return WorkloadIdentity(
            settings.graph_tenant_id, pod.client_id, pod.token_file, settings.graph_login_url
        )
    return ManagedIdentity(
        client_id,
        os.environ.get("IDENTITY_ENDPOINT", ""),
        os.environ.get("IDENTITY_HEADER", ""),
    )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Parts]:
    """Raises: UserError, PermanentError, TemporaryError - what is set cannot be used."""
    clock, rules = SystemClock(), policy(settings)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Parts(
            clock=clock,
            store=FormattedStore(
                MeasuredStore(await stack.enter_async_context(opened_store(settings, clock)))
            ),
            artifacts=await stack.enter_async_context(open_artifacts(settings, clock)),
            directory=await _directory(settings, http, clock, stack),
            prices=_prices(settings, clock, http),
            catalogue=catalogue(),
            policy=rules,
        )


async def _directory(
    settings: Settings, http: aiohttp.ClientSession, clock: Clock, stack: AsyncExitStack
) -> Directory:
    if not settings.graph_tenant_id:
        return directory(settings)
    return await stack.enter_async_context(_tenant(settings, http, clock))


def _prices(settings: Settings, clock: Clock, http: aiohttp.ClientSession) -> PriceSource:
    snapshot = SnapshotPrices.load()
    if not settings.prices_live:
        return snapshot
    return LivePrices(
        http,
        snapshot,
        today=lambda: clock.now().date(),
        monotonic_s=time.monotonic,
        timeout_s=settings.prices_timeout_s,
    )
