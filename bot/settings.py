"""Every setting, read once from the environment and `signoff.toml`; docs/settings.md has them all.

A setting `plan_timeout_s` is `SIGNOFF_PLAN_TIMEOUT_S` in the environment, which wins, and
`plan_timeout_s = 600` in the file. The file is `./signoff.toml`, or what `SIGNOFF_CONFIG` names.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_type_hints
from urllib.parse import urlsplit

from bot.setting_values import described, parsed
from orchestration.errors import UserError

PREFIX = "SIGNOFF_"
CONFIG = "SIGNOFF_CONFIG"

EngineKind = Literal["embedded", "address"]
TeamsAppType = Literal["single_tenant", "multi_tenant", "managed_identity"]
ArtifactsKind = Literal["folder", "blob"]
AzureIdentity = Literal["managed_identity", "workload_identity"]
SignIn = Literal["none", "entra", "google", "github"]
LogLevel = Literal["debug", "info", "warning", "error"]
LogTo = Literal["folder", "stdout"]
CloudKind = Literal["sandbox", "azure"]


class BadSetting(UserError):
    """A setting that is unknown, or whose value cannot be used."""


def _secret() -> Any:
    return field(default="", repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class Settings:
    store: Path = Path(".signoff")
    organisation: str = "contoso"
    cloud: CloudKind = "sandbox"
    subscription_id: str = "00000000-0000-0000-0000-000000000000"
    directory_file: Path | None = None
    policy_file: Path | None = None
    log_level: LogLevel = "info"
    log_to: LogTo = "folder"
    operations_host: str = "127.0.0.1"
    operations_port: int = 0
    work_port: int = 0

    azure_identity: AzureIdentity = "managed_identity"
    azure_client_id: str = ""

    cosmos_url: str = ""
    cosmos_database: str = "signoff"
    cosmos_key: str = _secret()

    artifacts: ArtifactsKind = "folder"
    artifact_key_file: Path | None = None
    artifact_key_url: str = ""
    blob_url: str = ""
    blob_container: str = "artifacts"
    blob_account_key: str = _secret()

    state_accounts: str = ""
    state_container: str = "tfstate"

    terraform_binary: Path | None = None
    provider_mirror: Path | None = None
    plan_timeout_s: float = 600.0
    apply_timeout_s: float = 7200.0
    lock_timeout_s: float = 30.0
    cancel_grace_s: float = 120.0
    drain_s: float = 0.0
    leave_s: float = 0.0
    plan_max_age_s: float = 86_400.0
    max_jobs_per_worker: int = 4
    max_jobs: int = 0
    build_id: str = ""
    worker_versioning: bool = False
    sandbox_speed: float = 1.0

    engine: EngineKind = "embedded"
    engine_address: str = ""
    engine_namespace: str = "default"
    engine_api_key: str = _secret()
    engine_tls_cert_file: Path | None = None
    engine_tls_key_file: Path | None = None
    engine_tls_ca_file: Path | None = None
    engine_tls_server_name: str = ""

    azure_openai_endpoint: str = ""
    azure_openai_deployment: str = ""
    azure_openai_small_deployment: str = ""
    azure_openai_api_key: str = _secret()
    openai_api_key: str = _secret()
    openai_model: str = ""
    openai_small_model: str = ""
    turn_timeout_s: float = 20.0
    turn_budget_tokens: int = 60_000

    host: str = "127.0.0.1"
    port: int = 3978
    public_url: str = ""
    link_key: str = _secret()
    link_valid_s: float = 604_800.0

    teams_app_id: str = ""
    teams_app_type: TeamsAppType = "single_tenant"
    teams_tenant_id: str = ""
    teams_app_password: str = _secret()
    teams_local: bool = False
    teams_service_hosts: str = "smba.trafficmanager.net"
    teams_file_hosts: str = ".sharepoint.com .sharepoint.us"
    teams_service_url: str = "https://smba.trafficmanager.net/teams/"
    teams_results_channel: str = ""
    teams_openid_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    teams_issuer: str = "https://api.botframework.com"
    teams_login_url: str = "https://login.microsoftonline.com"

    slack_bot_token: str = _secret()
    slack_signing_secret: str = _secret()
    slack_app_token: str = _secret()
    slack_client_id: str = ""
    slack_client_secret: str = _secret()
    slack_key: str = _secret()
    slack_teams: str = ""
    slack_results_channel: str = ""
    slack_api_url: str = "https://slack.com/api/"

    graph_tenant_id: str = ""
    graph_client_id: str = ""
    graph_client_secret: str = _secret()
    graph_url: str = "https://graph.microsoft.com/v1.0"
    graph_login_url: str = "https://login.microsoftonline.com"

    sign_in: SignIn = "none"
    sign_in_issuer: str = ""
    sign_in_client_id: str = ""
    sign_in_client_secret: str = _secret()

    prices_live: bool = True
    prices_timeout_s: float = 3.0

    @property
    def secrets(self) -> frozenset[str]:
        """The values that nobody may see."""
        hidden = (one.name for one in fields(self) if one.metadata.get("secret"))
        return frozenset(value for name in hidden if (value := getattr(self, name)))

    def __post_init__(self) -> None:
        for name, least in _AT_LEAST.items():
            value = getattr(self, name)
            if not value >= least:
                raise BadSetting(f"{name} is {value!r}; it must be {least:g} or more.")
        for name in _TENANTS:
            _refuse_what_is_no_tenant(name, getattr(self, name))
        for name, needed in _NEEDS:
            if getattr(self, name) and not getattr(self, needed):
                raise BadSetting(f"{name} needs {needed} to be set as well.")
        for name, start in _STARTS.items():
            if (value := getattr(self, name)) and not value.startswith(start):
                raise BadSetting(f"{name} is another kind of secret; it starts with {start!r}.")
        _refuse_bad_addresses(self)
        if self.engine == "address" and not self.engine_address:
            raise BadSetting("engine 'address' needs engine_address to be set as well.")
        _refuse_half_a_cloud(self)
        _refuse_half_a_blob(self)
        _refuse_what_is_no_account(self)
        _refuse_half_a_sign_in(self)
        _refuse_short_keys(self)

    @property
    def planner_kind(self) -> Literal["azure_openai", "openai", "embedded"]:
        """Which model answers first; the embedded one stands in when it fails."""
        if self.azure_openai_endpoint:
            return "azure_openai"
        return "openai" if self.openai_api_key else "embedded"


_AT_LEAST = {
    "plan_timeout_s": 1,
    "apply_timeout_s": 1,
    "lock_timeout_s": 0,
    "cancel_grace_s": 0,
    "drain_s": 0,
    "leave_s": 0,
    "plan_max_age_s": 1,
    "max_jobs_per_worker": 1,
    "max_jobs": 0,
    "sandbox_speed": 0,
    "turn_timeout_s": 1,
    "turn_budget_tokens": 1,
    "prices_timeout_s": 0.1,
    "port": 0,
    "operations_port": 0,
    "work_port": 0,
    "link_valid_s": 60,
}


_NEEDS = (
    ("azure_openai_endpoint", "azure_openai_deployment"),
    ("openai_api_key", "openai_model"),
    ("engine_tls_cert_file", "engine_tls_key_file"),
    ("engine_tls_key_file", "engine_tls_cert_file"),
    ("slack_client_id", "slack_client_secret"),
    ("slack_client_secret", "slack_client_id"),
    ("graph_tenant_id", "directory_file"),
    ("graph_client_id", "graph_tenant_id"),
    ("graph_client_secret", "graph_client_id"),
    ("sign_in_client_secret", "sign_in_client_id"),
    ("cosmos_key", "cosmos_url"),
)
"""What is of no use without the other."""

_STARTS = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}
"""Source: Slack, "Token types"."""

_NEAR = 0.75
"""The likeness of two names, of 1, from which on one is a slip of the other."""

_TENANTS = ("teams_tenant_id", "graph_tenant_id")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_HOST_PORT = re.compile(r"[^\s/]+:\d{1,5}")
_STATE_ACCOUNT = re.compile(r"((dev|test|staging|production)=)?[a-z0-9]{3,24}")
_SHORTEST_KEY = 32
_PORTS = ("port", "operations_port", "work_port")
_LAST_PORT = 65_535


def _refuse_what_is_no_tenant(name: str, value: str) -> None:
    """People are compared by the tenant's id; one of its domains would fit nobody."""
    if value and not _GUID.fullmatch(value):
        raise BadSetting(
            f"{name} cannot be {value!r}; it is the tenant's id, such as "
            "'00000000-0000-0000-0000-000000000000' (in the Azure portal: Microsoft Entra ID)."
        )


