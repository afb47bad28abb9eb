"""An activity of the Bot Framework as Signoff sees it, read once from what was sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.teams.message_text import spoken_text
from bot.teams.wire import SentAccount, SentActivity, SentConversation

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"


class Malformed(ValueError):
    """No activity; `str()` says why, and nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who did it; `object_id` is "" where Teams names none (an outsider, a bot)."""

    id: str
    name: str
    object_id: str
    role: str


@dataclass(frozen=True, slots=True)
class File:
    """A document that came with a message; its `url` needs no token."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Activity:
    """`kind` is the Bot Framework's type (`message`, `invoke`, ...), `scope` is `personal`,
    `groupChat` or `channel`, `name` what an invoke is for, and `text` has the bot's own mention
    taken out."""

    kind: str
    id: str
    channel: str
    service_url: str
    conversation: str
    scope: str
    tenant: str
    by: Account
    bot: str
    mentioned: bool
    text: str
    value: Mapping[str, Any] | None
    name: str
    action: str
    files: tuple[File, ...]
    expects_replies: bool

    @property
    def realm(self) -> str:
        return realm_of(self.tenant)


def realm_of(tenant: str) -> str:
    """Where people have the addresses that Teams gives them; the Emulator knows no tenant."""
    return f"teams:{tenant or 'local'}"


def read_activity(body: bytes) -> Activity:
    """Raises: Malformed - it is not JSON, or lacks what every activity has."""
    try:
        sent = SentActivity.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Malformed(f"{where}: {first['msg']}" if where else first["msg"]) from error
    if sent.type in {"message", "invoke"} and not sent.id:
        raise Malformed("id: a message or an invoke has one")
    return _activity(sent)


def _activity(sent: SentActivity) -> Activity:
    bot = sent.recipient.id if sent.recipient else ""
    own = _mentions_of(bot, sent.entities or [])
    data = sent.channel_data.tenant if sent.channel_data else None
    tenant = sent.conversation.tenant_id or (data.id if data else "")
    return Activity(
        kind=sent.type,
        id=sent.id,
        channel=sent.channel_id,
        service_url=sent.service_url,
        conversation=sent.conversation.id,
        scope=_scope(sent.conversation),
        tenant=_guid(tenant),
        by=_account(sent.by),
        bot=bot,
        mentioned=bool(own),
        text=spoken_text(sent.text, own),
        value=sent.value if isinstance(sent.value, dict) else None,
        name=sent.name,
        action=sent.action,
        files=tuple(_files(sent.attachments or [])),
        expects_replies=sent.delivery_mode == "expectReplies" and sent.type != "invoke",
    )


def _scope(sent: SentConversation) -> str:
    """Teams names it; the Emulator does not."""
    return sent.conversation_type or ("groupChat" if sent.is_group else "personal")


def _account(sent: SentAccount) -> Account:
    role = (sent.user_role or sent.role).lower()
    return Account(sent.id, sent.name, _guid(sent.aad_object_id), role)


def _guid(value: str) -> str:
    """In lower case; "" for what is none."""
    return value.lower() if _GUID.fullmatch(value.lower()) else ""


def _mentions_of(bot: str, entities: list[dict[str, Any]]) -> list[str]:
    """How the text mentions the bot, e.g. `<at>Signoff</at>`."""
    found = []
    for entity in entities:
        who = entity.get("mentioned")
        if entity.get("type") == "mention" and isinstance(who, dict) and who.get("id") == bot:
            found.append(str(entity.get("text") or ""))
    return found


def _files(attachments: list[dict[str, Any]]) -> list[File]:
    """What somebody attached: a file from OneDrive, or a picture pasted into the message."""
    found = []
    for each in attachments:
        kind, content = each.get("contentType"), each.get("content")
        name = str(each.get("name") or "the picture")
        if kind == _DOWNLOAD and isinstance(content, dict):
            found.append(File(name, str(content.get("downloadUrl") or "")))
        elif isinstance(kind, str) and kind.startswith("image/"):
            found.append(File(name, ""))
    return found
