"""Whether the channel sent an activity: the SDK's check of its token, with the rest made strict."""

import time
from collections.abc import Callable
from typing import Any

from botbuilder.schema import Activity
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
    JwtTokenExtractor,
    VerifyOptions,
)

from bot.teams.signing_keys import KeysUnavailable, SigningKeys

CHANNEL = "msteams"
_ALGORITHMS = ["RS256"]
_SKEW_S = 300
"""Source: Bot Framework authentication, "industry-standard clock-skew is 5 minutes"."""

_PROVED_S = 60.0
_MOST_PROVED = 1000


class Unproved(Exception):
    """The channel did not send this; `str()` says why, for the log."""


class ChannelProof(BotFrameworkAuthentication):  # type: ignore[misc]
    """Accepts tokens of the channel alone: neither the Emulator's nor another bot's.

    The SDK's own variants fetch keys blockingly, refuse rotated ones for up to a day, and make
    HTTP clients for every turn; what they would be used for goes through `Connector`.
    """

    def __init__(
        self,
        app_id: str,
        issuer: str,
        openid_url: str,
        keys: SigningKeys,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._app_id = app_id
        self._issuer = issuer
        self._now_s = now_s
        self._proved: dict[str, tuple[float, dict[str, Any]]] = {}
        options = VerifyOptions([issuer], None, _SKEW_S, False)
        self._extractor = JwtTokenExtractor(options, openid_url, _ALGORITHMS)
        self._extractor.open_id_metadata = keys

    async def authenticate_request(
        self, activity: Activity, auth_header: str
    ) -> AuthenticateRequestResult:
        """Raises: Unproved; KeysUnavailable - it cannot be told now."""
        claims = await self._claims(activity, auth_header)
        for name, wanted in self._wanted(activity).items():
            if claims.get(name) != wanted:
                raise Unproved(f"its {name} is {claims.get(name)!r}, not {wanted!r}")
        if "exp" not in claims:
            raise Unproved("it never expires")
        return proved(claims)

    async def _claims(self, activity: Activity, auth_header: str) -> dict[str, Any]:
        """Of the token; what its signature proves is remembered for a minute, no longer than the
        token is valid: the channel sends the same one with many activities."""
        about, now = f"{activity.channel_id} {auth_header}", self._now_s()
        until, known = self._proved.get(about, (0.0, {}))
        if now < until:
            return known
        claims = await self._checked(activity, auth_header)
        if len(self._proved) >= _MOST_PROVED:
            self._proved.clear()
        self._proved[about] = (min(now + _PROVED_S, float(claims.get("exp", now))), claims)
        return claims

    async def _checked(self, activity: Activity, auth_header: str) -> dict[str, Any]:
        scheme, _, token = auth_header.partition(" ")
        try:
            identity = await self._extractor.get_identity(scheme, token, activity.channel_id)
        except KeysUnavailable:
            raise
        except Exception as error:  # the SDK raises whatever a strange token makes it raise
            raise Unproved(repr(error)) from error
        if identity is None:
            raise Unproved("there is no token of the channel's issuer")
        return dict(identity.claims)

    def _wanted(self, activity: Activity) -> dict[str, str]:
        return {"iss": self._issuer, "aud": self._app_id, "serviceurl": activity.service_url}

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Nobody signs in through the SDK."""

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        return _NoConnectors()

    async def authenticate_streaming_request(
        self, auth_header: str, channel_id_header: str
    ) -> AuthenticateRequestResult:
        raise Unproved("Teams does not stream activities")

    async def authenticate_channel_request(self, auth_header: str) -> ClaimsIdentity:
        raise Unproved("Teams asks for no skills")


class NoProof(ChannelProof):
    """Accepts everything: for the Emulator on this machine. Who may come is checked before."""

    def __init__(self) -> None:
        """There are no keys."""

    async def authenticate_request(
        self, activity: Activity, auth_header: str
    ) -> AuthenticateRequestResult:
        return proved({})


def proved(claims: dict[str, Any]) -> AuthenticateRequestResult:
    result = AuthenticateRequestResult()
    result.claims_identity = ClaimsIdentity(claims, True)
    result.audience = result.caller_id = ""
    result.connector_factory = _NoConnectors()
    return result


class _NoConnectors(ConnectorFactory):  # type: ignore[misc]
    """The adapter wants something in the place of its HTTP client, and never calls it."""

    async def create(self, service_url: str, audience: str) -> object:
        return self