def _refuse_bad_addresses(settings: Settings) -> None:
    for name in _PORTS:
        if (number := getattr(settings, name)) > _LAST_PORT:
            raise BadSetting(f"{name} is {number}; it must be {_LAST_PORT} or less.")
    url = urlsplit(settings.public_url)
    safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK)
    if settings.public_url and (not safe or not url.hostname or url.query or url.fragment):
        raise BadSetting(f"public_url cannot be {settings.public_url!r}; it is https://HOST.")
    address = settings.engine_address
    if address and not _HOST_PORT.fullmatch(address):
        raise BadSetting(
            f"engine_address cannot be {address!r}; it is HOST:PORT, such as 'temporal:7233'."
        )
    if settings.teams_local and settings.host not in _LOOPBACK:
        raise BadSetting(
            f"teams_local believes whoever writes, so host cannot be {settings.host!r}; "
            "use 127.0.0.1, or unset teams_local."
        )


def _refuse_short_keys(settings: Settings) -> None:
    for name in ("link_key", "slack_key"):
        if 0 < len(getattr(settings, name)) < _SHORTEST_KEY:
            raise BadSetting(f"{name} is too short; take {_SHORTEST_KEY} random characters.")


def _refuse_half_a_sign_in(settings: Settings) -> None:
    kind = settings.sign_in
    if kind != "none" and not settings.sign_in_client_id:
        raise BadSetting(f"sign_in {kind!r} needs sign_in_client_id to be set as well.")
    if kind == "entra" and not settings.sign_in_issuer:
        raise BadSetting(
            "sign_in 'entra' needs sign_in_issuer to be set as well, such as "
            "'https://login.microsoftonline.com/TENANT_ID/v2.0'."
        )


