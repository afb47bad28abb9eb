"""`python -m bot.documents .pdf`: a document on standard input, its text on standard output.

A process of its own, since a document may keep its reader busy for ever, or unpack to too much.
"""

import resource
import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from zipfile import ZipFile

from docx import Document
from pypdf import PdfReader

_LARGEST_UNPACKED = 30_000_000
_MOST_PAGES = 100
_MEMORY_BYTES = 1 << 30
_PROCESSOR_S = 10


def main(kind: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_S, _PROCESSOR_S))
    text = _READERS[kind](sys.stdin.buffer.read())
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


def _docx(content: bytes) -> str:
    """Paragraphs and tables, in their order."""
    with ZipFile(BytesIO(content)) as packed:
        if sum(each.file_size for each in packed.infolist()) > _LARGEST_UNPACKED:
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


_READERS: Mapping[str, Callable[[bytes], str]] = {".docx": _docx, ".pdf": _pdf}


if __name__ == "__main__":
    main(sys.argv[1])
