"""Streamed answers: typing activities that grow, and a message that ends them.

Source: Teams "Stream bot messages": one-on-one chats only, sequence numbers from 1, at most two
minutes, what was streamed before comes again at the start of what follows.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

from tests.far.teams.rooms import Room


def stream_info(activity: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for entity in activity.get("entities") or ():
        if entity.get("type") == "streaminfo":
            return entity
    return None


class Streams:
    def __init__(self) -> None:
        self._open: dict[str, str] = {}
        self._number = count(1)
        self.ended: list[str] = []

    def refused(
        self, room: Room, activity: Mapping[str, Any], info: Mapping[str, Any]
    ) -> str | None:
        if room.kind != "personal":
            return "Content stream is allowed in one-on-one chats alone."
        known, kind = info.get("streamId"), info.get("streamType")
        if kind not in {"informative", "streaming", "final"}:
            return f"There is no streamType {kind!r}."
        if (kind == "final") != (activity.get("type") == "message"):
            return "A stream ends with a message, and only that is final."
        if known is None:
            return None if kind != "final" else "A stream that was never started cannot end."
        if known not in self._open:
            return "Content stream finished already."
        if kind != "final" and not str(activity.get("text", "")).startswith(self._open[known]):
            return "Request streamed content should contain the previously streamed content."
        return None

    def go_on(self, activity: Mapping[str, Any], info: Mapping[str, Any]) -> str:
        id = str(info.get("streamId") or f"s-{next(self._number)}")
        said = str(activity.get("text", ""))
        self._open[id] = said if info.get("streamType") == "streaming" else self._open.get(id, "")
        return id

    def end(self, info: Mapping[str, Any]) -> None:
        self._open.pop(str(info.get("streamId")), None)
        self.ended.append(str(info.get("streamId")))
