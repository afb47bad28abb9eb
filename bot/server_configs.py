"""Settings as what each front asks for."""

import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.settings import Settings
from bot.slack.config import SlackConfig
from bot.teams.config import TeamsConfig
from bot.web.pages import PagesConfig
from orchestration.errors import UserError

_KEY_BYTES = 32


def teams_config(settings: Settings) -> TeamsConfig:
    """Raises: UserError - something is missing."""
    return TeamsConfig(
        app_id=settings.teams_app_id,
        app_type=settings.teams_app_type,
        tenant_id=settings.teams_tenant_id,
        app_password=settings.teams_app_password,
        local=settings.teams_local,
        service_hosts=frozenset(settings.teams_service_hosts.split()),
        file_hosts=frozenset(settings.teams_file_hosts.split()),
        service_url=settings.teams_service_url,
        results_channel=settings.teams_results_channel,
        openid_url=settings.teams_openid_url,
        issuer=settings.teams_issuer,
        login_url=settings.teams_login_url,
    )


def slack_config(settings: Settings) -> SlackConfig:
    """Raises: UserError - something is missing."""
    return SlackConfig(
        bot_token=settings.slack_bot_token,
        signing_secrets=tuple(settings.slack_signing_secret.split()),
        app_token=settings.slack_app_token,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        teams=frozenset(settings.slack_teams.split()),
        results_channel=settings.slack_results_channel,
        api_url=settings.slack_api_url,
        public_url=settings.public_url.rstrip("/"),
        sealing_key=_sealing_key(settings) if settings.slack_client_id else b"",
    )


def pages_config(settings: Settings) -> PagesConfig:
    return PagesConfig(
        organisation=settings.organisation,
        public_url=settings.public_url.rstrip("/"),
        link_key=_key(settings, "link", settings.link_key),
        link_valid_s=settings.link_valid_s,
        sign_in=settings.sign_in,
        issuer=settings.sign_in_issuer,
        client_id=settings.sign_in_client_id,
        client_secret=settings.sign_in_client_secret,
    )


def _sealing_key(settings: Settings) -> bytes:
    return sha256(_key(settings, "slack", settings.slack_key)).digest()


def _key(settings: Settings, name: str, given: str) -> bytes:
    """The key that is `given`, or one that is kept in the store folder.

    Raises: UserError - none is given, and other processes have another folder.
    """
    if given:
        return given.encode()
    if settings.cosmos_url and settings.public_url:
        raise UserError(
            f"set SIGNOFF_{name.upper()}_KEY to {2 * _KEY_BYTES} random characters: "
            "with cosmos_url there are other processes, and they need the same key"
        )
    return _kept(settings, f"{name}.key")


def _kept(settings: Settings, name: str) -> bytes:
    """A key that is made once and stays in the store folder.

    It is there whole or not at all, whoever starts beside this process or dies while making it.

    Raises: UserError - what is there is no key: an empty one would let anybody sign.
    """
    path = settings.store / name
    if not path.exists():
        _make(path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise UserError(f"{path} is damaged: restore it from a backup, or delete it and start anew")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as made:  # mode 0600
        made.write(secrets.token_bytes(_KEY_BYTES))
        made.flush()
        os.fsync(made.fileno())
        with suppress(FileExistsError):
            os.link(made.name, path)
