"""Where Terraform's state is, and whether those accounts can be reached."""

from asyncio import gather

from bot.doctor.finding import Checked
from bot.doctor.reach import reachable
from bot.settings import Settings
from bot.terraform_state import accounts_of, azure_login
from orchestration.errors import SignoffError

_TO_DO = "Check SIGNOFF_STATE_ACCOUNTS and the network; docs/artifacts.md has the steps."


async def state(settings: Settings) -> Checked:
    accounts = accounts_of(settings)
    if not accounts:
        return Checked("state", "in the store folder")
    found = ", ".join(f"{environment} in {name}" for environment, name in accounts.items())
    try:
        async with azure_login(settings):
            pass
    except SignoffError as error:
        return Checked("state", f"{found}: {error}", "Give the process its identity.")
    hosts = [f"{name}.blob.core.windows.net:443" for name in dict.fromkeys(accounts.values())]
    answers = await gather(*map(reachable, hosts))
    silent = [host for host, heard in zip(hosts, answers, strict=True) if not heard]
    if silent:
        return Checked("state", f"{found}; {', '.join(silent)} does not answer", _TO_DO)
    return Checked("state", f"{found}, as {settings.azure_identity.replace('_', ' ')}")
