"""Signed links: whoever holds one may look at one deployment of one organisation, for a time."""

import hashlib
from datetime import datetime

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner


class LinkRefused(Exception):
    """The link does not open the page."""


class LinkExpired(LinkRefused):
    """It did once."""


class _Signer(TimestampSigner):
    def __init__(self, key: bytes, at: datetime) -> None:
        super().__init__(
            key, salt="signoff.link", key_derivation="hmac", digest_method=hashlib.sha256
        )
        self._at = int(at.timestamp())

    def get_timestamp(self) -> int:
        return self._at


def link_token(key: bytes, organisation: str, deployment: str, at: datetime) -> str:
    """What opens the deployment's page: when it was made, and a signature over that and whose
    deployment it is."""
    value = _value(organisation, deployment)
    return _Signer(key, at).sign(value).decode().removeprefix(f"{value}.")


def check_link(
    key: bytes, organisation: str, deployment: str, token: str, *, valid_s: float, now: datetime
) -> None:
    """Raises: LinkExpired; LinkRefused - it was altered, or is for something else."""
    signed = f"{_value(organisation, deployment)}.{token}"
    try:
        _Signer(key, now).unsign(signed.encode(), max_age=int(valid_s))
    except SignatureExpired as error:
        raise LinkExpired from error
    except BadSignature as error:
        raise LinkRefused from error


def _value(organisation: str, deployment: str) -> str:
    return f"{organisation}/{deployment}"
