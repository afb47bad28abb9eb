"""Whether a workspace's data folder already fits the files, so that `init` can be left out.

A stamp beside the data says what it was made for, and keeps the lock file that came out of it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.adapters.terraform.workdir import LOCK


@dataclass(frozen=True, slots=True)
class Stamp:
    path: Path
    fitting: str

    def lock(self) -> str | None:
        """The lock file's content if `init` has been run for the same thing, else None."""
        try:
            kept = json.loads(self.path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return str(kept["lock"]) if kept["for"] == self.fitting else None

    def keep(self, folder: Path) -> str:
        """Remember that `init` has been run in `folder`; the lock file's content."""
        lock = folder / LOCK
        content = lock.read_text() if lock.exists() else ""
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps({"for": self.fitting, "lock": content}))
        draft.replace(self.path)
        return content


def stamp(home: Path, files: Mapping[str, str], *more: Sequence[str]) -> Stamp:
    """The stamp of a workspace for these files, and for whatever else `init` depends on."""
    told = json.dumps([sorted(files.items()), *(list(one) for one in more)])
    return Stamp(home / "initialised.json", hashlib.sha256(told.encode()).hexdigest())
