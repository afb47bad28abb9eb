"""Python, the platform and the store folder."""

import platform
import shutil
import sys
import tempfile

from bot.doctor.finding import Checked
from bot.processes.lock import holder
from bot.settings import Settings
from orchestration.errors import UserError

_LEAST_FREE_MB = 500


def python() -> Checked:
    found = f"Python {platform.python_version()}"
    to_do = "" if sys.version_info >= (3, 11) else "Install Python 3.11 or newer."
    return Checked("python", found, to_do)


def platform_() -> Checked:
    libc = " ".join(platform.libc_ver())
    return Checked("platform", f"{platform.system()} {platform.machine()} {libc}".strip())


def store(settings: Settings) -> Checked:
    folder = settings.store
    try:
        running = holder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (UserError, OSError) as error:
        return Checked("store", str(error), f"Make {folder} writable, or set SIGNOFF_STORE.")
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    found = f"{folder.resolve()} is writable, {free_mb:,} MB free"
    if running is not None:
        found += f", in use by process {running}"
    few = f"Free some space there; Signoff wants {_LEAST_FREE_MB} MB."
    return Checked("store", found, "" if free_mb >= _LEAST_FREE_MB else few)
