"""The packages of a lock and of an environment, as CycloneDX tells them."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Component = Mapping[str, Any]


def normalised(name: str) -> str:
    """Source: PyPA, "Names and normalization"."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: Path, project: Path) -> dict[str, Any]:
    """A bill of materials of the lock: versions and hashes, but neither licences nor a graph."""
    return _cyclonedx("requirements", str(lock), "--pyproject", str(project))


def installed(python: Path, project: Path) -> dict[str, Any]:
    """A bill of materials of what is installed: licences and a graph, but no hashes."""
    return _cyclonedx("environment", str(python), "--pyproject", str(project))


def by_name(bill: Mapping[str, Any]) -> dict[str, Component]:
    return {normalised(one["name"]): one for one in bill["components"]}


def _cyclonedx(*what: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", *what]
    command += ["--spec-version", "1.6", "--output-format", "JSON", "--output-file", "-"]
    done = subprocess.run([*command, "--no-validate"], capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"`{' '.join(command)}` failed: {done.stderr.decode()[-500:]}")
    return json.loads(done.stdout)
