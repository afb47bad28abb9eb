"""Who the bot is where a request comes from, without asking Slack each time."""

from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize

from bot.slack.tokens import Tokens
from orchestration.errors import UserError


class Authorize(AsyncAuthorize):
    """bolt's own asks Slack and the store with every request."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def __call__(
        self,
        *,
        context: Any,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_: object,
    ) -> AuthorizeResult:
        """Raises: UserError - the app is not installed there; TemporaryError."""
        by_organisation = (enterprise_id or "") if context.is_enterprise_install else ""
        found = await self._tokens.of(context["team"], by_organisation)
        if found is None:
            raise UserError("Signoff takes no requests from here: it is not installed.")
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=found.bot_user,
            bot_id=found.bot_id,
            bot_token=found.token,
        )
