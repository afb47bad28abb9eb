"""What this process stored last, so that it need not be read to be shown."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
_KEPT = 1000


class Recent(Generic[_K, _V]):
    """Values with their versions; those that were not asked for longest are forgotten."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._values: OrderedDict[_K, tuple[int, _V]] = OrderedDict()

    def put(self, key: _K, version: int, value: _V) -> None:
        """Keep it, unless a later version is known."""
        known = self._values.get(key)
        if known is None or known[0] <= version:
            self._values[key] = (version, value)
        self._values.move_to_end(key)
        while len(self._values) > self._kept:
            self._values.popitem(last=False)

    def forget(self, key: _K) -> None:
        self._values.pop(key, None)

    def get(self, key: _K, version: int) -> _V | None:
        """The value, if it is of that version or a later one."""
        known = self._values.get(key)
        return known[1] if known and known[0] >= version else None
