"""What happens in a Teams chat, as it is sent, and what can be seen and pressed of the answers."""

from typing import Any

from approvals.principals import PrincipalId
from orchestration.cards.model import Button, Card, InputField, Text
from orchestration.messages import Said, ThreadId
from tests.doubles.teams_room import TENANT, Room

ANA = ThreadId(f"teams:{TENANT}/a:ana")
CHANNEL = "19:general@thread.tacv2"
THREAD = ThreadId(f"teams:{TENANT}/{CHANNEL};messageid=7")
OMAR = PrincipalId("omar")
AT_BOT = {"type": "mention", "mentioned": {"id": "28:bot"}, "text": "<at>Signoff</at>"}
CARD = Card(
    id="plan-1",
    kind="plan",
    lead="Omar, please decide.",
    title="A storage account",
    blocks=(Text("It costs nothing."),),
    buttons=(
        Button("Approve", "approve", {"deployment": "1"}, audience=frozenset({OMAR})),
        Button("Rename", "rename", {"draft": "1"}, inputs=(InputField("name", "Name"),)),
    ),
    page="dep-1",
)


def in_channel(root: str = "", kind: str = "channel") -> dict[str, Any]:
    id = f"{CHANNEL};messageid={root}" if root else CHANNEL
    return {"conversation": {"id": id, "conversationType": kind, "tenantId": TENANT}}


def said(room: Room) -> list[tuple[str, str, str]]:
    events = room.service.received
    return [(e.thread, e.by, e.text) for e in events if isinstance(e, Said)]


def cards_of(room: Room) -> list[dict[str, Any]]:
    return [m["attachments"][0]["content"] for m in room.connector.messages if "attachments" in m]


def buttons_of(card: dict[str, Any]) -> list[str]:
    """Each once, whatever it falls back to in a client that does not know it."""
    return list(dict.fromkeys(action["title"] for action in actions_of(card) if "title" in action))


async def pressing(room: Room, verb: str, by: str = "ana") -> dict[str, Any]:
    """The invoke of pressing a button of the card, posted into the person's own chat."""
    thread = ThreadId(f"teams:{TENANT}/a:{by}")
    await room.send(room.activity(by))
    await room.front.surface.post(thread, CARD, key="k")
    drawn = cards_of(room)[-1]
    action = next(a for a in actions_of(drawn) if a.get("verb") == verb)
    value = {"action": {"type": "Action.Execute", "verb": verb, "data": action["data"]}}
    return room.activity(by, type="invoke", name="adaptiveCard/action", value=value, text=None)


def actions_of(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [action for each in node for action in actions_of(each)]
    if not isinstance(node, dict):
        return []
    own = [node] if str(node.get("type", "")).startswith("Action.") else []
    return own + [action for each in node.values() for action in actions_of(each)]
