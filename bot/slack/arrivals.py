"""The app comes to a channel, or leaves a workspace."""

from bot.slack.api import Api
from bot.slack.background import Background
from bot.slack.bodies import Joined, Revoked, Uninstalled
from bot.slack.installations import Installations
from bot.slack.talk import Here
from bot.slack.tokens import Tokens

GREETING = (
    "Mention me with what you need, e.g. _a Databricks workspace for the ML team, in dev_. "
    "I ask for what is missing, show what it changes and costs, and get it signed off."
)


class Arrivals:
    """`installations` is None where the token comes from the settings."""

    def __init__(
        self,
        api: Api,
        tokens: Tokens,
        installations: Installations | None,
        background: Background,
    ) -> None:
        self._api = api
        self._tokens = tokens
        self._installations = installations
        self._background = background

    def joined(self, here: Here, body: Joined) -> None:
        if body.user == here.bot_user:
            self._background.start(self._greet(here.team, body.channel))

    async def left(self, team: str, enterprise: str, body: Revoked | Uninstalled) -> None:
        """Forget the token; what was asked for stays. Raises: TemporaryError."""
        if isinstance(body, Revoked) and not body.tokens.bot:
            return
        for owner in filter(None, (team, enterprise)):
            self._tokens.forget(owner)
            if self._installations and (found := await self._installations.find(owner)):
                await self._installations.remove(found[0].owner)

    async def _greet(self, team: str, channel: str) -> None:
        await self._api.ask(
            team, lambda client: client.chat_postMessage(channel=channel, text=GREETING)
        )
