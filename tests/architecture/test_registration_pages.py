"""What the pages on Teams, Slack and people say is so, as far as that can be tried here."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from approvals.principals import Role
from bot.cli import main
from bot.packaging import schemas
from bot.settings import Settings, load
from orchestration.adapters.people_file import read_people
from tests.architecture.repository import files, first_column, page

PLACE = "https://signoff.contoso.example"


def _blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a page, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", page(name), re.S | re.M)
    return [re.sub(rf"^{indent}", "", text, flags=re.M) for indent, text in found]


def _packagings() -> Iterator[tuple[str, str]]:
    for name in ("docs/teams.md", "docs/slack.md"):
        for command in sorted(
            set(re.findall(r"(?:^ *|`)(signoff package -[^`\n]*)", page(name), re.M))
        ):
            yield name, command


@pytest.mark.parametrize(("name", "command"), [*_packagings()])
def test_every_package_on_the_pages_is_built(
    name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        schemas, "available", lambda: False
    )  # tests/unit/test_packages.py asks them
    given = [PLACE if word == "URL" else word for word in shlex.split(command)[1:]]
    assert main(given) == 0
    built = {path.name for path in (tmp_path / "dist").iterdir()}
    assert f"signoff-{Path(name).stem}" in {file.partition(".")[0] for file in built}


def test_the_settings_of_the_page_on_teams_are_settings(tmp_path: Path) -> None:
    (block,) = _blocks("docs/teams.md", "toml")
    (tmp_path / "signoff.toml").write_text(block, encoding="utf-8")
    assert load({}, tmp_path).teams_app_type == "single_tenant"


def test_every_setting_named_on_a_page_is_one() -> None:
    known = {name.upper() for name in Settings.__dataclass_fields__} | {"CONFIG"}
    for path in files(".md", under="docs"):
        named = set(re.findall(r"SIGNOFF_([A-Z_]+[A-Z])\b", path.read_text("utf-8")))
        assert {name for name in named if not name.startswith("TEST_")} <= known, path.name


def test_the_settings_that_the_doctor_asks_for_are_settings() -> None:
    known = {name.upper() for name in Settings.__dataclass_fields__} | {"GRAPH"}
    source = "".join(path.read_text("utf-8") for path in files(".py", under="bot/doctor"))
    assert set(re.findall(r"SIGNOFF_([A-Z_]+[A-Z])\b", source)) <= known


def test_the_people_on_the_page_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    alone, with_a_tenant = _blocks("docs/directory.md", "toml")
    path.write_text(alone, encoding="utf-8")
    (omar,) = read_people(path).people
    assert omar.roles == {Role.PLATFORM, Role.FINANCE}
    path.write_text(with_a_tenant, encoding="utf-8")
    assert len(read_people(path, groups_used=True).groups) == 3
    assert {cell.strip("`") for cell in first_column(page("docs/directory.md"))} >= {
        *("people.ID", *tomllib.loads(alone)["people"]["omar"])
    }
    for role in Role:
        assert f"`{role}`" in page("docs/directory.md")


def test_every_scope_of_slack_is_on_its_page_and_no_other() -> None:
    manifest = json.loads(page("manifest/slack/manifest.json"))
    table = page("docs/slack.md").partition("## Scopes")[2].partition("\n## ")[0]
    listed = [cell.strip("`") for cell in first_column(table)]
    assert listed == manifest["oauth_config"]["scopes"]["bot"]


def test_everything_that_teams_is_asked_for_is_on_its_page_and_nothing_else() -> None:
    manifest = json.loads(page("manifest/teams/manifest.json"))
    (bot,) = manifest["bots"]
    specific = manifest["authorization"]["permissions"]["resourceSpecific"]
    asked = {*bot["scopes"], *manifest["permissions"], *(each["name"] for each in specific)}
    asked |= {"supportsFiles"} if bot["supportsFiles"] else set()
    table = page("docs/teams.md").partition("## Permissions")[2].partition("\n## ")[0]
    listed = {word for cell in _first_cells(table) for word in re.findall(r"`(\w[\w.]*)`", cell)}
    assert listed == asked


def _first_cells(table: str) -> list[str]:
    return [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]


def test_the_permissions_of_graph_are_those_of_the_calls() -> None:
    table = page("docs/directory.md").partition("| Permission |")[2]
    listed = re.findall(r"^ *\| `([\w.]+)` \|", table, re.M)
    assert listed == ["User.Read.All", "GroupMember.Read.All"]
    calls = page("orchestration/adapters/entra/graph.py")
    assert ('"users"' in calls, '"transitiveMembers"' in calls) == (True, True)
    script = page("docs/directory.md").partition("foreach ($name in ")[2].partition(")")[0]
    assert re.findall(r"'([\w.]+)'", script) == listed


def test_the_pages_name_the_addresses_that_are_served() -> None:
    from bot.slack.registration import EVENTS_PATH, INSTALL_PATH

    assert f"`{EVENTS_PATH}`" in page("docs/slack.md")
    assert f"https://HOST{INSTALL_PATH}" in page("docs/slack.md")
    source = "".join(path.read_text("utf-8") for path in files(".py", under="bot/teams"))
    (route,) = set(re.findall(r'"(/api/[a-z]+)"', source))
    assert f"https://signoff.contoso.example{route}" in page("docs/teams.md")
