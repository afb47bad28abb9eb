"""Who exists can be told: from a file, or from a tenant that answers."""

from approvals.principals import Role
from bot.doctor.finding import Checked
from bot.parts import SANDBOX_PEOPLE, directory, open_tenant
from bot.settings import Settings
from orchestration.errors import PermanentError, SignoffError, UserError

_NOBODY_OF_YOURS = "Set SIGNOFF_DIRECTORY_FILE; docs/directory.md says what is in it."


async def people(settings: Settings) -> Checked:
    try:
        if settings.graph_tenant_id:
            return await _tenant(settings)
        directory(settings)
    except PermanentError as error:
        return Checked("directory", str(error), "Correct the file, or SIGNOFF_DIRECTORY_FILE.")
    except UserError as error:
        return Checked("directory", str(error), "Give the process its identity.")
    found = str(settings.directory_file or SANDBOX_PEOPLE)
    reached = settings.teams_app_id or settings.slack_bot_token or settings.slack_client_id
    if reached and not settings.directory_file:
        return Checked("directory", f"{found}, the people of the sandbox", _NOBODY_OF_YOURS)
    return Checked("directory", found)


async def _tenant(settings: Settings) -> Checked:
    """Asks for everybody with a role, as every card does.

    Raises: PermanentError - the file cannot be used; UserError - there is no identity to ask as.
    """
    found = f"tenant {settings.graph_tenant_id} with the groups of {settings.directory_file}"
    async with open_tenant(settings) as entra:
        try:
            everybody = await entra.with_roles(frozenset(Role))
        except SignoffError as error:
            to_do = "Check the SIGNOFF_GRAPH_... settings; docs/directory.md has the steps."
            return Checked("directory", f"{found}: {error}", to_do)
        if entra.missing_groups:
            missing = f"; there is no group {', '.join(entra.missing_groups)}"
            return Checked("directory", found + missing, "Correct [groups] in the file.")
    if not everybody:
        to_do = "Grant User.Read.All and GroupMember.Read.All, and put people into the groups."
        return Checked("directory", f"{found}: nobody has a role", to_do)
    return Checked("directory", f"{found}: {len(everybody)} people have roles")
