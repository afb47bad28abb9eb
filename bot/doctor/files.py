"""The directory and the policy file can be read, whole."""

from pathlib import Path

import bot
from approvals.organisation import PolicyError, load, shipped
from bot.doctor.finding import Checked
from bot.settings import Settings
from orchestration.adapters.directory_file import open_directory
from orchestration.errors import SignoffError

SHIPPED_DIRECTORY = Path(bot.__file__).with_name("sandbox-directory.toml")


def directory(settings: Settings) -> Checked:
    path = settings.directory_file or SHIPPED_DIRECTORY
    try:
        open_directory(path)
    except SignoffError as error:
        return Checked("directory", str(error), "Correct the file, or SIGNOFF_DIRECTORY_FILE.")
    return Checked("directory", str(path))


def policy(settings: Settings) -> Checked:
    path = settings.policy_file
    try:
        if path is None:
            shipped()
        else:
            load(path.read_text(encoding="utf-8"), file=str(path))
    except (PolicyError, OSError, UnicodeDecodeError) as error:
        return Checked("policy", str(error), "Correct the file, or SIGNOFF_POLICY_FILE.")
    return Checked("policy", str(path or "the shipped one"))
