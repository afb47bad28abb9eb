"""Attached documents are read as text, or refused in a sentence."""

from collections.abc import AsyncIterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from docx import Document

from bot.attachments import LARGEST_BYTES, LONGEST_TEXT, Attachments, Linked, read_document
from orchestration.errors import UserError
from tests.doubles.teams_room import running


def docx() -> bytes:
    document, written = Document(), BytesIO()
    document.add_paragraph("A storage account for the data team.")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "region", "East US"
    document.save(written)
    return written.getvalue()


def pdf(text: str) -> bytes:
    """One page that shows the text."""
    drawing = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table) + end


def bomb() -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", b" " * 40_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("needs.md", b"# Needs\n- storage", "# Needs\n- storage"),
        ("needs.TXT", "größer".encode("utf-8-sig"), "größer"),
        ("needs.txt", "größer".encode("utf-16"), "größer"),
        ("needs.docx", docx(), "A storage account for the data team.\nregion | East US"),
        ("needs.pdf", pdf("Databricks in East US"), "Databricks in East US"),
    ],
)
async def test_a_document_is_read_as_text(name: str, content: bytes, text: str) -> None:
    read = await read_document(name, content)
    assert (read.name, read.text.strip()) == (name, text)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("plan.png", b"", "I read md, txt, docx and pdf"),
        ("no-ending", b"", "I read md, txt, docx and pdf"),
        ("a.docx", b"not a zip", "damaged, protected or not what its name says"),
        ("a.docx", bomb(), "damaged, protected or not what its name says"),
        ("a.pdf", b"%PDF-1.4 junk", "damaged, protected or not what its name says"),
        ("a.txt", b"\x89PNG\x00\x01", "damaged, protected or not what its name says"),
        ("a.txt", b" \n", "found no text in 'a.txt'"),
        ("a.pdf", pdf(""), "is it a scan"),
    ],
)
async def test_what_cannot_be_read_is_said_in_a_sentence(
    name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        await read_document(name, content)


async def test_of_a_long_text_the_beginning_is_kept() -> None:
    assert len((await read_document("a.txt", b"x" * 1_000_000)).text) == LONGEST_TEXT


@pytest_asyncio.fixture
async def shelf() -> AsyncIterator[tuple[Attachments, str]]:
    async def give(request: web.Request) -> web.Response:
        match request.path:
            case "/small.txt":
                return web.Response(body=request.headers.get("Authorization", "").encode() or b"hi")
            case "/large.txt":
                return web.Response(body=BytesIO(b"x" * (LARGEST_BYTES + 1)))
            case "/moved.txt":
                raise web.HTTPFound("/small.txt")
            case _:
                return web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{any:.*}", give)
    async with running(app) as url, aiohttp.ClientSession() as http:
        yield Attachments(http, frozenset({"127.0.0.1", ".sharepoint.com"})), url


async def test_a_document_is_fetched_with_what_its_host_wants_to_see(
    shelf: tuple[Attachments, str],
) -> None:
    attachments, url = shelf
    linked = Linked("small.txt", f"{url}/small.txt", {"Authorization": "Bearer x"})
    assert (await attachments.read(linked)).text == "Bearer x"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("large.txt", "larger than 2 MB"),
        ("moved.txt", "its host answered 302"),
        ("gone.txt", "its host answered 404"),
    ],
)
async def test_what_cannot_be_fetched_is_said_in_a_sentence(
    shelf: tuple[Attachments, str], path: str, sentence: str
) -> None:
    attachments, url = shelf
    with pytest.raises(UserError, match=sentence):
        await attachments.read(Linked(path, f"{url}/{path}"))


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.txt",
        "https://sharepoint.com.evil.example/a.txt",
        "https://evilsharepoint.com/a.txt",
        "http://contoso.sharepoint.com/a.txt",
        "http://169.254.169.254/a.txt",
        "file:///etc/passwd",
        "http://[::1/a.txt",
        "",
    ],
)
async def test_nothing_is_fetched_from_elsewhere(shelf: tuple[Attachments, str], url: str) -> None:
    with pytest.raises(UserError, match="may not fetch"):
        await shelf[0].read(Linked("a.txt", url))
