"""What the processes of a running Signoff occupy.

USS is what would be free again if that process ended; libraries that several share do not count.
"""

from collections.abc import Mapping

import psutil

_KNOWN_BY = {"engine": "start-dev", "worker": "work"}
_MB = 1_000_000


def occupied(chat_pid: int) -> Mapping[str, float]:
    """MB (USS) of the chat process and of the engine and the worker among its children."""
    chat = psutil.Process(chat_pid)
    found = {"chat": _uss(chat)}
    for child in chat.children(recursive=True):
        for name, argument in _KNOWN_BY.items():
            if argument in child.cmdline():
                found[name] = _uss(child)
    return found


def _uss(process: psutil.Process) -> float:
    return float(process.memory_full_info().uss) / _MB
