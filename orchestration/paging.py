"""Reading on from cursor to cursor."""

from collections.abc import AsyncIterator, Awaitable
from functools import partial
from typing import Protocol, TypeVar

from orchestration.ports import Document, Store

_AT_ONCE = 1000


class _HasCursor(Protocol):
    @property
    def cursor(self) -> str | None: ...


_P = TypeVar("_P", bound=_HasCursor, covariant=True)


class _Read(Protocol[_P]):
    def __call__(self, *, cursor: str | None) -> Awaitable[_P]: ...


async def pages(read: _Read[_P], *, after: str | None = None) -> AsyncIterator[_P]:
    """All that `read` gives, page by page, from the cursor `after` on."""
    cursor = after
    while True:
        page = await read(cursor=cursor)
        yield page
        cursor = page.cursor
        if cursor is None:
            return


async def all_in(
    store: Store,
    container: str,
    partition: str,
    *,
    prefix: str = "",
    after: str | None = None,
    at_once: int = _AT_ONCE,
    session: bool = False,
) -> AsyncIterator[Document]:
    """What `Store.find` finds, all of it."""
    find = partial(store.find, container, partition, prefix=prefix, limit=at_once, session=session)
    async for page in pages(find, after=after):
        for document in page.documents:
            yield document


async def all_waiting(store: Store, container: str, what: str) -> tuple[str, ...]:
    """Every partition that holds a document which waits for `what`, each once: for sweeps."""
    found: dict[str, None] = {}
    async for page in pages(partial(store.waiting, container, what)):
        found |= dict.fromkeys(page.found)
    return tuple(found)
