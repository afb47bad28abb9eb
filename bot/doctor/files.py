"""The policy file can be read, whole."""

from approvals.organisation import PolicyError, read, shipped
from bot.doctor.finding import Checked
from bot.settings import Settings


def policy(settings: Settings) -> Checked:
    path = settings.policy_file
    try:
        if path is None:
            shipped()
        else:
            read(path)
    except PolicyError as error:
        return Checked("policy", str(error), "Correct the file, or SIGNOFF_POLICY_FILE.")
    return Checked("policy", str(path or "the shipped one"))
