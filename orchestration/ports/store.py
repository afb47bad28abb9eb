"""Where documents and artifacts are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType, Protocol, TypeAlias, TypedDict, Unpack

from orchestration.errors import SignoffError
from orchestration.ports.ids import Body

ETag = NewType("ETag", str)


class StoreError(SignoffError):
    """Something the store refused."""


class NotFound(StoreError):
    """There is no such document, or it has expired."""


class Conflict(StoreError):
    """The document exists already."""


class Stale(StoreError):
    """The document changed since it was read."""


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    body: Body
    etag: ETag


@dataclass(frozen=True, slots=True)
class Create:
    """`waits` names what the document waits for, "" for nothing; `Store.waiting` finds it by that.
    In `Replace` and `Put` it is the same."""

    id: str
    body: Body
    ttl_s: int | None = None
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Replace:
    id: str
    body: Body
    if_match: ETag
    ttl_s: int | None = None
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Put:
    """Create or replace whatever is there; only for documents with one writer, or derived ones."""

    id: str
    body: Body
    ttl_s: int | None = None
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    id: str
    if_match: ETag | None = None


Write: TypeAlias = Create | Replace | Put | Delete

OVERWRITTEN = ETag("")
"""The etag of a document that was written and has been changed since; no document has it."""


@dataclass(frozen=True, slots=True)
class Page:
    documents: tuple[Document, ...]
    cursor: str | None
    """Pass it to what gave the page for what follows; None at the end."""


@dataclass(frozen=True, slots=True)
class Partitions:
    found: tuple[str, ...]
    cursor: str | None
    """As that of a page."""


class FindOptions(TypedDict, total=False):
    """Without any: the first 100 documents of the partition, in order of id (bytes)."""

    prefix: str
    """Of the ids."""
    cursor: str | None
    """An id: it goes on after that one, whether that is there or not."""
    limit: int
    """The most documents of the page."""
    descending: bool
    session: bool
    """Cheaper; what others have stored there since this process last did may be missing."""


class Store(Protocol):
    """Small JSON documents in containers; one partition changes atomically, and only that.

    A write that returned is durable and is seen by every later read from any process.
    `Create` raises `Conflict`, `Replace` raises `NotFound` or `Stale`, `Delete` raises `NotFound`
    or `Stale`; then nothing of the batch has happened. A partition has 1-255 characters of any
    kind, an id 1-255 letters, digits and `-._~:%@!+` (`document_ids` makes one of anything). A
    document has at most 1,000,000 bytes as JSON and a batch 2,000,000; what passes a limit or is
    not JSON raises `PermanentError`. A document with `ttl_s` is gone after that.
    """

    async def get(self, container: str, partition: str, id: str) -> Document:
        """Raises: NotFound."""
        ...

    async def find(self, container: str, partition: str, **options: Unpack[FindOptions]) -> Page:
        """A page of the documents of a partition."""
        ...

    async def batch(
        self, container: str, partition: str, writes: Sequence[Write], *, operation: str
    ) -> tuple[ETag | None, ...]:
        """Do all writes or none; the new etags in order (None for a delete). 1-100 writes, at most
        one for a document.

        `operation` is left in every document that is written. A batch whose conditions fail, while
        one of its documents carries its operation, has been applied before: nothing changes and
        the etags it has produced are returned, `OVERWRITTEN` for what was changed since. So one
        with a `Create` can be repeated safely; a `Put` is done again.

        Raises: Conflict, NotFound, Stale; TemporaryError - it is not known to have happened, and
        repeating it under the same operation is safe.
        """
        ...

    async def waiting(
        self, container: str, what: str, *, cursor: str | None = None, limit: int = 1000
    ) -> Partitions:
        """Partitions that hold a document which waits for `what`, at most `limit`, in no order; one
        may be found again after the cursor.

        Looks in all partitions: for sweeps, not for a turn or a click.
        """
        ...

    async def everywhere(
        self, container: str, id: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page:
        """The documents with that id of all partitions. Reads the whole container: for rebuilds."""
        ...


class ArtifactStore(Protocol):
    """Plan files, rendered files and logs; encrypted at rest, immutable, expiring."""

    async def put(self, name: str, content: bytes, *, ttl_s: int | None = None) -> None:
        """Store under `name` (`a/b/c`, of letters, digits and `._@:+-`; no part starts with a dot).

        Putting the same content again is a no-op, except that the later expiry holds.

        Raises: Conflict - other content is there; PermanentError - not a name; TemporaryError.
        """
        ...

    async def get(self, name: str) -> bytes:
        """Raises: NotFound - never stored, or expired; PermanentError - damaged; TemporaryError."""
        ...

    async def check(self) -> None:
        """Look now whether they, and the key that seals them, are there.

        Raises: TemporaryError, PermanentError.
        """
        ...
