"""Documents that come with a message, read as text."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

import aiohttp
from docx import Document
from pypdf import PdfReader
from yarl import URL

from orchestration.errors import UserError
from orchestration.messages import Attachment

LARGEST_BYTES = 2_000_000
LONGEST_TEXT = 100_000
"""Characters that are kept of a document; nobody asks for more infrastructure than that."""
_LARGEST_UNPACKED = 30_000_000
_MOST_PAGES = 100
_READING_S = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=6, connect=3)


@dataclass(frozen=True, slots=True)
class Linked:
    """Where a document lies; `headers` are what its host wants to see, e.g. a token."""

    name: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Attachments:
    """Fetches from `hosts` alone; one that starts with a dot stands for all hosts below it."""

    def __init__(self, http: aiohttp.ClientSession, hosts: frozenset[str]) -> None:
        self._http = http
        self._hosts = tuple(host.lower() for host in hosts)

    async def read(self, linked: Linked) -> Attachment:
        """The document as text. Raises: UserError - a sentence about why it cannot be read."""
        if _reader(linked.name) is None:
            raise UserError(_unreadable(linked.name))
        return await read_document(linked.name, await self._fetched(linked))

    async def _fetched(self, linked: Linked) -> bytes:
        if not self._allowed(linked.url):
            raise UserError(f"I may not fetch {linked.name!r} from where it lies.")
        try:
            get = self._http.get(
                linked.url, headers=linked.headers, timeout=_TIMEOUT, allow_redirects=False
            )
            async with get as response:
                if response.status != 200:
                    raise UserError(
                        f"I could not fetch {linked.name!r} (its host answered {response.status}); "
                        "please paste what matters of it."
                    )
                return await _at_most(response.content, linked.name)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UserError(
                f"I could not fetch {linked.name!r}: its host does not answer; please try again."
            ) from error

    def _allowed(self, address: str) -> bool:
        try:
            url = URL(address)
        except ValueError:
            return False
        host = (url.host or "").lower()
        named = any(host == one or (one[:1] == "." and host.endswith(one)) for one in self._hosts)
        return named and (url.scheme == "https" or host in {"127.0.0.1", "localhost"})


async def read_document(name: str, content: bytes) -> Attachment:
    """Raises: UserError - a sentence about why it cannot be read."""
    read = _reader(name)
    if read is None:
        raise UserError(_unreadable(name))
    try:
        async with asyncio.timeout(_READING_S):
            text = await asyncio.to_thread(read, content)
    except Exception as error:  # whatever the libraries raise for a broken document
        raise UserError(
            f"I cannot read {name!r}: it is damaged, protected or not what its name says."
        ) from error
    if not text.strip():
        raise UserError(f"I found no text in {name!r}; is it a scan? Please paste what matters.")
    return Attachment(name, text[:LONGEST_TEXT])


async def _at_most(content: aiohttp.StreamReader, name: str) -> bytes:
    held = bytearray()
    async for chunk in content.iter_chunked(64 * 1024):
        held += chunk
        if len(held) > LARGEST_BYTES:
            most = LARGEST_BYTES // 1_000_000
            raise UserError(f"{name!r} is larger than {most} MB; please send what matters of it.")
    return bytes(held)


def _reader(name: str) -> Callable[[bytes], str] | None:
    return _READERS.get(PurePath(name).suffix.lower())


def _unreadable(name: str) -> str:
    return f"I cannot read {name!r}: I read md, txt, docx and pdf. Please paste what matters of it."


def _plain(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = content.decode(encoding)
    if "\0" in text:
        raise ValueError("not a text")
    return text


def _docx(content: bytes) -> str:
    """Paragraphs and tables, in their order."""
    try:
        with ZipFile(BytesIO(content)) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
    except BadZipFile as error:
        raise ValueError("not a docx") from error
    if unpacked > _LARGEST_UNPACKED:
        raise ValueError("unpacks to too much")
    lines = []
    for block in Document(BytesIO(content)).iter_inner_content():
        if hasattr(block, "rows"):
            lines += [" | ".join(cell.text for cell in row.cells) for row in block.rows]
        else:
            lines.append(block.text)
    return "\n".join(lines)


def _pdf(content: bytes) -> str:
    pages = PdfReader(BytesIO(content)).pages[:_MOST_PAGES]
    return "\n".join(page.extract_text() for page in pages)


_READERS: Mapping[str, Callable[[bytes], str]] = {
    ".md": _plain,
    ".txt": _plain,
    ".docx": _docx,
    ".pdf": _pdf,
}
