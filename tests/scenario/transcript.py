"""What came out of a played script, to be read as the people in the chat did."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
TIMEOUT_S = 240.0

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Transcript:
    """The lines of `signoff chat --json`, in order, of one thread or of all."""

    lines: tuple[Line, ...]

    def of(self, thread: str) -> "Transcript":
        """What belongs to one thread, notices about its deployments included."""
        its_own = Transcript(tuple(line for line in self.lines if line["thread"] == thread))
        titles = tuple(card["title"] for card in its_own.cards("deployment"))
        about = (line for line in self.lines if line["kind"] == "notice" and titles)
        notices = [line for line in about if line["text"].startswith(titles)]
        return Transcript((*its_own.lines, *notices))

    def messages(self, *, to: str | None = None) -> list[str]:
        """What was said; with `to`, only what that person alone was told."""
        said = [line for line in self.lines if line["kind"] == "message"]
        return [line["text"] for line in said if to is None or line["to"] == to]

    def choices(self) -> list[list[str]]:
        """What was offered to choose from, each time that something was."""
        said = (line for line in self.lines if line["kind"] == "message")
        return [line["choices"] for line in said if line["choices"]]

    @property
    def notices(self) -> list[str]:
        """What #deployments read."""
        return [line["text"] for line in self.lines if line["kind"] == "notice"]

    def cards(self, kind: str) -> list[Line]:
        """Every version of the draft or deployment cards, as it was drawn."""
        drawn = (line["card"] for line in self.lines if line["kind"] in {"card", "update"})
        return [card for card in drawn if card["id"].startswith(f"{kind}:")]

    def card(self, kind: str, saying: str) -> Line:
        """The first version of a card that says this, in its words or on a button."""
        drawn = self.cards(kind)
        return next(c for c in drawn if saying in words(c) or saying in labels(c))

    def shown(self, what: str) -> list[Line]:
        """What `show: WHAT` printed, once for each such line."""
        return [x for x in self.lines if x["kind"] == "show" and x["what"] == what]

    def sandbox(self, at: int = -1) -> list[str]:
        """The lines that a `sandbox:` printed, the last one's unless told."""
        told: list[str] = self.shown("sandbox")[at]["lines"]
        return told


def play(*examples: str, store: Path, speed: float = 0.0) -> Transcript:
    """Run examples through the command as a newcomer would, each in a thread of its own name; all
    have to end well.

    `speed` scales how long the simulated clouds take.
    """
    settings = {"SIGNOFF_PRICES_LIVE": "false", "SIGNOFF_SANDBOX_SPEED": str(speed)}
    command = [sys.executable, "-m", "bot.cli", "chat", "--json", "--script", "-"]
    ran = subprocess.run(
        [*command, "--store", str(store)],
        input="".join(map(script, examples)),
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return Transcript(tuple(json.loads(line) for line in ran.stdout.splitlines()))


def script(example: str) -> str:
    """The lines of an example, in a thread of its own name."""
    text = (EXAMPLES / f"{example}.chat").read_text(encoding="utf-8")
    return f"/thread {example}\n{text}"


def words(card: Line) -> str:
    """All that a card says, as one text."""
    return "\n".join([card["lead"], card["title"], *_texts(card["blocks"])])


def labels(card: Line) -> list[str]:
    """What can be pressed."""
    return [button["label"] for button in card["buttons"]]


def values(draft: Line, step: int = 0) -> dict[str, Any]:
    """A shown draft's or deployment's values, without where they come from."""
    parameters = draft["steps"][step]["parameters"]
    return {key: value["value"] for key, value in parameters.items()}


def kinds(listed: list[str]) -> list[str]:
    """The resource types of a sandbox's list, sorted."""
    return sorted(line.split()[0] for line in listed)


def _texts(blocks: list[Line]) -> Iterator[str]:
    for block in blocks:
        match block["type"]:
            case "facts":
                yield from (f"{r['label']}: {r['value']} ({r['note']})" for r in block["rows"])
            case "table":
                yield from (" | ".join(row) for row in block["rows"])
            case "details":
                yield block["label"]
                yield from _texts(block["blocks"])
            case "progress":
                yield f"{block['label']} {block['done']} of {block['total']}"
            case _:
                yield block["text"]
