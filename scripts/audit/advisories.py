"""What is known to be vulnerable: pip-audit asks OSV about the lock, npm asks its registry.

Silence proves nothing. So each is first asked about a version that everybody knows to be
vulnerable; whoever does not say so is not believed about the others either.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts.audit.outcome import Outcome, Unreachable

KNOWN = ("jinja2", "2.11.2")
"""Source: PYSEC-2021-66."""
KNOWN_NPM = ("minimist", "1.2.0")
"""Source: GHSA-xvch-5gv4-984h, critical."""
_GRAVE = ("high", "critical")
"""The tests run on loopback, on what they made themselves."""
_TIMEOUT_S = 300


def python(pins: Iterable[tuple[str, str]], osv_url: str = "") -> Outcome:
    """Of packages and their versions, those of other machines too."""
    pins = set(pins)
    try:
        if not _vulnerable(dict([KNOWN]), osv_url):
            raise Unreachable(f"it does not know that {' '.join(KNOWN)} is vulnerable")
        found = tuple(line for once in _batches(pins) for line in _vulnerable(once, osv_url))
    except Unreachable as error:
        return Outcome("advisories", f"{len(pins)} packages", unknown=f"OSV: {error}")
    return Outcome("advisories", f"{len(pins)} packages, asked of OSV", found)


def _batches(pins: set[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """pip-audit takes one version of a package; where Pythons differ, a lock has two."""
    while pins:
        once = dict(sorted(pins))
        yield once
        pins = pins - set(once.items())


def _vulnerable(versions: Mapping[str, str], osv_url: str) -> list[str]:
    """Raises: Unreachable - nobody knows."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.txt"
        lines = (f"{name}=={version}\n" for name, version in versions.items())
        asked.write_text("".join(lines), "utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(asked), "--no-deps"]
        command += ["--disable-pip", "--progress-spinner", "off", "--format", "json"]
        command += ["--vulnerability-service", "osv", *(["--osv-url", osv_url] if osv_url else [])]
        answer = _json(command, Path(folder))
    return [line for one in answer["dependencies"] for line in _lines(one)]


def _lines(one: Mapping[str, Any]) -> Iterable[str]:
    if "skip_reason" in one:
        raise Unreachable(f"it does not know {one['name']}")
    for known in one["vulns"]:
        mended = " or ".join(known["fix_versions"]) or "no version yet"
        yield f"{one['name']} {one['version']}: {known['id']}, mended in {mended}"


def npm(folder: Path) -> Outcome:
    """Of the packages that the tests need; nothing of them is shipped."""
    packages = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    found = f"{len(packages) - 1} packages of the tests"
    try:
        with tempfile.TemporaryDirectory() as known:
            _write_known(Path(known))
            if not _npm(Path(known)):
                raise Unreachable(f"it does not know that {' '.join(KNOWN_NPM)} is vulnerable")
        return Outcome("npm", f"{found}, asked of npm's registry", tuple(_npm(folder)))
    except Unreachable as error:
        return Outcome("npm", found, unknown=f"npm's registry: {error}")


def _write_known(folder: Path) -> None:
    name, version = KNOWN_NPM
    here = {"name": "known", "version": "1.0.0", "dependencies": {name: version}}
    (folder / "package.json").write_text(json.dumps(here))
    packages = {"": here, f"node_modules/{name}": {"version": version}}
    lock = {**here, "lockfileVersion": 3, "requires": True, "packages": packages}
    (folder / "package-lock.json").write_text(json.dumps(lock))


def _npm(folder: Path) -> list[str]:
    """Raises: Unreachable - nobody knows."""
    answer = _json(["npm", "audit", "--json", "--package-lock-only"], folder)
    if "vulnerabilities" not in answer:
        raise Unreachable(str(answer.get("message") or answer)[:200])
    of = [one for one in answer["vulnerabilities"].values() if one["severity"] in _GRAVE]
    return [f"{one['name']} {one['range']}: {one['severity']}" for one in of]


def _json(command: list[str], folder: Path) -> dict[str, Any]:
    """What it prints; it ends with 1 both when it finds something and when it cannot ask."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, check=False, timeout=_TIMEOUT_S
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise Unreachable(f"no answer within {_TIMEOUT_S} s") from None
    except FileNotFoundError:
        raise Unreachable(f"{command[0]} is not installed") from None
    except ValueError:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Unreachable((said or ["it said nothing"])[-1][:200]) from None
    return answer
