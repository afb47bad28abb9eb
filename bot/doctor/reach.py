"""Whether something listens at an address."""

import asyncio

_WITHIN_S = 3.0


async def reachable(address: str) -> bool:
    """Whether `host:port` takes a connection within three seconds."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(_WITHIN_S):
            _, writer = await asyncio.open_connection(host, int(port))
    except (OSError, ValueError, TimeoutError):
        return False
    writer.close()
    return True
