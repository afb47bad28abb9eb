"""Reminds the engine of all that is open, so that one whose nudge was lost, or whose worker died,
is found again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from orchestration.jobs.workshop import Workshop
from orchestration.measures import deployments_open
from orchestration.reminding import EVERY_S, is_our_turn

_AGAIN_S = 2.0
_AT_ONCE = 20
_log = logging.getLogger(__name__)


async def reconcile(
    shop: Workshop, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Nudge every open deployment, at the start and now and then, in turn with other workers."""
    due = True
    while True:
        try:
            due = due or await is_our_turn(shop.deployments.store, shop.organisation)
            found = await shop.deployments.open() if due else ()
            deployments_open(len(found))
            for n in range(0, len(found), _AT_ONCE):
                await asyncio.gather(*map(shop.engine.nudge, found[n : n + _AT_ONCE]))
            due = False
            await sleep(EVERY_S)
        except Exception:
            _log.warning("reconcile_postponed", exc_info=True)
            await sleep(_AGAIN_S)
