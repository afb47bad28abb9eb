"""The JSON of an activity: what is read of it, and within which limits; the rest is ignored."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel


def _or_empty(value: Any) -> Any:
    return "" if value is None else value


Word = Annotated[str, BeforeValidator(_or_empty), Field(max_length=1000)]
Words = Annotated[str, BeforeValidator(_or_empty), Field(max_length=200_000)]
Id = Annotated[str, Field(min_length=1, max_length=180)]
Objects = Annotated[list[dict[str, JsonValue]] | None, Field()]


class Sent(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class SentAccount(Sent):
    id: Id
    name: Word = ""
    aad_object_id: Word = ""
    role: Word = ""
    user_role: Word = ""


class SentBot(Sent):
    id: Word = ""


class SentConversation(Sent):
    id: Id
    conversation_type: Word = ""
    tenant_id: Word = ""
    is_group: bool | None = None


class SentTenant(Sent):
    id: Word = ""


class SentChannelData(Sent):
    tenant: SentTenant | None = None


class SentActivity(Sent):
    type: Annotated[str, Field(min_length=1, max_length=100)]
    id: Word = ""
    channel_id: Annotated[str, Field(min_length=1, max_length=100)]
    service_url: Annotated[str, Field(min_length=1, max_length=1000)]
    conversation: SentConversation
    by: Annotated[SentAccount, Field(alias="from")]
    recipient: SentBot | None = None
    text: Words = ""
    value: JsonValue = None
    name: Word = ""
    action: Word = ""
    delivery_mode: Word = ""
    channel_data: SentChannelData | None = None
    entities: Objects = None
    attachments: Objects = None
