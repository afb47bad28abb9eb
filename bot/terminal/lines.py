"""What a typed line means. The whole grammar is in docs/chat-script.md."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from orchestration.errors import UserError


@dataclass(frozen=True, slots=True)
class Say:
    """Words for the thread; without a name the current speaker's. `line` is all that was typed."""

    name: str | None
    text: str
    line: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button, by label or number; `card` and `version` address one that is not the newest."""

    name: str | None
    button: str
    line: str
    card: str | None = None
    version: int | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    state: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Show:
    what: str


@dataclass(frozen=True, slots=True)
class Restart:
    """Stop everything that runs and start it again."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A look at the simulated clouds, or a fault in them; what follows `signoff sandbox`."""

    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """`/as mia` and the like."""

    name: str
    argument: str


Line: TypeAlias = Say | Press | Wait | Show | Restart | Sandbox | Command

STATES = (
    "planned",
    "awaiting",
    "queued",
    "applying",
    "succeeded",
    "partly",
    "failed",
    "rejected",
    "cancelled",
    "destroyed",
)
FINAL = frozenset(STATES[4:])
SHOWS = ("draft", "deployment", "audit")
COMMANDS = {
    "as": "/as NAME            speak as somebody else",
    "thread": "/thread NAME        go to another thread",
    "open": "/open [#CARD]       show a card with all its details",
    "people": "/people             who exists",
    "help": "/help               this",
    "quit": "/quit               stop; starting again continues",
}

_NAMING = {
    "as": "'/as mia' speaks as mia",
    "thread": "'/thread web' goes to the thread web",
}

_ADDRESSED = re.compile(r"(?P<name>[^\W_][\w.@-]{0,63})?(?P<mark>[:!])(?:\s+(?P<rest>.*))?", re.S)
_DIRECTIVE = re.compile(r"(?P<word>wait|show|restart|sandbox):\s*(?P<rest>.*)")
_COMMAND = re.compile(r"/(?P<word>[a-z]+)(?:\s+(?P<rest>.*))?")
_CARD = re.compile(r"#(?P<id>\S+?)(?:@(?P<version>\d+))?(?:\s+|$)")
_FIRST_INPUT = re.compile(r"(?:^|\s)[A-Za-z_][\w-]*=")
_INPUT = re.compile(
    r"""\s*(?P<name>[A-Za-z_][\w-]*)=("(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"']*))(?=\s|$)""",
    re.S,
)


def parse(line: str) -> Line | None:
    """The meaning of a line, None for a blank line or a comment.

    Raises: UserError - a directive, a command or a button's inputs that cannot be read.
    """
    line = line.replace("\u00a0", " ").strip()
    if not line or line.startswith("#"):
        return None
    if directive := _DIRECTIVE.fullmatch(line):
        return _directive(directive["word"], directive["rest"])
    if command := _COMMAND.fullmatch(line):
        return _command(command["word"], command["rest"] or "")
    addressed = _ADDRESSED.fullmatch(line)
    if addressed is None or (addressed["name"] is None and addressed["mark"] == ":"):
        return Say(None, line, line)
    rest = (addressed["rest"] or "").strip()
    if addressed["mark"] == ":":
        return Say(addressed["name"], rest, line)
    return _press(addressed["name"], rest, line)


def _directive(word: str, rest: str) -> Line:
    match word, rest.split():
        case "restart", []:
            return Restart()
        case "sandbox", [_, *_]:
            return Sandbox(_arguments(rest))
        case "show", [what] if what in SHOWS:
            return Show(what)
        case "wait", [state, seconds] if state in STATES and _is_number(seconds):
            return Wait(state, float(seconds))
    raise UserError(
        f"'{word}: {rest}' cannot be read. Write 'wait: STATE SECONDS' with a state of "
        f"{', '.join(STATES)}; 'show: {'|'.join(SHOWS)}'; 'restart:'; or 'sandbox: COMMAND'."
    )


def _arguments(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UserError(f"'sandbox: {text}' cannot be read: {error}.") from error


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None


def _command(word: str, rest: str) -> Command:
    if word not in COMMANDS:
        raise UserError(f"There is no command /{word}. There are: /{', /'.join(COMMANDS)}.")
    if word in _NAMING and not rest.strip():
        raise UserError(f"'/{word}' needs a name after it: {_NAMING[word]}.")
    return Command(word, rest.strip())


def _press(name: str | None, rest: str, line: str) -> Press:
    card = _CARD.match(rest)
    rest = rest[card.end() :] if card else rest
    first = _FIRST_INPUT.search(rest)
    label, typed = (rest[: first.start()], rest[first.start() :]) if first else (rest, "")
    return Press(
        name,
        label.strip(),
        line,
        card=card["id"] if card else None,
        version=int(card["version"]) if card and card["version"] else None,
        inputs=_inputs(typed),
    )


def _inputs(typed: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while typed[position:].strip():
        given = _INPUT.match(typed, position)
        if given is None:
            raise UserError(
                f"{typed[position:].strip()!r} cannot be read. "
                'Write what goes with a button as name="value".'
            )
        found[given["name"]] = _value(given)
        position = given.end()
    return found


def _value(given: re.Match[str]) -> str:
    if given["double"] is not None:
        return re.sub(r"\\(.)", r"\1", given["double"], flags=re.S)
    return given["single"] if given["single"] is not None else given["bare"]
