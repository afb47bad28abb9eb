"""Says hello where the bot was installed, once however often Teams tells of it."""

from uuid import uuid4

from bot.teams.activity import Activity
from bot.teams.adapter import Heard
from bot.teams.speech import GREETING
from orchestration.document_ids import document_id
from orchestration.ports import Conflict, Create, Store

_CONTAINER = "greetings"
_REMEMBERED_S = 24 * 3600


class Greetings:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def installed(self, activity: Activity) -> Heard:
        if activity.action != "add":
            return Heard()
        known = Create(document_id(activity.conversation), {}, ttl_s=_REMEMBERED_S)
        try:
            await self._store.batch(_CONTAINER, activity.realm, [known], operation=uuid4().hex)
        except Conflict:
            return Heard()
        return Heard((GREETING,))
