"""Who is signed in: a cookie that only the browser knows, and its hash in the store."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from approvals.principals import PrincipalId
from orchestration.ports import Clock, Delete, NotFound, Put, Store

CONTAINER = "sign_ins"
VALID_S = 8 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """`form_key` is in every form of the session, and in nobody else's."""

    id: str
    person: PrincipalId
    until: datetime
    form_key: str


class Sessions:
    def __init__(self, store: Store, clock: Clock, organisation: str) -> None:
        self._store = store
        self._clock = clock
        self._organisation = organisation

    async def start(self, person: PrincipalId, secret: str) -> None:
        """From now on whoever has the secret is that person, for eight hours."""
        until = self._clock.now() + timedelta(seconds=VALID_S)
        body = {"person": person, "until": until.isoformat()}
        write = Put(_id(secret), body, ttl_s=VALID_S)
        await self._store.batch(CONTAINER, self._organisation, [write], operation=uuid4().hex)

    async def of(self, secret: str) -> Session | None:
        """None when it has ended, or never was."""
        try:
            found = await self._store.get(CONTAINER, self._organisation, _id(secret))
        except NotFound:
            return None
        until = datetime.fromisoformat(found.body["until"])
        if until <= self._clock.now():
            return None
        return Session(found.id, PrincipalId(found.body["person"]), until, _form_key(secret))

    async def end(self, session: Session) -> None:
        try:
            await self._store.batch(
                CONTAINER, self._organisation, [Delete(session.id)], operation=uuid4().hex
            )
        except NotFound:
            return


def _id(secret: str) -> str:
    return f"session:{sha256(secret.encode()).hexdigest()}"


def _form_key(secret: str) -> str:
    return hmac.new(secret.encode(), b"forms", sha256).hexdigest()
