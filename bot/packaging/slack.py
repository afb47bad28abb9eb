"""The app manifest of Slack, for one workspace or several, by HTTP or by Socket Mode.

Source: Slack, app manifest reference; the scopes that events need are on the events' pages.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.packaging.template import Installation, Manifest, filled

NEEDED_SCOPES = {
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "app_home_opened": set[str](),
    "app_uninstalled": set[str](),
    "tokens_revoked": set[str](),
}
_LONGEST = {"name": 35, "description": 140, "long_description": 4000}
_LEAST_LONG = 174
"""A long description that is shorter is refused."""


def slack_manifest(installation: Installation, *, socket_mode: bool, oauth: bool) -> Manifest:
    """`oauth`: workspaces install it; its tokens are renewed, which a fixed bot token is not."""
    manifest = filled("slack", {"public_url": installation.public_url})
    settings, config = manifest["settings"], manifest["oauth_config"]
    settings["socket_mode_enabled"] = socket_mode
    settings["token_rotation_enabled"] = settings["org_deploy_enabled"] = oauth
    if not oauth:
        del config["redirect_urls"]
    if socket_mode:
        del settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]
        for command in manifest["features"]["slash_commands"]:
            del command["url"]
    return manifest


def problems(manifest: Manifest) -> Iterator[str]:
    """Sentences on what Slack would refuse, or silently not send."""
    yield from _texts(manifest)
    yield from _events(manifest)
    for url in _urls(manifest):
        if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
            yield f"{url!r} is not https://HOST/..."


def _texts(manifest: Manifest) -> Iterator[str]:
    shown, features = manifest["display_information"], manifest["features"]
    for field, most in _LONGEST.items():
        if len(shown.get(field, "")) > most:
            yield f"display_information.{field}: more than {most} characters."
    if 0 < len(shown.get("long_description", "")) < _LEAST_LONG:
        yield f"display_information.long_description: fewer than {_LEAST_LONG} characters."
    if not re.fullmatch(r"[a-z0-9._-]{1,80}", features["bot_user"]["display_name"]):
        yield "features.bot_user.display_name: only a-z, 0-9 and ._- are allowed."
    for command in features["slash_commands"]:
        if not re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"]):
            yield f"features.slash_commands: {command['command']!r} is not like /signoff."
    for shortcut in features["shortcuts"]:
        if len(shortcut["name"]) > 24 or len(shortcut["description"]) > 150:
            yield f"features.shortcuts: {shortcut['name']!r} or its description is too long."


def _events(manifest: Manifest) -> Iterator[str]:
    features, settings = manifest["features"], manifest["settings"]
    scopes = {*manifest["oauth_config"]["scopes"]["bot"]}
    for event in settings["event_subscriptions"]["bot_events"]:
        if event not in NEEDED_SCOPES:
            yield f"settings.event_subscriptions: nobody knows the scope of {event!r}."
        for scope in sorted(NEEDED_SCOPES.get(event, set()) - scopes):
            yield f"settings.event_subscriptions: {event} needs the scope {scope}."
    if (features["slash_commands"] or features["shortcuts"]) and "commands" not in scopes:
        yield "features: commands and shortcuts need the scope commands."
    if not settings["socket_mode_enabled"]:
        for part in ("event_subscriptions", "interactivity"):
            if not settings[part].get("request_url"):
                yield f"settings.{part}: without Socket Mode it needs a request_url."


def _urls(manifest: Manifest) -> list[str]:
    settings, features = manifest["settings"], manifest["features"]
    found = [settings[part].get("request_url") for part in ("event_subscriptions", "interactivity")]
    found += [command.get("url") for command in features["slash_commands"]]
    found += manifest["oauth_config"].get("redirect_urls", [])
    return [url for url in found if url is not None]
