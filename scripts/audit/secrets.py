"""What looks like a secret in the files and, line by line, in all that was ever committed.

`.secrets.baseline` holds the hashes of what was looked at and is none.
"""

import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.core.scan import scan_diff, scan_file
from detect_secrets.settings import transient_settings

from scripts.audit.outcome import Outcome

BASELINE = ".secrets.baseline"
_DETECTORS = Path(__file__).with_name("detectors.py")
_OURS = ("EntraClientSecretDetector", "SlackAppTokenDetector", "AccountKeyDetector")
_NOT_READ = (".lock", "package-lock.json", BASELINE, ".gz", ".npz", ".png", ".svg")
"""Hashes of packages, and what is no text."""


def in_files(root: Path) -> Outcome:
    """Of the files that are committed, or about to be."""
    listed = _git(root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    names = [n for n in listed.split("\0") if n and not n.endswith(_NOT_READ)]
    names = [name for name in names if (root / name).is_file()]
    with transient_settings(_settings(root)):
        found = [one for name in names for one in scan_file(str(root / name))]
    return Outcome("secrets", f"{len(names)} files", tuple(_told(found, root)))


def in_history(root: Path) -> Outcome:
    """Of every commit that led to this one."""
    but = [f":!*{name}" for name in _NOT_READ]
    log = ("log", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--format=")
    diff = _git(root, *log, "--diff-merges=remerge", "--", ".", *but)
    with transient_settings(_settings(root)) as settings:
        settings.disable_filters("detect_secrets.filters.common.is_invalid_file")  # deleted since
        found = list(scan_diff(diff))
    commits = len(_git(root, "rev-list", "HEAD").split())
    return Outcome("history", f"{commits} commits", tuple(_told(found, root)))


def _settings(root: Path) -> dict[str, Any]:
    known = json.loads((root / BASELINE).read_text("utf-8"))
    ours = [{"name": name, "path": _DETECTORS.as_uri()} for name in _OURS]
    return {**known, "plugins_used": [*known["plugins_used"], *ours]}


def _told(found: Iterable[PotentialSecret], root: Path) -> Iterator[str]:
    """Where, and of which kind; never what."""
    known = _known(root)
    named = ((_name(one, root), one) for one in found)
    yield from sorted(
        {
            f"{name}:{one.line_number} looks like a secret ({one.type})"
            for name, one in named
            if (name, one.secret_hash) not in known
        }
    )


def _name(one: PotentialSecret, root: Path) -> str:
    path = Path(one.filename)
    return (path.relative_to(root) if path.is_absolute() else path).as_posix()


def _known(root: Path) -> frozenset[tuple[str, str]]:
    """In this file alone: the hash of a private key is that of its first line."""
    results = json.loads((root / BASELINE).read_text("utf-8"))["results"]
    return frozenset((name, one["hashed_secret"]) for name, of in results.items() for one in of)


def _git(root: Path, *command: str) -> str:
    done = subprocess.run(("git", *command), cwd=root, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")
