"""Slack as it is called on behalf of a workspace."""

from collections.abc import Mapping
from typing import Any

from bot.slack.installations import Installation
from bot.slack.tokens import Tokens
from bot.slack.web_api import ENDED, MENDED_AFTER_S, TIMEOUT_S, Call, NotSent, Refused, WebApi
from orchestration.errors import PermanentError


class Api:
    """The Web API with the token of each workspace."""

    def __init__(self, web: WebApi, tokens: Tokens) -> None:
        self._web = web
        self._tokens = tokens

    async def ask(
        self, team: str, call: Call, *, timeout_s: float = TIMEOUT_S
    ) -> Mapping[str, Any]:
        """Raises: what `WebApi.ask` raises; NotSent - the token does not count;
        PermanentError - the app is not installed there."""
        installation = await self.installation(team)
        try:
            return await self._web.ask(installation.token, call, timeout_s=timeout_s)
        except Refused as refused:
            if refused.code not in ENDED:
                raise
            self._tokens.forget(installation.owner)
            wait_s = 1.0 if refused.code == "token_expired" else MENDED_AFTER_S
            raise NotSent(f"asking Slack: {refused.code}", retry_after_s=wait_s) from refused

    async def installation(self, team: str) -> Installation:
        """Raises: PermanentError - the app is not installed there; TemporaryError."""
        found = await self._tokens.of(team)
        if found is None:
            raise PermanentError(f"speaking in the Slack workspace {team!r}: not installed there")
        return found
