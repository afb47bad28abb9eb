"""Faults that the simulated cloud shows on request; they are kept in ROOT/cloud/faults.json."""

import fcntl
import fnmatch
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

KINDS = {
    "quota": "nothing is made, the quota is exceeded",
    "timeout": "it is made, but an error comes back and the state does not know it",
    "taint": "it is made, but an error comes back and the state has it as tainted",
    "throttle": "429; the provider waits and tries again, up to five times",
    "error": "nothing is made, the message says why",
}


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    type: str = "*"
    name: str = "*"
    op: str = "create"
    times: int = 1
    """How often it shows; 0 is always."""
    message: str = ""
    after_s: float = 0.0
    """How long the cloud takes until it refuses; scaled by the sandbox's speed."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; there are {', '.join(KINDS)}")
        if self.op not in ("create", "update", "delete"):
            raise ValueError(f"no operation {self.op!r}; there are create, update, delete")

    def meets(self, op: str, type_: str, name: str) -> bool:
        return (
            self.op == op
            and fnmatch.fnmatchcase(type_, self.type)
            and fnmatch.fnmatchcase(name, self.name)
        )


class Faults:
    def __init__(self, root: Path) -> None:
        self._path = root / "cloud" / "faults.json"

    def all(self) -> list[Fault]:
        try:
            return [Fault(**item) for item in json.loads(self._path.read_text())]
        except FileNotFoundError:
            return []

    def add(self, fault: Fault) -> None:
        with self._locked():
            self._save([*self.all(), fault])

    def clear(self) -> None:
        with self._locked():
            self._save([])

    def take(self, op: str, type_: str, name: str) -> Fault | None:
        """The first fault that meets the operation, counted as shown."""
        if not self._path.exists():
            return None
        with self._locked():
            faults = self.all()
            for at, fault in enumerate(faults):
                if fault.meets(op, type_, name):
                    self._save([*faults[:at], *_less(fault), *faults[at + 1 :]])
                    return fault
        return None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _save(self, faults: list[Fault]) -> None:
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps([asdict(fault) for fault in faults], indent=1))
        draft.replace(self._path)


def _less(fault: Fault) -> list[Fault]:
    if fault.times == 0:
        return [fault]
    return [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
