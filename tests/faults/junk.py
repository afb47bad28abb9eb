"""Requests that nobody should send: what Teams, Slack and browsers send, damaged; from a seed."""

import gzip
import json
import random
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

Signer = Literal["teams", "slack", "nobody"]

_TEAMS, _SLACK = "/api/messages", "/slack/events"
_PAGES = (
    "/",
    "/waiting",
    "/history",
    "/analytics",
    "/sign-in",
    "/sign-in/back",
    "/sign-out",
    "/d/d-12345678",
    "/d/d-12345678/live",
    "/d/d-12345678/log/step/001/plan",
    "/assets/page.css",
    "/favicon.ico",
    "/health",
    "/slack/install",
    "/slack/oauth_redirect",
    "/no/such/page",
)
_METHODS = ("GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
_TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/json; charset=nonsense",
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/octet-stream",
    "",
    "no type at all",
)
_WORDS = ("", " ", "\x00", "\ud800", "\u202e", "é" * 300, "{{7*7}}", "'; --", "../../etc/passwd")


@dataclass(frozen=True, slots=True)
class Junk:
    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    signer: Signer = "nobody"
    about: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


class Source:
    """`activities`, `payloads` and `events` are good ones, to be damaged."""

    def __init__(
        self,
        seed: int,
        activities: Sequence[Mapping[str, Any]],
        payloads: Sequence[Mapping[str, Any]],
        events: Sequence[Mapping[str, Any]],
    ) -> None:
        self._chance = random.Random(seed)
        self._activities = activities
        self._payloads = payloads
        self._events = events

    def next(self) -> Junk:
        where = self._chance.random()
        if where < 0.4:
            return self._teams()
        return self._slack() if where < 0.8 else self._page()

    def _teams(self) -> Junk:
        body = self._damaged(self._chance.choice(self._activities))
        raw, headers = self._packed(_json(body), "application/json")
        return Junk("POST", _TEAMS, raw, headers, self._signer("teams"), "activity")

    def _slack(self) -> Junk:
        if self._chance.random() < 0.5:
            body = self._damaged(self._chance.choice(self._events))
            raw, headers = self._packed(_json(body), "application/json")
            return Junk("POST", _SLACK, raw, headers, self._signer("slack"), "event")
        payload = self._damaged(self._chance.choice(self._payloads))
        as_command = isinstance(payload, dict) and "command" in payload
        fields = payload if as_command else {"payload": _text(payload)}
        form = urllib.parse.urlencode(
            {str(k): v if isinstance(v, str) else _text(v) for k, v in fields.items()},
            errors="surrogatepass",
        )
        raw, headers = self._packed(form.encode(), "application/x-www-form-urlencoded")
        return Junk("POST", _SLACK, raw, headers, self._signer("slack"), "payload")

    def _page(self) -> Junk:
        chance = self._chance
        path, method = chance.choice(_PAGES), chance.choice(_METHODS)
        names = ("t", "code", "state", "q", "page", "error", "from", "id")
        query = {chance.choice(names): self._word() for _ in range(chance.randrange(4))}
        query = {k: v.replace("\ud800", "?").replace("\x00", "0") for k, v in query.items()}
        cookies = "; ".join(
            f"{n}={chance.randbytes(9).hex()}" for n in ("AIOHTTP_SESSION", "signoff")
        )
        raw, headers = self._packed(_json(self._value(2)), chance.choice(_TYPES))
        body = raw if method in {"POST", "PUT", "PATCH"} else b""
        headers = headers if body else {}
        return Junk(method, path, body, {**headers, "Cookie": cookies}, about="page", query=query)

    # ------------------------------------------------ damage

    def _damaged(self, good: Mapping[str, Any]) -> Any:
        body: Any = deepcopy(dict(good))
        for _ in range(self._chance.randrange(1, 5)):
            body = self._changed(body)
        return body

    def _changed(self, node: Any) -> Any:
        """The tree with one place taken out, replaced or added to; deeper places are likelier."""
        if isinstance(node, dict) and node and self._chance.random() < 0.92:
            key = self._chance.choice(sorted(map(str, node)))
            if key not in node:
                return node
            change = self._chance.random()
            if change < 0.15:
                return {k: v for k, v in node.items() if k != key}
            if change < 0.4:
                return {**node, key: self._value(3)}
            if change < 0.45:
                return {**node, self._word(): self._value(2)}
            return {**node, key: self._changed(node[key])}
        if isinstance(node, list) and node and self._chance.random() < 0.9:
            at = self._chance.randrange(len(node))
            return [*node[:at], self._changed(node[at]), *node[at + 1 :]]
        return self._value(3)

    def _value(self, depth: int) -> Any:
        makes: tuple[Callable[[], Any], ...] = (
            lambda: None,
            lambda: self._chance.choice((0, -1, 1e308, 2**70, float("nan"), True, False)),
            self._word,
            self._word,
            lambda: "x" * self._chance.choice((5_000, 200_000)),
            lambda: _nested(self._chance.choice((50, 900, 5_000))),
            lambda: [self._value(depth - 1) for _ in range(3)] if depth else [],
            lambda: {self._word(): self._value(depth - 1)} if depth else {},
        )
        weights = (4, 4, 4, 4, 1, 1, 3, 3)
        return self._chance.choices(makes, weights)[0]()

    def _word(self) -> str:
        return self._chance.choice((*_WORDS, "word", "1795313551.000001", "T000000001", "signoff"))

    def _packed(self, raw: bytes, content_type: str) -> tuple[bytes, dict[str, str]]:
        """The body as it travels, now and then not as it says that it is."""
        headers = {"Content-Type": content_type} if content_type else {}
        match self._chance.randrange(30):
            case 0:
                return raw[: self._chance.randrange(len(raw) + 1)], headers
            case 1:
                return self._chance.randbytes(self._chance.choice((1, 100, 4000))), headers
            case 2:
                return raw.decode("utf-8", "replace").encode("utf-16"), headers
            case 3:
                return gzip.compress(raw), {**headers, "Content-Encoding": "gzip"}
            case 4:
                return raw, {**headers, "Content-Encoding": "gzip"}
            case 5:
                return raw, {"Content-Type": self._chance.choice(_TYPES)}
            case 6:
                return b"", headers
            case 7 if self._chance.random() < 0.1:
                return raw + b" " * (1024 * 1024 + 1), headers
            case _:
                return raw, headers

    def _signer(self, real: Signer) -> Signer:
        return self._chance.choices((real, "nobody"), (7, 3))[0]


def _nested(depth: int) -> str:
    """Marks where an array in arrays goes; see `_text`."""
    return f"\x01nested {depth}\x01"


def _text(value: Any) -> str:
    """JSON, which Python would not nest as deep as we want it."""
    text = json.dumps(value, ensure_ascii=True)
    while (start := text.find('"\\u0001nested ')) >= 0:
        end = text.index('\\u0001"', start + 1)
        depth = int(text[start + len('"\\u0001nested ') : end])
        text = text[:start] + "[" * depth + "]" * depth + text[end + len('\\u0001"') :]
    return text


def _json(value: Any) -> bytes:
    return _text(value).encode("utf-8", "surrogatepass")
