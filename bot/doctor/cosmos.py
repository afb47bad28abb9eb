"""Cosmos DB answers, lets Signoff in, and has the containers that Terraform makes."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.doctor.finding import Checked
from bot.settings import Settings
from bot.stores import opened_store
from orchestration.errors import SignoffError
from orchestration.ports import Create, Store

CONTAINERS = (
    *("deployments", "greetings", "index", "news", "people"),
    *("sign_ins", "slack", "threads", "workspaces"),
)
_PROBE = "doctor"
_PROBED_S = 60


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def cosmos(settings: Settings) -> Checked:
    """A probe is written to each container, and read."""
    if not settings.cosmos_url:
        return Checked("cosmos", "not configured; the store is a file in the store folder")
    found = f"{urlsplit(settings.cosmos_url).hostname}, database {settings.cosmos_database}"
    try:
        async with opened_store(settings, _Now()) as store:
            for container in CONTAINERS:
                await _probe(store, container)
    except SignoffError as error:
        to_do = "Apply the Terraform of deploy/azure and check the settings; docs/store.md has it."
        return Checked("cosmos", f"{found}: {error}", to_do)
    shown = "a key" if settings.cosmos_key else settings.azure_identity
    return Checked("cosmos", f"{found}: a probe was stored and read with {shown}")


async def _probe(store: Store, container: str) -> None:
    operation = datetime.now(UTC).isoformat()
    probe = Create(f"probe-{operation.replace('+', '-')}", {}, ttl_s=_PROBED_S)
    await store.batch(container, _PROBE, [probe], operation=operation)
    await store.get(container, _PROBE, probe.id)
