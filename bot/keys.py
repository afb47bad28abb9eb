"""`signoff keys rotate`: artifacts are sealed with a new key; what is there still opens."""

from typing import TextIO

from bot.artifacts import key_file
from bot.settings import Settings
from orchestration.adapters.key_file import rotate as rotate_file
from orchestration.errors import PermanentError, UserError


def rotate(settings: Settings, out: TextIO) -> int:
    """Raises: UserError - the keys are in Key Vault, or the file cannot be used."""
    if settings.artifact_key_url:
        raise UserError(
            f"The key {settings.artifact_key_url} is rotated in its vault: give it a new "
            "version there (az keyvault key rotate). It is used within an hour; keep the old "
            "ones enabled."
        )
    path = key_file(settings)
    try:
        key = rotate_file(path)
    except (PermanentError, OSError) as error:
        raise UserError(f"The key cannot be rotated: {error}.") from error
    out.write(f"{path}: key {key} seals from now on; what older keys have sealed still opens\n")
    return 0
