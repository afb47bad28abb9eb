"""One batch: done, or refused with a reason, or known to have been done before."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from azure.cosmos.aio import ContainerProxy
from azure.cosmos.exceptions import CosmosBatchOperationError, CosmosResourceNotFoundError

from orchestration.adapters.cosmos.containers import is_container_missing
from orchestration.adapters.cosmos.items import BatchOperation, Item, etag
from orchestration.adapters.cosmos.transport import Unanswered
from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import (
    OVERWRITTEN,
    Conflict,
    Create,
    Delete,
    ETag,
    NotFound,
    Stale,
    StoreError,
    Write,
)

_REFUSALS: dict[int, tuple[type[StoreError], str]] = {
    404: (NotFound, "there is no such document"),
    409: (Conflict, "it exists already"),
    412: (Stale, "it changed since it was read; read it again"),
}
OnHeaders: TypeAlias = Callable[[Mapping[str, str]], None]
_FOR_NOW = {408, 410, 424, 429, 449, 500, 503}


@dataclass(frozen=True, slots=True)
class Batch:
    """`place` is container and partition, for the messages."""

    container: ContainerProxy
    place: str
    partition: str
    writes: Sequence[Write]
    operations: Sequence[BatchOperation]
    operation: str

    async def attempt(self, applied: bool, heard: OnHeaders) -> tuple[ETag | None, ...]:
        """`applied`: an attempt before may have done it already. `heard` gets the headers of the
        answer, if there is one.

        Raises: Conflict, NotFound, Stale, TemporaryError, PermanentError; Unanswered.
        """
        try:
            answers = await self.container.execute_item_batch(
                [(kind, args, dict(options)) for kind, args, options in self.operations],
                partition_key=self.partition,
                response_hook=lambda headers, _: heard(headers),
            )
        except CosmosBatchOperationError as error:
            return await self._refused(error, applied)
        return tuple(
            None if isinstance(write, Delete) else etag(answer["eTag"])
            for write, answer in zip(self.writes, answers, strict=True)
        )

    async def _refused(
        self, error: CosmosBatchOperationError, applied: bool
    ) -> tuple[ETag | None, ...]:
        """What it has produced, if it was done before.

        Raises: as `attempt`.
        """
        status, write = int(error.status_code or 0), self.writes[error.error_index or 0]
        if status in _FOR_NOW:
            raise Unanswered(f"status {status}", applied=False) from error
        doing = f"{type(write).__name__.lower()} {self.place}/{write.id}"
        if status not in _REFUSALS:
            raise PermanentError(f"{doing}: Cosmos DB refuses it: {status}") from error
        found = await asyncio.gather(*map(self._present, self.writes))
        if any(self._mine(item) for item in found):
            return tuple(map(self._produced, self.writes, found))
        if isinstance(write, Create) and found[error.error_index or 0] is None:
            raise Unanswered("it was there and is not", applied=False) from error
        if applied and not any(isinstance(one, Create) for one in self.writes):
            raise TemporaryError(f"{doing}: it is not known whether it was done") from error
        refusal, why = _REFUSALS[status]
        raise refusal(f"{doing}: {why}") from error

    async def _present(self, write: Write) -> Item | None:
        try:
            return await self.container.read_item(write.id, self.partition)
        except CosmosResourceNotFoundError as error:
            if is_container_missing(error):
                raise
            return None

    def _mine(self, item: Item | None) -> bool:
        return item is not None and item["o"] == self.operation

    def _produced(self, write: Write, item: Item | None) -> ETag | None:
        if isinstance(write, Delete):
            return None
        return etag(item["_etag"]) if item and self._mine(item) else OVERWRITTEN
