"""Teams, Slack and the pages: what is set, what is missing, and whether their far side answers."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.doctor.finding import Checked
from bot.doctor.reach import reachable
from bot.settings import Settings


async def teams(settings: Settings) -> Checked:
    if not settings.teams_app_id:
        if settings.teams_local:
            return Checked("teams", "believes unsigned messages on loopback, for the emulator")
        return Checked("teams", "not configured; docs/teams.md has the steps")
    found = f"app {settings.teams_app_id}, {settings.teams_app_type}"
    found += _results(settings.teams_results_channel)
    return await _checked("teams", found, [*_missing_for_teams(settings)], settings.teams_login_url)


async def slack(settings: Settings) -> Checked:
    if not settings.slack_bot_token and not settings.slack_client_id:
        return Checked("slack", "not configured; docs/slack.md has the steps")
    found = "workspaces install it by OAuth" if settings.slack_client_id else "one workspace"
    found += ", by Socket Mode" if settings.slack_app_token else ", by HTTP"
    found += _results(settings.slack_results_channel or "the default channel")
    return await _checked("slack", found, [*_missing_for_slack(settings)], settings.slack_api_url)


def pages(settings: Settings) -> Checked:
    if not settings.public_url:
        if settings.sign_in != "none":
            return Checked("pages", "sign_in without an address", "Set SIGNOFF_PUBLIC_URL.")
        return Checked("pages", "none, and no links to them; public_url turns them on")
    found = f"{settings.public_url}, sign-in: {settings.sign_in}"
    if not settings.link_key and settings.cosmos_url:
        return Checked("pages", found, "Set SIGNOFF_LINK_KEY, for all processes alike.")
    if not settings.link_key:
        found += ", links signed by a key of this store folder"
    if settings.sign_in != "none" and not settings.sign_in_client_secret:
        return Checked("pages", found, "Set SIGNOFF_SIGN_IN_CLIENT_SECRET.")
    return Checked("pages", found)


def _results(channel: str) -> str:
    return f", results go to {channel}" if channel else ", no results channel"


async def _checked(name: str, found: str, missing: list[str], url: str) -> Checked:
    if missing:
        return Checked(name, found, " ".join(missing))
    parts = urlsplit(url)
    address = f"{parts.hostname}:{parts.port or 443}"
    if await reachable(address):
        return Checked(name, f"{found}; {address} answers")
    to_do = "Check the network, and whether it may be reached from here."
    return Checked(name, f"{found}; {address} does not answer", to_do)


def _missing_for_teams(settings: Settings) -> Iterator[str]:
    kind = settings.teams_app_type
    if settings.teams_local:
        yield "Unset SIGNOFF_TEAMS_LOCAL: it believes messages that nobody signed."
    if kind != "multi_tenant" and not settings.teams_tenant_id:
        yield f"Set SIGNOFF_TEAMS_TENANT_ID: a {kind} app answers to one tenant."
    if kind != "managed_identity" and not settings.teams_app_password:
        yield f"Set SIGNOFF_TEAMS_APP_PASSWORD: a {kind} app shows a client secret."
    tenants = {settings.teams_tenant_id.lower(), settings.graph_tenant_id.lower()} - {""}
    if len(tenants) > 1:
        yield "Set SIGNOFF_GRAPH_TENANT_ID to SIGNOFF_TEAMS_TENANT_ID: they are two tenants."
    channel = settings.teams_results_channel
    if channel and not re.fullmatch(r"19:\S+@thread\.(tacv2|skype)", channel):
        yield f"Correct SIGNOFF_TEAMS_RESULTS_CHANNEL: {channel!r} is not 19:...@thread.tacv2."


def _missing_for_slack(settings: Settings) -> Iterator[str]:
    if not settings.slack_signing_secret and not settings.slack_app_token:
        yield "Set SIGNOFF_SLACK_SIGNING_SECRET, or SIGNOFF_SLACK_APP_TOKEN for Socket Mode."
    if settings.slack_client_id and settings.slack_bot_token:
        yield "Unset SIGNOFF_SLACK_BOT_TOKEN: with SIGNOFF_SLACK_CLIENT_ID it is not used."
    if settings.slack_client_id and not settings.public_url:
        yield "Set SIGNOFF_PUBLIC_URL: who installs the app is sent back there."
    if settings.slack_client_id and not settings.slack_teams:
        yield "Set SIGNOFF_SLACK_TEAMS: the workspaces that are believed who has which address."
    channel = settings.slack_results_channel
    if channel and not re.fullmatch(r"[CG][A-Z0-9]{5,}|#[^\s#]{1,80}", channel):
        yield f"Correct SIGNOFF_SLACK_RESULTS_CHANNEL: {channel!r} is neither an id nor #NAME."