def _refuse_what_is_no_account(settings: Settings) -> None:
    for entry in settings.state_accounts.split():
        if not _STATE_ACCOUNT.fullmatch(entry):
            raise BadSetting(
                f"state_accounts cannot have {entry!r}; it is a storage account, or "
                "ENVIRONMENT=ACCOUNT, with spaces between them."
            )


def _refuse_half_a_cloud(settings: Settings) -> None:
    if settings.cloud != "azure":
        return
    if not settings.state_accounts:
        raise BadSetting(
            "cloud 'azure' needs state_accounts to be set as well: what Terraform knows of real "
            "resources has to outlive this machine."
        )
    if not _GUID.fullmatch(settings.subscription_id) or not settings.subscription_id.strip("0-"):
        raise BadSetting(
            f"subscription_id cannot be {settings.subscription_id!r} with cloud 'azure'; it is the "
            "id of the subscription that is provisioned."
        )


def _refuse_half_a_blob(settings: Settings) -> None:
    if settings.artifacts != "blob":
        return
    if not settings.blob_url:
        raise BadSetting("artifacts 'blob' needs blob_url to be set as well.")
    if not settings.artifact_key_url and not settings.artifact_key_file:
        raise BadSetting(
            "artifacts 'blob' needs artifact_key_url, or artifact_key_file, to be set as well: "
            "every process has to open what another one has sealed."
        )


def load(environment: Mapping[str, str], folder: Path, **given: object) -> Settings:
    """Settings from `given` (the command line), else the environment, else the file in `folder`.

    Raises: BadSetting - the name and, unless it is a secret, the value are in it.
    """
    values = _from_file(environment, folder) | _from_environment(environment)
    return Settings(**(_checked(values) | {k: v for k, v in given.items() if v is not None}))


def secrets() -> frozenset[str]:
    return frozenset(f.name for f in fields(Settings) if f.metadata.get("secret"))


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and name != CONFIG
    }


def _from_file(environment: Mapping[str, str], folder: Path) -> dict[str, object]:
    named = environment.get(CONFIG)
    path = folder / (named or "signoff.toml")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if named:
            raise BadSetting(f"{CONFIG} names {named!r}, which does not exist.") from None
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path} is not TOML: {error}.") from error


def _checked(values: Mapping[str, object]) -> dict[str, Any]:
    types = get_type_hints(Settings)
    for name in values:
        if name not in types:
            near = get_close_matches(name, types, n=1, cutoff=_NEAR)
            hint = f"The nearest is {near[0]!r}." if near else "docs/settings.md has them all."
            raise BadSetting(f"There is no setting {name!r}. {hint}")
    return {name: _parsed(name, types[name], value) for name, value in values.items()}


def _parsed(name: str, kind: Any, value: object) -> object:
    if name in secrets() and isinstance(value, str):
        value = value.strip()  # a file of one line ends with a newline
    try:
        return parsed(kind, value)
    except (ValueError, TypeError):
        shown = "what is given" if name in secrets() else repr(value)
        raise BadSetting(f"{name} cannot be {shown}; it is {described(kind)}.") from None
