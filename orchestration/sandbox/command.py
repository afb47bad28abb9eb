"""What `signoff sandbox` does: look at, and meddle with, the simulated clouds."""

import argparse
import io
import json
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from orchestration.sandbox import view
from orchestration.sandbox.faults import KINDS, Fault

_REFUSALS = (view.NoSuchObject, KeyError, IndexError, ValueError)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raises: ValueError - what is wrong, and what is accepted."""
        wrong = message.removeprefix("argument ").partition(" (choose from")[0]
        accepted = " ".join(self.format_usage().split()).removeprefix("usage: ")
        raise ValueError(f"{wrong}. What is accepted: {accepted}")


def told(root: Path, arguments: Sequence[str]) -> list[str]:
    """The lines that one command has to say of the sandbox in `root`, or that help with it.

    Raises: ValueError - it cannot be done.
    """
    help = io.StringIO()
    try:
        with redirect_stdout(help):
            asked = parser().parse_args(arguments, argparse.Namespace(root=root))
    except SystemExit:
        return help.getvalue().splitlines()
    try:
        lines: list[str] = asked.run(asked)
    except _REFUSALS as error:
        raise ValueError(f"{asked.command} cannot be done: {error}") from error
    return lines


def parser() -> argparse.ArgumentParser:
    top = _Parser(
        prog="signoff sandbox",
        description="Look at, and meddle with, simulated clouds: those of the store folder, or of "
        "another sandbox folder with --root DIR.",
    )
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what exists").set_defaults(run=_list)
    commands.add_parser("activity", help="what was done").set_defaults(run=_activity)
    for name, run in (("show", _show), ("remove", _remove)):
        one = commands.add_parser(name, help=f"{name} one object")
        one.add_argument("id")
        one.set_defaults(run=run)
    drift = commands.add_parser("drift", help="change an attribute by hand")
    drift.add_argument("id")
    drift.add_argument("change", metavar="ATTRIBUTE=VALUE")
    drift.set_defaults(run=_drift)
    _add_faults(commands.add_parser("fault", help="make operations fail"))
    return top


def _add_faults(fault: argparse.ArgumentParser) -> None:
    commands = fault.add_subparsers(dest="fault", required=True)
    add = commands.add_parser("add", help="; ".join(f"{k}: {v}" for k, v in KINDS.items()))
    add.add_argument("--kind", choices=KINDS, required=True)
    add.add_argument("--type", default="*", help="resource type, may hold *")
    add.add_argument("--name", default="*", help="name of the object, may hold *")
    add.add_argument("--op", default="create", choices=("create", "update", "delete"))
    add.add_argument("--times", type=int, default=1, help="0: always")
    add.add_argument("--message", default="", help="instead of the cloud's own words")
    add.add_argument("--after-s", type=float, default=0.0, help="seconds until it refuses")
    add.set_defaults(run=_add_fault)
    commands.add_parser("list").set_defaults(run=_list_faults)
    commands.add_parser("clear").set_defaults(run=_clear_faults)


def _list(asked: argparse.Namespace) -> list[str]:
    return [f"{o.type:42} {o.name:32} {o.id}" for o in view.look(asked.root)]


def _activity(asked: argparse.Namespace) -> list[str]:
    return [_entry(entry) for entry in view.activity(asked.root)]


def _entry(entry: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(entry["time"], UTC).isoformat(timespec="milliseconds")
    what = entry.get("error") or entry["id"]
    return f"{at} {entry['operation']:8} {entry['type']:42} {entry.get('name', ''):32} {what}"


def _show(asked: argparse.Namespace) -> list[str]:
    return [json.dumps(asdict(view.show(asked.root, asked.id)), indent=2)]


def _remove(asked: argparse.Namespace) -> list[str]:
    view.remove(asked.root, asked.id)
    return [f"removed {asked.id}"]


def _drift(asked: argparse.Namespace) -> list[str]:
    attribute, equals, text = asked.change.partition("=")
    if not equals:
        raise ValueError(f"{asked.change!r} is not ATTRIBUTE=VALUE")
    view.drift(asked.root, asked.id, attribute, _value(text))
    return [f"{attribute} of {asked.id} is now {text}"]


def _value(text: str) -> Any:
    """JSON if it is, else the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _add_fault(asked: argparse.Namespace) -> list[str]:
    names = ("kind", "type", "name", "op", "times", "message", "after_s")
    fault = Fault(**{name: getattr(asked, name) for name in names})
    view.add_fault(asked.root, fault)
    return [_told(fault)]


def _list_faults(asked: argparse.Namespace) -> list[str]:
    return [_told(fault) for fault in view.faults(asked.root)]


def _clear_faults(asked: argparse.Namespace) -> list[str]:
    view.clear_faults(asked.root)
    return ["no faults"]


def _told(fault: Fault) -> str:
    often = "always" if fault.times == 0 else f"{fault.times}x"
    return f"{fault.kind} on {fault.op} of {fault.type} named {fault.name}, {often}"
