"""Documents that come with a message, read as text."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

import aiohttp
from yarl import URL

from orchestration.errors import UserError
from orchestration.messages import Attachment

LARGEST_BYTES = 2_000_000
LONGEST_TEXT = 100_000
"""Characters that are kept; nobody asks for more infrastructure than that."""
_READING_S = 5.0
_PLAIN = frozenset({".md", ".txt"})
_READABLE = _PLAIN | {".docx", ".pdf"}
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
        if PurePath(linked.name).suffix.lower() not in _READABLE:
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
    kind = PurePath(name).suffix.lower()
    if kind not in _READABLE:
        raise UserError(_unreadable(name))
    try:
        text = _plain(content) if kind in _PLAIN else await _read_apart(kind, content)
    except (ValueError, TimeoutError) as error:
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


async def _read_apart(kind: str, content: bytes) -> str:
    """By a process of its own, which ends when it takes too long or too much memory.

    Raises: ValueError - it cannot be read; TimeoutError.
    """
    command = (sys.executable, "-m", "bot.documents", kind)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(_READING_S):
            text, _ = await process.communicate(content)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ValueError(f"reading a {kind} failed")
    return text.decode("utf-8")


def _unreadable(name: str) -> str:
    return f"I cannot read {name!r}: I read md, txt, docx and pdf. Please paste what matters of it."


def _plain(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = content.decode(encoding)
    if "\0" in text:
        raise ValueError("not a text")
    return text
