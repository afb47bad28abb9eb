"""Whether a request is Slack's, decided on its raw bytes before anything reads them.

Source: Slack, "Verifying requests from Slack".
"""

import hashlib
import hmac
from collections.abc import Sequence

VALID_S = 5 * 60


def is_signed(
    body: bytes, timestamp: str, signature: str, *, secrets: Sequence[str], now_s: float
) -> bool:
    """Whether one of the secrets (there are two while one replaces the other) has signed it in the
    last five minutes."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    if abs(now_s - int(timestamp)) > VALID_S:
        return False
    given = signature.encode("utf-8", "surrogateescape")
    content = b"v0:" + timestamp.encode() + b":" + body
    return any(hmac.compare_digest(_signature(secret, content), given) for secret in secrets)


def _signature(secret: str, content: bytes) -> bytes:
    return b"v0=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest().encode()
