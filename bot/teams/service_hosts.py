"""Where the bot's token may go: nowhere but to the hosts that the settings name."""

from ipaddress import ip_address

from yarl import URL

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class ServiceHosts:
    """`local` adds this machine, for the Emulator."""

    def __init__(self, hosts: frozenset[str], *, local: bool = False) -> None:
        self._hosts = frozenset(host.lower() for host in hosts) | (_LOCAL if local else frozenset())

    def allow(self, service_url: str) -> bool:
        """Whether it is an https address on one of them; on this machine http will do."""
        try:
            url = URL(service_url)
        except ValueError:
            return False
        host = (url.host or "").lower()
        safe = url.scheme == "https" or (url.scheme == "http" and is_loopback(host))
        return safe and host in self._hosts and url.user is None and url.password is None


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
