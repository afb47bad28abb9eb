"""Ports on loopback that nobody uses."""

import secrets
import socket

_FIRST, _LAST = 20_000, 32_000
"""Below the ports that kernels give to outgoing connections, so that one stays free while its
owner is being restarted."""


def free_ports(count: int) -> tuple[int, ...]:
    """Different ports that could be bound just now, at random, so that two who ask differ."""
    found: list[int] = []
    while len(found) < count:
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        if port not in found and _is_free(port):
            found.append(port)
    return tuple(found)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
