"""Which form stored documents have, so that a build never touches what a later one wrote.

`FORMAT` counts up with every change of what a document means or holds: an older build, which would
drop what it does not know when it writes, refuses to read such a document, and what it was doing is
tried again, by a newer one or once it has been replaced. Documents of the first form carry none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Unpack

from orchestration.errors import TemporaryError
from orchestration.ports import Delete, Document, ETag, FindOptions, Page, Partitions, Store, Write

FORMAT = 2
"""2: a session keeps exchanges, a change may leave something behind."""
_KEY = "format"
_FIRST = 1


class NewerFormat(TemporaryError):
    def __init__(self, place: str, found: int, known: int) -> None:
        super().__init__(
            f"reading {place}: a newer Signoff wrote it (format {found}; this one knows {known}); "
            "let the newer one go on, and update this process",
            retry_after_s=30.0,
        )


class FormattedStore:
    """Satisfies `ports.Store` by way of another one. Raises besides: NewerFormat."""

    def __init__(self, store: Store, *, format: int = FORMAT) -> None:
        self._store = store
        self._format = format

    async def get(self, container: str, partition: str, id: str) -> Document:
        return self._read(container, await self._store.get(container, partition, id))

    async def find(self, container: str, partition: str, **options: Unpack[FindOptions]) -> Page:
        page = await self._store.find(container, partition, **options)
        return self._page(container, page)

    async def batch(
        self, container: str, partition: str, writes: Sequence[Write], *, operation: str
    ) -> tuple[ETag | None, ...]:
        if self._format > _FIRST:
            writes = [self._written(write) for write in writes]
        return await self._store.batch(container, partition, writes, operation=operation)

    async def waiting(
        self, container: str, what: str, *, cursor: str | None = None, limit: int = 1000
    ) -> Partitions:
        return await self._store.waiting(container, what, cursor=cursor, limit=limit)

    async def everywhere(
        self, container: str, id: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page:
        page = await self._store.everywhere(container, id, cursor=cursor, limit=limit)
        return self._page(container, page)

    def _page(self, container: str, page: Page) -> Page:
        return replace(page, documents=tuple(self._all(container, page.documents)))

    def _all(self, container: str, documents: Iterable[Document]) -> Iterable[Document]:
        return (self._read(container, document) for document in documents)

    def _read(self, container: str, document: Document) -> Document:
        """The document without the mark. Raises: NewerFormat."""
        found = document.body.get(_KEY, _FIRST)
        if found > self._format:
            raise NewerFormat(f"{container}/{document.id}", found, self._format)
        if _KEY not in document.body:
            return document
        return replace(document, body={k: v for k, v in document.body.items() if k != _KEY})

    def _written(self, write: Write) -> Write:
        if isinstance(write, Delete):
            return write
        return replace(write, body={**write.body, _KEY: self._format})
