"""What can be set, run, typed or read is on a page, and what is on a page is there."""

import argparse
import re
from dataclasses import fields

import pytest

from bot.cli import _parser
from bot.settings import Settings
from bot.terminal.lines import COMMANDS, FINAL, SHOWS, STATES
from orchestration.sandbox.command import parser as _sandbox_parser
from orchestration.sandbox.faults import KINDS
from tests.architecture.repository import ROOT, files, first_column, page, shown


def _commands(parser: argparse.ArgumentParser) -> set[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return set(action.choices)
    return set()


def test_every_command_of_signoff_is_on_the_page_of_commands() -> None:
    rows = first_column(page("docs/commands.md"))
    assert {row.strip("`").split()[1] for row in rows if "make" not in row} == _commands(_parser())


def test_every_option_of_signoff_is_on_the_page_of_commands() -> None:
    text = page("docs/commands.md")
    for name, parser in _subparsers(_parser()).items():
        if name != "sandbox":
            options = {o for a in parser._actions for o in a.option_strings if o.startswith("--")}
            assert options - {"--help"} - set(re.findall(r"--[a-z-]+", text)) == set(), name


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (found,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(found.choices)


def test_every_command_and_fault_of_the_sandbox_is_on_its_page() -> None:
    rows = [row.strip("`") for row in first_column(page("docs/sandbox.md"))]
    commands = {row.split()[2] for row in rows if row.startswith("signoff sandbox")}
    assert commands == _commands(_sandbox_parser())
    assert set(KINDS) <= set(rows)


def test_every_state_and_line_is_on_the_page_of_the_chat() -> None:
    text = page("docs/chat-script.md")
    for word in (*STATES, *SHOWS, *FINAL):
        assert f"`{word}`" in text
    for command in COMMANDS:
        assert f"`/{command}" in text
    for directive in ("wait:", "show:", "restart:", "sandbox:"):
        assert f"`{directive}" in text


def test_every_target_is_on_the_page_of_commands_and_every_make_on_a_page_is_one() -> None:
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), re.M))
    rows = first_column(page("docs/commands.md"))
    assert {row.strip("`").split()[1] for row in rows if "make" in row} == targets
    for path in files(".md"):
        named = set(re.findall(r"(?:`|^|\n)make ([a-z-]+)", path.read_text("utf-8")))
        assert named <= targets, shown(path)


@pytest.mark.parametrize(
    "name",
    [
        *("README.md", "docs/operations.md", "docs/audit.md"),
        *("docs/teams.md", "docs/slack.md", "docs/directory.md"),
    ],
)
def test_every_signoff_command_on_a_page_exists(name: str) -> None:
    named = set(re.findall(r"(?:`|\n)(?:\.venv/bin/)?signoff ([a-z]+)", page(name)))
    assert named <= _commands(_parser())


def test_every_setting_is_used() -> None:
    """docs/settings.md has them all (tests/unit/test_settings.py); none of them does nothing."""
    code = "\n".join(
        p.read_text("utf-8") for p in files(".py", under="bot") if p.stem != "settings"
    )
    names = [field.name for field in fields(Settings)]
    assert [name for name in names if not re.search(rf"settings\.{name}\b", code)] == []


def test_every_example_is_on_the_page_of_examples() -> None:
    rows = {row.strip("`") for row in first_column(page("docs/examples.md"))}
    assert rows == {path.name for path in (ROOT / "examples").glob("*.chat")}
