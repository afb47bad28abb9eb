"""`ports.Store` in one database of Azure Cosmos DB.

Source: Azure Cosmos DB, transactional batch operations; pagination of query results; time to live.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import CosmosResourceNotFoundError

from orchestration.adapters.cosmos.batch import Batch
from orchestration.adapters.cosmos.containers import Containers, is_container_missing
from orchestration.adapters.cosmos.items import document, operations
from orchestration.adapters.cosmos.patience import Patience
from orchestration.adapters.cosmos.session_tokens import SessionTokens
from orchestration.adapters.documents import check_ids, check_names, encoded
from orchestration.ports import Document, ETag, NotFound, Page, Partitions, Write

_FIND = """SELECT * FROM c WHERE c.p = @p AND c.id >= @low AND c.id < @high
ORDER BY c.p {order}, c.id {order}"""
_ASCENDING = _FIND.format(order="ASC")
_DESCENDING = _FIND.format(order="DESC")
_WAITING = "SELECT VALUE c.p FROM c WHERE c.waits = @what"
_EVERYWHERE = "SELECT * FROM c WHERE c.id = @id"
_NOT_SO_FAR = 1002
"""The substatus where no replica has come as far as the session token."""
_FIRST, _AFTER_ALL = "!", "\x7f"
"""The least character of an id, and one that is greater than all of them."""


class CosmosStore:
    """A call is tried again under the same operation until it is answered or its time is over."""

    def __init__(self, client: CosmosClient, database: str, patience: Patience) -> None:
        self._containers = Containers(client.get_database_client(database))
        self._patience = patience
        self._tokens = SessionTokens()

    async def get(self, container: str, partition: str, id: str) -> Document:
        check_names(container, partition)
        check_ids(id)
        doing = f"reading {container}/{partition}/{id}"

        async def read(_: bool) -> Document:
            proxy = await self._containers.get(container)
            try:
                return document(await proxy.read_item(id, partition))
            except CosmosResourceNotFoundError as error:
                if is_container_missing(error):
                    raise
                raise NotFound(f"{doing}: there is no such document") from error

        return await self._patience.tried(doing, read)

    async def find(
        self,
        container: str,
        partition: str,
        *,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 100,
        descending: bool = False,
        session: bool = False,
    ) -> Page:
        check_names(container, partition)
        low, high = prefix, prefix + _AFTER_ALL
        if cursor is not None:
            low, high = (low, cursor) if descending else (cursor + _FIRST, high)

        async def asked(**options: Any) -> list[Mapping[str, Any]]:
            items = (await self._containers.get(container)).query_items(
                _DESCENDING if descending else _ASCENDING,
                parameters=_parameters(p=partition, low=low, high=high),
                partition_key=partition,
                max_item_count=limit + 1,
                **options,
            )
            return await _first(items, limit + 1)

        async def query(_: bool) -> Page:
            try:
                found = await asked(**self._tokens.options(container, partition) if session else {})
            except CosmosResourceNotFoundError as error:
                if error.sub_status != _NOT_SO_FAR:
                    raise
                self._tokens.forget(container, partition)
                found = await asked()
            page = tuple(map(document, found[:limit]))
            return Page(page, page[-1].id if len(found) > limit else None)

        return await self._patience.tried(f"listing {container}/{partition}/{prefix}", query)

    async def batch(
        self, container: str, partition: str, writes: Sequence[Write], *, operation: str
    ) -> tuple[ETag | None, ...]:
        check_names(container, partition, operation)
        place = f"{container}/{partition}"
        texts = encoded(place, writes)
        items = operations(partition, writes, texts, operation)

        async def write(applied: bool) -> tuple[ETag | None, ...]:
            proxy = await self._containers.get(container)
            batch = Batch(proxy, place, partition, writes, items, operation)
            with self._tokens.writing(container, partition) as heard:
                return await batch.attempt(applied, heard)

        return await self._patience.tried(f"writing {place}", write)

    async def waiting(
        self, container: str, what: str, *, cursor: str | None = None, limit: int = 1000
    ) -> Partitions:
        async def query(_: bool) -> Partitions:
            proxy = await self._containers.get(container)
            found, following = await _page(proxy, _WAITING, cursor, limit, what=what)
            return Partitions(tuple(dict.fromkeys(found)), following)

        doing = f"looking for what waits in {container}"
        return await self._patience.tried(doing, query)

    async def everywhere(
        self, container: str, id: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page:
        async def query(_: bool) -> Page:
            proxy = await self._containers.get(container)
            found, following = await _page(proxy, _EVERYWHERE, cursor, limit, id=id)
            return Page(tuple(map(document, found)), following)

        return await self._patience.tried(f"listing {container}/*/{id}", query)


async def _page(
    container: ContainerProxy, query: str, cursor: str | None, limit: int, **parameters: str
) -> tuple[list[Any], str | None]:
    """One page over all partitions, which may be empty; its cursor is the server's continuation,
    good for as long as the account is."""
    headers: dict[str, Any] = {}
    items = container.query_items(
        query,
        parameters=_parameters(**parameters),
        max_item_count=limit,
        response_hook=lambda last, _: headers.update(last),
    )
    async for page in items.by_page(cursor):
        return [item async for item in page], headers.get("x-ms-continuation") or None
    return [], None


async def _first(items: Any, most: int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    async for item in items:
        found.append(item)
        if len(found) == most:
            break
    return found


def _parameters(**values: str) -> list[dict[str, object]]:
    return [{"name": f"@{name}", "value": value} for name, value in values.items()]
