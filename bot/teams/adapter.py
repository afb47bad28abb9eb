"""A turn of the Bot Framework around one of ours; its successor replaces this, `proof` and
`managed_identity`, and nothing else."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import (
    Activity as Schema,
)
from botbuilder.schema import (
    ActivityTypes,
    ChannelAccount,
    ConversationAccount,
    ResourceResponse,
)

from bot.teams.activity import Activity
from bot.teams.proof import ChannelProof

OK = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """What an activity is answered with: sentences into its conversation, and what an invoke
    gives back at once. `problem` is the sentence in `body` that the person has to read."""

    sentences: tuple[str, ...] = ()
    body: Mapping[str, Any] | None = None
    status: int = OK
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Of the HTTP request; without a `body` it is empty."""

    status: int
    body: Mapping[str, Any] | None


Hear: TypeAlias = Callable[[Activity], Awaitable[Heard]]
Say: TypeAlias = Callable[[Activity, str], None]


class TeamsAdapter(CloudAdapter):  # type: ignore[misc]
    """`CloudAdapter` without its HTTP: activities come parsed, and what it sends goes to `say`."""

    def __init__(self, proof: ChannelProof, say: Say) -> None:
        super().__init__(proof)
        self._say = say

    async def turn(self, activity: Activity, authorization: str, hear: Hear) -> Answer:
        """Raises: Unproved - the channel did not send it; KeysUnavailable; whatever `hear` does."""
        schema = _schema(activity)
        proof = await self.bot_framework_authentication.authenticate_request(schema, authorization)

        async def logic(context: TurnContext) -> None:
            heard = await hear(activity)
            context.turn_state[_OURS] = activity
            for sentence in heard.sentences:
                await context.send_activity(Schema(type=ActivityTypes.message, text=sentence))
            if activity.kind == ActivityTypes.invoke:
                answer = InvokeResponse(status=heard.status, body=heard.body)
                given = Schema(type=ActivityTypes.invoke_response, value=answer)
                context.turn_state[self._INVOKE_RESPONSE_KEY] = given  # sending would copy the card

        result = await self.process_activity(proof, schema, logic)
        return Answer(201, None) if result is None else Answer(int(result.status), result.body)

    async def send_activities(
        self, context: TurnContext, activities: list[Schema]
    ) -> list[ResourceResponse]:
        for activity in activities:
            self._say(context.turn_state[_OURS], activity.text)
        return [ResourceResponse(id="") for _ in activities]


_OURS = "signoff.activity"


def _schema(activity: Activity) -> Schema:
    """What the SDK has to know of it. Its own reading of JSON loses `conversation.tenantId`."""
    return Schema(
        type=activity.kind,
        id=activity.id,
        channel_id=activity.channel,
        service_url=activity.service_url,
        conversation=ConversationAccount(id=activity.conversation, tenant_id=activity.tenant),
        from_property=ChannelAccount(id=activity.by.id, aad_object_id=activity.by.object_id),
        recipient=ChannelAccount(id=activity.bot),
        delivery_mode="expectReplies" if activity.expects_replies else None,
    )
