"""One JSON object per line for everything that is said; the format is docs/chat-script.md's."""

import json
from collections.abc import Mapping
from typing import Any, TextIO

from bot.render.plain import plain_card
from orchestration.cards.model import Card
from orchestration.messages import Notice, Reply, ThreadId


class JsonScreen:
    def __init__(self, out: TextIO) -> None:
        self._out = out

    def message(self, thread: ThreadId, reply: Reply) -> None:
        more = {"choices": list(reply.choices), "calls": list(reply.calls)}
        self._write("message", thread, reply.to, reply.text, **more)

    def notice(self, notice: Notice) -> None:
        self._write("notice", None, notice.channel, notice.text)

    def card(self, thread: ThreadId, card: Card, version: int) -> None:
        self._card("card", thread, card, version)

    def update(self, thread: ThreadId, card: Card, version: int) -> None:
        self._card("update", thread, card, version)

    def again(self, thread: ThreadId, card: Card) -> None:
        """A card from before this start on which something can still be done."""
        self._card("card", thread, card, 1, again=True)

    def said(self, thread: ThreadId, name: str, text: str) -> None:
        """Only what comes out is printed, not what went in."""

    def shown(self, thread: ThreadId, what: str, content: Mapping[str, Any]) -> None:
        self._line({"thread": thread, "what": what} | dict(content) | {"kind": "show"})

    def failure(self, number: int, line: str, text: str) -> None:
        self._write("error", None, None, text, line=number, input=line)

    def _card(self, kind: str, thread: ThreadId, card: Card, version: int, **more: object) -> None:
        self._write(kind, thread, None, card.lead, card=plain_card(card), version=version, **more)

    def _write(
        self, kind: str, thread: str | None, to: str | None, text: str, **more: object
    ) -> None:
        self._line({"kind": kind, "thread": thread, "to": to, "text": text, "card": None} | more)

    def _line(self, content: Mapping[str, Any]) -> None:
        print(json.dumps(content, ensure_ascii=False, default=str), file=self._out, flush=True)
