"""What has to be known to be a bot in Teams."""

from dataclasses import dataclass
from typing import Literal, get_args

from orchestration.errors import UserError

AppType = Literal["single_tenant", "multi_tenant", "managed_identity"]
_TYPES = ", ".join(get_args(AppType))
_EVERY_TENANT = "botframework.com"
"""Where a multi-tenant bot signs in. Source: Bot Framework authentication."""


@dataclass(frozen=True, slots=True)
class TeamsConfig:
    """`local` accepts unsigned activities, on loopback alone: for the Bot Framework Emulator.

    `service_hosts` are the hosts that activities may name as their `serviceUrl`; the bot's token
    goes nowhere else, and documents are fetched from `file_hosts` alone. `openid_url`, `issuer` and
    `login_url` differ in sovereign clouds.
    """

    app_id: str
    app_type: AppType
    tenant_id: str
    app_password: str
    local: bool
    service_hosts: frozenset[str]
    file_hosts: frozenset[str]
    service_url: str
    results_channel: str
    openid_url: str
    issuer: str
    login_url: str

    def __post_init__(self) -> None:
        if self.app_type not in get_args(AppType):
            raise UserError(f"teams_app_type is {self.app_type!r}; it is one of {_TYPES}")
        if not self.app_id and not self.local:
            raise UserError("teams_app_id is not set; without it nobody could be told apart")
        if self.app_id and self.local:
            raise UserError("teams_local accepts what nobody signed; unset it, or teams_app_id")
        if self.app_type != "multi_tenant" and self.app_id and not self.tenant_id:
            raise UserError(f"teams_app_type {self.app_type!r} needs teams_tenant_id to be set")
        if self.app_type != "managed_identity" and self.app_id and not self.app_password:
            raise UserError(f"teams_app_type {self.app_type!r} needs teams_app_password to be set")

    @property
    def token_url(self) -> str:
        tenant = _EVERY_TENANT if self.app_type == "multi_tenant" else self.tenant_id
        return f"{self.login_url.rstrip('/')}/{tenant}/oauth2/v2.0/token"

    @property
    def audience(self) -> str:
        """Whom the bot's token is for: the service that signs what the bot receives."""
        return self.issuer.rstrip("/")

    @property
    def only_tenant(self) -> str:
        """The one whose people may ask; "" where the directory alone says who may."""
        return "" if self.app_type == "multi_tenant" else self.tenant_id
