"""A worker asks for a job when it has a slot for it, and a permit where a limit holds for all."""

import asyncio

from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    WorkerTuner,
)

from orchestration.permits import Permits

_UNUSED = FixedSizeSlotSupplier(1)


def tuned(slots: int, permits: Permits) -> WorkerTuner:
    """For a worker of activities, that many at a time."""
    return WorkerTuner.create_composite(
        workflow_supplier=_UNUSED,
        activity_supplier=(
            PermittedSlots(slots, permits) if permits.limit else FixedSizeSlotSupplier(slots)
        ),
        local_activity_supplier=_UNUSED,
        nexus_supplier=_UNUSED,
    )


class PermittedSlots(CustomSlotSupplier):
    """The engine's library reserves a slot before it asks for a job, and frees it after the job or
    when none came for a minute; that from a thread of its own."""

    def __init__(self, slots: int, permits: Permits) -> None:
        self._free = asyncio.Semaphore(slots)
        self._permits = permits
        self._loop = asyncio.get_running_loop()

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        await self._free.acquire()
        try:
            await self._permits.take()
        except BaseException:
            self._free.release()
            raise
        return SlotPermit()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        return None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        pass

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        self._loop.call_soon_threadsafe(self._released, ctx.slot_info is None)

    def _released(self, idle: bool) -> None:
        self._free.release()
        self._permits.give(idle=idle)
