"""Artifacts can be sealed, kept and opened again."""

from datetime import UTC, datetime

from bot.artifacts import file_keys, key_file, open_artifacts
from bot.doctor.finding import Checked
from bot.settings import Settings
from orchestration.errors import SignoffError

_PROBE, _SAID = "doctor/probe", b"signoff doctor"
_DAY_S = 24 * 3600


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def artifacts(settings: Settings) -> Checked:
    """Where something is Azure's, a probe is stored and read, as every plan is."""
    sealed = settings.artifact_key_url or str(key_file(settings))
    kept = "the store folder"
    if settings.artifacts == "blob":
        kept = f"{settings.blob_url.rstrip('/')}/{settings.blob_container}"
    found = f"in {kept}, sealed with {sealed}"
    try:
        if settings.artifacts == "folder" and not settings.artifact_key_url:
            file_keys(settings)
            return Checked("artifacts", found)
        async with open_artifacts(settings, _Now()) as store:
            await store.put(_PROBE, _SAID, ttl_s=_DAY_S)
            await store.get(_PROBE)
    except SignoffError as error:
        to_do = "Check the settings and the roles of the identity; docs/artifacts.md has them."
        return Checked("artifacts", f"{found}: {error}", to_do)
    return Checked("artifacts", f"{found}: a probe was stored and read")
