"""The bot's token by the identity that Azure gives the machine: no password anywhere."""

import asyncio

from botframework.connector.auth.managedidentity_app_credentials import (
    ManagedIdentityAppCredentials,
)

from orchestration.errors import TemporaryError

_PATIENCE_S = 20.0


class ManagedIdentityTokens:
    """`tokens.Tokens`; the SDK keeps the token, and asks for it blockingly, hence in a thread."""

    def __init__(self, app_id: str, scope: str) -> None:
        self._credentials = ManagedIdentityAppCredentials(app_id, scope)
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        async with self._lock:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    return str(await asyncio.to_thread(self._credentials.get_access_token))
            except Exception as error:  # it raises what its HTTP client raises, and KeyError
                raise TemporaryError(
                    "getting the managed identity's token failed; check that teams_app_id is the "
                    "client id of an identity of this machine",
                    retry_after_s=60.0,
                ) from error

    def forget(self) -> None:
        """Nothing: the SDK renews it in time."""
