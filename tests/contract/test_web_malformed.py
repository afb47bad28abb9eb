"""Whatever is sent, the pages answer with words and never with a fault of their own."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable

import pytest
from yarl import URL

from orchestration.ports import DeploymentId
from tests.doubles.house import House, draft
from tests.doubles.oidc_provider import oidc_provider
from tests.doubles.pages import Reader, Served, reader, served

TIMES = 1500
_JUNK = "\x00\x01 ä€😀%%&=;:/\\.'\"<>{}[]()+-_~aZ09\r\n\t"
_KINDS = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=nonsense",
    "application/x-www-form-urlencoded; charset=utf-16",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "b" * 200,
    "application/json",
    "text/plain; charset=",
    "",
    "//;;",
)


@pytest.fixture
async def pages(home: House) -> AsyncIterator[Served]:
    async with oidc_provider() as provider:
        provider.now = home.clock.now
        provider.is_person(5)
        async with served(home, sign_in="entra", provider=provider) as running:
            yield running


@pytest.fixture
async def omar(pages: Served) -> AsyncIterator[Reader]:
    async with reader(pages) as browser:
        await browser.get("/sign-in")
        yield browser


@pytest.fixture
async def id(home: House) -> DeploymentId:
    id = await home.submit(draft("storage", environment="production"))
    await home.worker().run(id)
    return id


def junk(chance: random.Random, most: int = 60) -> str:
    return "".join(chance.choice(_JUNK) for _ in range(chance.randrange(most)))


def body(chance: random.Random) -> bytes:
    shapes: tuple[Callable[[], bytes], ...] = (
        lambda: junk(chance, 300).encode(),
        lambda: chance.randbytes(chance.randrange(300)),
        lambda: f"form_key={junk(chance)}&verb=approve&nonce={junk(chance)}".encode(),
        lambda: b"--x\r\nContent-Disposition: form-data; name=form_key\r\n\r\n" + b"a" * 50,
        lambda: b"--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nz\r\n--x--",
        lambda: b"--x\r\nContent-Transfer-Encoding: nonsense\r\n\r\nz\r\n--x--",
    )
    return chance.choice(shapes)()


async def test_junk_in_forms_is_refused_in_words(
    home: House, omar: Reader, id: DeploymentId
) -> None:
    chance = random.Random(7)
    for _ in range(TIMES // 3):
        kind = {"Content-Type": chance.choice(_KINDS)}
        path = chance.choice((f"/d/{id}", "/sign-out", "/d/d-none"))
        url = f"{omar.pages.url}{path}"
        async with omar.http.post(url, data=body(chance), headers=kind) as answer:
            assert 400 <= answer.status < 500, (path, kind)
    assert (await home.get(id)).decisions == ()
    assert (await omar.get("/waiting"))[0] == 200


async def test_junk_in_addresses_is_answered_in_words(omar: Reader, id: DeploymentId) -> None:
    chance = random.Random(8)
    paths = ("/", "/waiting", "/history", "/analytics", f"/d/{id}", "/sign-in/callback", "/d/x")
    names = ("text", "state", "since", "until", "page", "days", "clicked", "t", "code", "next")
    for _ in range(TIMES):
        query = {name: junk(chance) for name in chance.sample(names, 3)}
        url = f"{omar.pages.url}{chance.choice(paths)}"
        async with omar.http.get(url, params=query, allow_redirects=False) as answer:
            assert answer.status < 500, (url, query)


async def test_junk_in_cookies_is_nobody(pages: Served, id: DeploymentId) -> None:
    chance = random.Random(9)
    letters = [letter for letter in _JUNK if letter.isascii() and letter.isprintable()]
    async with reader(pages) as browser:
        for _ in range(TIMES // 3):
            value = "".join(chance.choice(letters) for _ in range(chance.randrange(200)))
            cookie = {"Cookie": f"signoff={value}; signoff-attempt={value}"}
            for path in ("/waiting", f"/d/{id}", "/sign-in/callback?code=a&state=b"):
                async with browser.http.get(f"{pages.url}{path}", headers=cookie) as answer:
                    assert answer.status == 403


async def test_a_cookie_of_raw_bytes_is_nobody(pages: Served) -> None:
    host, port = pages.url.removeprefix("http://").split(":")
    for path, name in (("/waiting", "signoff"), ("/sign-in/callback?code=a", "signoff-attempt")):
        sent = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {name}=".encode() + b"\xff\r\n\r\n"
        reading, writing = await asyncio.open_connection(host, int(port))
        writing.write(sent)
        first = await reading.readline()
        writing.close()
        await writing.wait_closed()
        assert b" 403 " in first, path


async def test_a_form_key_of_half_a_letter_is_refused(omar: Reader) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}
    url = f"{omar.pages.url}/sign-out"
    async with omar.http.post(url, data=b"form_key=+2AA-", headers=kind) as answer:
        assert answer.status == 403


ODD = [
    *("/d", "/d/", "/d//", "/d/..%2f..%2fetc", "/d/%00", "/d/a%2Fb", "/d/%F0%9F%98%80", "/d/a/b"),
    *("/d/" + "x" * 101, "/d/%ff", "/d/%3Cscript%3E", "/d/x/log/1", "/d/x/live/y"),
    *("/d/x/log/r/001/destroy", "/d/%25", "/d/%3Bx"),
]


@pytest.mark.parametrize("path", ODD)
async def test_an_odd_address_of_a_deployment_is_a_page_that_says_so(
    omar: Reader, path: str
) -> None:
    for accept in ("text/html", "*/*", ""):
        url = URL(f"{omar.pages.url}{path}", encoded=True)
        async with omar.http.get(url, headers={"Accept": accept}) as answer:
            text = await answer.text()
        assert answer.status == 404
        assert "There is no such page" in text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "<script>" not in text
