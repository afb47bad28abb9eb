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

_LET_IN_BY_KEY = "Check SIGNOFF_COSMOS_URL and SIGNOFF_COSMOS_KEY; docs/store.md has more."
_LET_IN_BY_ROLE = (
    "Check SIGNOFF_COSMOS_URL, and set SIGNOFF_COSMOS_KEY or give the identity its role; "
    "docs/store.md has more."
)
_MADE = (
    "Apply the Terraform of deploy/azure and check SIGNOFF_COSMOS_DATABASE; docs/store.md has it."
)


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def cosmos(settings: Settings) -> Checked:
    """A probe is written to each container, and read."""
    if not settings.cosmos_url:
        return Checked("cosmos", "not configured; the store is a file in the store folder")
    found = f"{urlsplit(settings.cosmos_url).hostname}, database {settings.cosmos_database}"
    to_do = _LET_IN_BY_KEY if settings.cosmos_key else _LET_IN_BY_ROLE
    try:
        async with opened_store(settings, _Now()) as store:
            to_do = _MADE
            for container in CONTAINERS:
                await _probe(store, container)
    except SignoffError as error:
        return Checked("cosmos", f"{found}: {error}", to_do)
    shown = "a key" if settings.cosmos_key else settings.azure_identity
    return Checked("cosmos", f"{found}: a probe was stored and read with {shown}")


async def _probe(store: Store, container: str) -> None:
    operation = datetime.now(UTC).isoformat()
    probe = Create(f"probe-{operation.replace('+', '-')}", {}, ttl_s=_PROBED_S)
    await store.batch(container, _PROBE, [probe], operation=operation)
    await store.get(container, _PROBE, probe.id)
