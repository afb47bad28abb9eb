"""What Slack sends, as far as it is looked at; what does not fit is refused at the door.

Source: Slack, Events API; interaction payloads; slash commands. Slack adds fields at any time, so
those that are unknown are left out rather than refused.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

Id: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
NoId: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")]
Ts: TypeAlias = Annotated[str, Field(pattern=r"^\d{1,16}\.\d{1,16}$")]
NoTs: TypeAlias = Annotated[str, Field(pattern=r"^(\d{1,16}\.\d{1,16})?$")]
Url: TypeAlias = Annotated[str, Field(pattern=r"^(https?://[^\s]{1,2000})?$")]
Trigger: TypeAlias = Annotated[str, Field(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=200_000)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        """Slack writes what is missing as null, or not at all."""
        if isinstance(value, Mapping):
            return {key: each for key, each in value.items() if each is not None}
        return value


class File(_Body):
    name: str = "file"
    size: int = 0
    url_private_download: str = ""


class Message(_Body):
    """A `message` or an `app_mention`; also the message that a shortcut was used on."""

    type: str = "message"
    channel: str = ""
    channel_type: str = ""
    user: str = ""
    bot_id: str = ""
    subtype: str = ""
    hidden: bool = False
    text: str = ""
    ts: Ts = "0.0"
    thread_ts: NoTs = ""
    parent_user_id: str = ""
    files: tuple[File, ...] = ()


class Said(Message):
    channel: Id
    ts: Ts


class HomeOpened(_Body):
    user: Id
    tab: str = "home"


class Joined(_Body):
    user: Id
    channel: Id


class RevokedTokens(_Body):
    bot: tuple[str, ...] = ()


class Revoked(_Body):
    tokens: RevokedTokens


class Uninstalled(_Body):
    pass


class Other(_Body):
    """Something that nobody here listens to."""


class Ided(_Body):
    id: Id


class Container(_Body):
    channel_id: NoId = ""
    message_ts: NoTs = ""
    thread_ts: NoTs = ""
    is_ephemeral: bool = False


class Shown(_Body):
    """The message that a button is on."""

    ts: NoTs = ""
    thread_ts: NoTs = ""
    text: str = ""
    blocks: tuple[dict[str, Any], ...] = ()


def _named(action: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(action.get("action_id"), str):
        raise ValueError("an action without an action_id")
    return action


Action: TypeAlias = Annotated[dict[str, Any], AfterValidator(_named)]
"""Kept as it is: the renderer that made the button reads it."""


class BlockActions(_Body):
    user: Ided
    container: Container = Container()
    message: Shown = Shown()
    trigger_id: Trigger = ""
    response_url: Url = ""
    actions: Annotated[tuple[Action, ...], Field(min_length=1)]


class Element(_Body):
    action_id: str = ""


class FormBlock(_Body):
    type: str = ""
    block_id: str = ""
    optional: bool = False
    element: Element = Element()


class State(_Body):
    values: dict[str, dict[str, dict[str, Any]]] = {}


class View(_Body):
    type: Literal["modal"]
    callback_id: str
    blocks: tuple[FormBlock, ...] = ()
    private_metadata: str = ""
    state: State = State()


class ViewSubmission(_Body):
    user: Ided
    view: View
    trigger_id: Trigger = ""


class Shortcut(_Body):
    callback_id: str
    user: Ided
    trigger_id: Trigger = ""


class MessageShortcut(Shortcut):
    channel: Ided
    message: Message
    response_url: Url = ""


class Command(_Body):
    command: str
    text: str = ""
    channel_id: Id
    user_id: Id
    trigger_id: Trigger = ""
    response_url: Url = ""


Body: TypeAlias = (
    Said
    | HomeOpened
    | Joined
    | Revoked
    | Uninstalled
    | BlockActions
    | ViewSubmission
    | Shortcut
    | MessageShortcut
    | Command
    | Other
)

_EVENTS: Mapping[str, type[Body]] = {
    "message": Said,
    "app_mention": Said,
    "app_home_opened": HomeOpened,
    "member_joined_channel": Joined,
    "tokens_revoked": Revoked,
    "app_uninstalled": Uninstalled,
}
_INTERACTIONS: Mapping[str, type[Body]] = {
    "block_actions": BlockActions,
    "view_submission": ViewSubmission,
    "shortcut": Shortcut,
    "message_action": MessageShortcut,
}


class _Event(_Body):
    type: str


class _Callback(_Body):
    event_id: Trigger
    event: dict[str, Any]


def body_of(sent: Mapping[str, Any]) -> Body:
    """Raises: ValueError - it is nothing that Slack sends."""
    if "command" in sent:
        return Command.model_validate(sent)
    kind = sent.get("type")
    if kind == "event_callback":
        event = _Callback.model_validate(sent).event
        return _EVENTS.get(_Event.model_validate(event).type, Other).model_validate(event)
    if isinstance(kind, str) and kind in _INTERACTIONS:
        return _INTERACTIONS[kind].model_validate(sent)
    raise ValueError("neither an event, nor an interaction, nor a command that was asked for")


ID: TypeAdapter[str] = TypeAdapter(Id)
