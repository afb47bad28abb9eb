"""What has to be known to be an app in Slack."""

from dataclasses import dataclass

from orchestration.errors import UserError


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """One workspace (`bot_token`), or several by OAuth installation (`client_id`).

    `app_token` makes it connect by Socket Mode. `teams` are the workspaces whose word counts for
    who has which address; empty: the one of the token. `sealing_key` (32 bytes) seals tokens.
    """

    bot_token: str
    signing_secrets: tuple[str, ...]
    app_token: str
    client_id: str
    client_secret: str
    teams: frozenset[str]
    results_channel: str
    api_url: str
    public_url: str
    sealing_key: bytes

    def __post_init__(self) -> None:
        if not self.signing_secrets and not self.app_token:
            raise UserError("slack_signing_secret is not set; requests could not be verified")
        if bool(self.client_id) != bool(self.client_secret):
            raise UserError("slack_client_id and slack_client_secret need each other")
        if not self.bot_token and not self.client_id:
            raise UserError("slack needs slack_bot_token, or slack_client_id for installations")
        if self.client_id and not self.teams:
            raise UserError(
                "slack_client_id needs slack_teams to be set too: in a workspace of their own, "
                "anybody could give themselves the address of somebody who signs"
            )
