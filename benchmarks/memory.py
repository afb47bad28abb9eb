"""What the processes of a running Signoff occupy: resident memory, shared libraries included."""

from collections.abc import Mapping

import psutil

_KNOWN_BY = {"engine": "start-dev", "worker": "work"}
_MB = 1_000_000


def occupied(chat_pid: int) -> Mapping[str, float]:
    """MB (RSS) of the chat process and of the engine and the worker among its children."""
    chat = psutil.Process(chat_pid)
    found = {"chat": _resident(chat)}
    for child in chat.children(recursive=True):
        for name, argument in _KNOWN_BY.items():
            if argument in child.cmdline():
                found[name] = _resident(child)
    return found


def _resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / _MB
