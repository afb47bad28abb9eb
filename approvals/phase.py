"""Where a step is, as far as a click is concerned."""

from enum import StrEnum


class Phase(StrEnum):
    """`AWAITING` takes decisions; `APPROVED` waits to run and can still be stopped."""

    PLANNING = "planning"
    BLOCKED = "blocked"
    AWAITING = "awaiting"
    APPROVED = "approved"
    RUNNING = "running"
    FINISHED = "finished"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
