"""What is provisioned: the simulated cloud, or a subscription that the identity can read."""

from bot.doctor.finding import Checked
from bot.settings import Settings
from orchestration.adapters.azure.arm import open_resource_manager
from orchestration.adapters.azure.identity import open_identity
from orchestration.errors import SignoffError

_TO_DO = "Give the identity Contributor on what it provisions, and check SIGNOFF_SUBSCRIPTION_ID."


async def cloud(settings: Settings) -> Checked:
    if settings.cloud == "sandbox":
        return Checked("cloud", "the sandbox; nothing real is made")
    found = f"Azure, subscription {settings.subscription_id}"
    mirror = settings.provider_mirror
    if mirror is not None and not mirror.is_dir():
        to_do = "Put the providers there, or correct SIGNOFF_PROVIDER_MIRROR."
        return Checked("cloud", f"{found}; there is no folder {str(mirror)!r}", to_do)
    try:
        async with (
            open_identity(settings.azure_identity, settings.azure_client_id) as identity,
            open_resource_manager(identity) as manager,
        ):
            name = await manager.subscription(settings.subscription_id)
    except SignoffError as error:
        return Checked("cloud", f"{found}: {error}", _TO_DO)
    shown = settings.azure_identity.replace("_", " ")
    return Checked("cloud", f"{found} ({name}) can be read as {shown}")
