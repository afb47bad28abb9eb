"""Whose turn it is to remind the engine of all that is open: one worker's for all of them.

A nudge is an action that a cluster may charge; without turns each worker would nudge everything.
"""

from uuid import uuid4

from orchestration.ports import Conflict, Create, Store

CONTAINER = "workspaces"
EVERY_S = 60
_ID = "reminded"


async def is_our_turn(store: Store, organisation: str) -> bool:
    """Whether nobody has had it in the last `EVERY_S`; then it is taken."""
    turn = Create(_ID, {}, ttl_s=EVERY_S - 5)
    try:
        await store.batch(CONTAINER, organisation, [turn], operation=uuid4().hex)
    except Conflict:
        return False
    return True
