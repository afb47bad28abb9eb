"""What Teams and Slack are asked for is what the code uses, no less and no more."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from bot.packaging.slack import NEEDED_SCOPES
from bot.slack import registration
from capabilities.registry import catalogue
from orchestration.planner.offline.intents import Intent, intents_in
from orchestration.planner.offline.reader import Reader
from tests.architecture.repository import files, page

SCOPES_OF_METHODS: dict[str, set[str]] = {
    "auth_test": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "chat_getPermalink": set(),
    "conversations_history": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "conversations_list": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "conversations_replies": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "oauth_v2_access": set(),
    "users_info": {"users:read", "users:read.email"},
    "users_lookupByEmail": {"users:read.email"},
    "views_open": set(),
    "views_publish": set(),
    "views_update": set(),
}
"""Source: Slack, the pages of the methods; `conversations.list` as far as we list."""


def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page(f"manifest/{name}/manifest.json"))
    return found


def _code() -> Iterator[ast.AST]:
    for path in files(".py", under="bot/slack"):
        yield from ast.walk(ast.parse(path.read_text("utf-8")))


def _called(owner: str) -> list[ast.Call]:
    """Calls of something's methods, such as `client.users_info(...)`."""
    return [
        node
        for node in _code()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == owner
    ]


def _methods() -> set[str]:
    names = {call.func.attr for call in _called("client") if isinstance(call.func, ast.Attribute)}
    return {name for name in names if re.fullmatch(r"[a-z]+_\w+", name)}


def _listened_to(kind: str) -> set[str]:
    """What `app.event(...)` and its like are given: a text, or a name of the registration."""
    given = [
        call.args[0]
        for call in _called("app")
        if isinstance(call.func, ast.Attribute) and call.func.attr == kind
    ]
    named = {getattr(registration, arg.id, "") for arg in given if isinstance(arg, ast.Name)}
    return (named | {str(a.value) for a in given if isinstance(a, ast.Constant)}) - {""}


def test_slack_is_asked_for_the_scopes_of_our_calls_and_events_and_no_others() -> None:
    events = manifest("slack")["settings"]["event_subscriptions"]["bot_events"]
    needed = {"commands", "files:read"}
    needed |= {scope for event in events for scope in NEEDED_SCOPES[event]}
    needed |= {scope for method in _methods() for scope in SCOPES_OF_METHODS[method]}
    assert set(manifest("slack")["oauth_config"]["scopes"]["bot"]) == needed
    assert "url_private" in "".join(p.read_text("utf-8") for p in files(".py", under="bot/slack"))


def test_slack_is_asked_for_the_same_scopes_at_an_installation() -> None:
    assert [*registration.SCOPES] == manifest("slack")["oauth_config"]["scopes"]["bot"]


def test_slack_sends_the_events_that_are_listened_to_and_no_others() -> None:
    events = manifest("slack")["settings"]["event_subscriptions"]["bot_events"]
    assert [*registration.EVENTS] == events
    assert {event.partition(".")[0] for event in events} == _listened_to("event")


def test_every_command_and_shortcut_of_slack_has_a_listener() -> None:
    features = manifest("slack")["features"]
    assert {c["command"] for c in features["slash_commands"]} == _listened_to("command")
    for kind in ("global", "message"):
        ids = {s["callback_id"] for s in features["shortcuts"] if s["type"] == kind}
        assert ids == _listened_to(f"{kind}_shortcut")


def test_slack_is_sent_to_the_addresses_that_are_served() -> None:
    text = json.dumps(manifest("slack"))
    served = {registration.EVENTS_PATH, registration.REDIRECT_PATH}
    assert set(re.findall(r"\$\{public_url\}([^\"]*)", text)) == served


def test_every_word_that_slack_hints_at_is_one() -> None:
    (command,) = manifest("slack")["features"]["slash_commands"]
    source = page("bot/slack/command.py")
    for word in command["usage_hint"].split(" | ")[1:]:
        assert f'"{word}"' in source


def test_every_command_that_teams_offers_is_understood() -> None:
    (bot,) = manifest("teams")["bots"]
    (listed,) = bot["commandLists"]
    titles = [command["title"] for command in listed["commands"]]
    assert {*map(_intent, titles[1:])} == {Intent.STATUS, Intent.HISTORY, Intent.HELP}
    assert titles[0] == "I need storage"
    wanted = Reader(catalogue()).read(titles[0]).add
    assert [each.capability for each in wanted] == ["storage"]


def _intent(text: str) -> Intent | None:
    return next(iter(intents_in(text)), None)


def test_teams_gives_the_messages_of_channels_that_the_code_listens_to() -> None:
    """Answers in our own threads without a mention; group chats only with one."""
    asked = manifest("teams")["authorization"]["permissions"]["resourceSpecific"]
    assert [permission["name"] for permission in asked] == ["ChannelMessage.Read.Group"]
    source = page("bot/teams/speech.py")
    assert "service.knows(" in source


def test_files_are_asked_of_teams_because_they_are_read() -> None:
    (bot,) = manifest("teams")["bots"]
    assert bot["supportsFiles"] is True
    assert "downloadUrl" in page("bot/teams/activity.py")
