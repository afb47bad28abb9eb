"""The packages of Teams and Slack: built the same each time, and refused before a vendor does."""

import copy
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.packaging import schemas, slack, teams
from bot.packaging.command import SLACK_FILE, TEAMS_FILE, Wanted, package
from bot.packaging.png import read_png
from bot.packaging.template import Installation
from bot.settings import Settings
from orchestration.errors import UserError
from scripts import draw_icons

APP = "6f2f0f2e-4a7f-4d3f-9c2c-6f3c3b6f1a10"
HOST = "https://signoff.contoso.example"
HERE = Installation("contoso", "0.1.0", HOST, APP)
WHOLE = Settings(teams_app_id=APP, public_url=HOST)

Change = Callable[[dict[str, Any]], object]


def teams_manifest() -> dict[str, Any]:
    return teams.teams_manifest(HERE)


def slack_manifest(**kind: bool) -> dict[str, Any]:
    return slack.slack_manifest(HERE, **({"socket_mode": False, "oauth": True} | kind))


# ------------------------------------------------------------ the command


def test_both_are_built_from_the_settings_with_the_same_bytes_each_time(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        out = io.StringIO()
        assert package(WHOLE, Wanted(tmp_path / folder), out) == 0
        assert "checked against own rules and the vendors' schemas" in out.getvalue()
    for name in (TEAMS_FILE, SLACK_FILE):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    with zipfile.ZipFile(tmp_path / "one" / TEAMS_FILE) as zipped:
        assert zipped.namelist() == ["manifest.json", "color.png", "outline.png"]
        manifest = json.loads(zipped.read("manifest.json"))
    assert manifest["bots"][0]["botId"] == APP
    assert manifest["validDomains"] == ["signoff.contoso.example"]
    app = json.loads((tmp_path / "one" / SLACK_FILE).read_text("utf-8"))
    assert app["settings"]["event_subscriptions"]["request_url"] == f"{HOST}/slack/events"
    assert "redirect_urls" not in app["oauth_config"]
    assert app["settings"]["token_rotation_enabled"] is False


@pytest.fixture
def without_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "available", lambda: False)


@pytest.mark.usefixtures("without_node")
def test_one_that_cannot_be_built_is_left_out_and_said(tmp_path: Path) -> None:
    out = io.StringIO()
    assert package(Settings(), Wanted(tmp_path, socket_mode=True), out) == 0
    assert [path.name for path in tmp_path.iterdir()] == [SLACK_FILE]
    assert "Left out. For Teams give --app-id and --public-url" in out.getvalue()
    assert "checked against own rules\n" in out.getvalue()
    app = json.loads((tmp_path / SLACK_FILE).read_text("utf-8"))
    assert app["settings"]["socket_mode_enabled"] is True
    assert "signoff.contoso.example" not in str(app)
    assert "${" not in str(app)


def test_nothing_that_can_be_built_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"For Teams give .* For Slack give"):
        package(Settings(), Wanted(tmp_path), io.StringIO())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"app_id": "signoff"}, "'signoff' is not an app id"),
        ({"public_url": "http://127.0.0.1:3978"}, "is not https://HOST"),
        ({"public_url": "https://localhost"}, "is not https://HOST"),
    ],
)
def test_what_would_be_refused_is_not_written(
    tmp_path: Path, given: dict[str, str], says: str
) -> None:
    with pytest.raises(UserError, match=re.escape(says)) as refused:
        package(WHOLE, Wanted(tmp_path / "out", **given), io.StringIO())  # type: ignore[arg-type]
    lines = str(refused.value).splitlines()
    assert len(lines) == len(set(lines)), "each once"
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("without_node")
def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"Writing to .*file"):
        package(WHOLE, Wanted(tmp_path / "file"), io.StringIO())


# ------------------------------------------------------------ our own rules

BAD_TEAMS: list[tuple[str, Change]] = [
    ("name.short", lambda m: m["name"].update(short="x" * 31)),
    ("description.short", lambda m: m["description"].update(short="x" * 81)),
    ("developer.name", lambda m: m["developer"].update(name="")),
    ("version", lambda m: m.update(version="1.0")),
    ("developer.privacyUrl", lambda m: m["developer"].update(privacyUrl="http://contoso.com")),
    ("validDomains", lambda m: m.update(validDomains=["https://contoso.com"])),
    ("is not an app id", lambda m: m.update(id="abc")),
    ("webApplicationInfo.id", lambda m: m["webApplicationInfo"].update(id=APP[::-1])),
    ("scope 'team'", lambda m: m["bots"][0].update(scopes=["personal", "groupChat"])),
    (
        "more than 10 commands",
        lambda m: m["bots"][0]["commandLists"][0].update(
            commands=[{"title": str(n), "description": "d"} for n in range(11)]
        ),
    ),
    (
        "longer than 32",
        lambda m: m["bots"][0]["commandLists"][0]["commands"][0].update(title="x" * 33),
    ),
    ("needs 1 to 128", lambda m: m["bots"][0]["commandLists"][0]["commands"][0].pop("description")),
    ("there is no gone.png", lambda m: m["icons"].update(color="gone.png")),
    ("it has to be 32x32", lambda m: m["icons"].update(outline="color.png")),
]

BAD_SLACK: list[tuple[str, Change]] = [
    ("display_information.name", lambda m: m["display_information"].update(name="x" * 36)),
    ("fewer than 174", lambda m: m["display_information"].update(long_description="x")),
    ("display_name", lambda m: m["features"]["bot_user"].update(display_name="Sign Off")),
    ("is not like /signoff", lambda m: m["features"]["slash_commands"][0].update(command="go")),
    ("too long", lambda m: m["features"]["shortcuts"][0].update(name="x" * 25)),
    (
        "app_mention needs the scope",
        lambda m: m["oauth_config"]["scopes"]["bot"].remove("app_mentions:read"),
    ),
    ("need the scope commands", lambda m: m["oauth_config"]["scopes"]["bot"].remove("commands")),
    (
        "nobody knows the scope",
        lambda m: m["settings"]["event_subscriptions"]["bot_events"].append("message"),
    ),
    ("needs a request_url", lambda m: m["settings"]["interactivity"].pop("request_url")),
    ("is not https", lambda m: m["oauth_config"].update(redirect_urls=["http://contoso.com/x"])),
]


@pytest.mark.parametrize(("says", "change"), BAD_TEAMS, ids=[says for says, _ in BAD_TEAMS])
def test_a_fault_for_teams_is_found_without_node(says: str, change: Change) -> None:
    manifest = teams_manifest()
    change(manifest)
    assert any(says in problem for problem in teams.problems(manifest, teams.icons()))


@pytest.mark.parametrize(("says", "change"), BAD_SLACK, ids=[says for says, _ in BAD_SLACK])
def test_a_fault_for_slack_is_found_without_node(says: str, change: Change) -> None:
    manifest = slack_manifest()
    change(manifest)
    assert any(says in problem for problem in slack.problems(manifest))


def test_without_faults_nothing_is_found() -> None:
    assert [*teams.problems(teams_manifest(), teams.icons())] == []
    for socket_mode in (False, True):
        for oauth in (False, True):
            assert [*slack.problems(slack_manifest(socket_mode=socket_mode, oauth=oauth))] == []


# ------------------------------------------------------------ the vendors' schemas


def test_the_vendors_schemas_accept_every_kind() -> None:
    assert schemas.available(), "scripts/install_node.py installs what this needs"
    kinds = {
        f"slack.{socket_mode}-{oauth}": slack_manifest(socket_mode=socket_mode, oauth=oauth)
        for socket_mode in (False, True)
        for oauth in (False, True)
    }
    assert schemas.violations({"teams": teams_manifest(), **kinds}) == []


def test_the_vendors_schemas_are_really_asked() -> None:
    bot, app = teams_manifest(), slack_manifest()
    bot["name"]["short"] = "x" * 31
    bot["bots"][0]["scopes"].append("groupchat")
    bot["id"] = "abc"
    del bot["developer"]["privacyUrl"]
    bot["foo"] = 1
    app["oauth_config"]["scopes"]["bot"].append("chat:wite")
    app["settings"]["event_subscriptions"]["bot_events"].append("app_mentions")
    app["settings"]["sockets"] = True
    app["features"]["shortcuts"][0]["type"] = "channel"
    app["display_information"].pop("name")
    found = "\n".join(schemas.violations({"teams": bot, "slack": app}))
    for place in (
        *("teams: /name/short", "teams: /bots/0/scopes/3", "teams: /id", "privacyUrl", "foo"),
        *("/oauth_config/scopes/bot/13", "/bot_events/9", "sockets", "/shortcuts/0/type"),
        "slack: /display_information",
    ):
        assert place in found, found


def test_the_newest_schema_of_teams_is_used() -> None:
    root = Path(__file__).parents[1] / "node/node_modules/@microsoft/app-manifest/build"
    folders = (root / "json-schemas" / "teams").glob("v[0-9]*")
    versions = [tuple(map(int, folder.name[1:].split("."))) for folder in folders]
    assert teams_manifest()["manifestVersion"] == ".".join(map(str, max(versions)))
    assert teams_manifest()["manifestVersion"] in teams_manifest()["$schema"]


# ------------------------------------------------------------ icons


def test_the_icons_are_what_the_script_draws() -> None:
    drawn = {"color.png": draw_icons.color(192), "outline.png": draw_icons.outline(32)}
    for name, content in teams.icons().items():
        assert Image.open(io.BytesIO(content)).tobytes() == drawn[name].tobytes(), name


def test_icons_are_read_as_they_are() -> None:
    for content in teams.icons().values():
        picture, known = read_png(content), Image.open(io.BytesIO(content))
        assert (picture.width, picture.height) == known.size
        assert picture.pixels == known.tobytes()


def test_an_outline_has_to_be_white_on_transparent() -> None:
    outline = read_png(teams.icons()["outline.png"])
    assert outline.is_white_on_transparent()
    assert not read_png(teams.icons()["color.png"]).is_white_on_transparent()
    whole = io.BytesIO()
    Image.new("RGBA", (32, 32), "white").save(whole, "PNG")
    assert not read_png(whole.getvalue()).is_white_on_transparent()


@pytest.mark.parametrize("bad", ["", "not PNG", "cut", "changed", "grey"])
def test_what_is_no_icon_is_a_sentence(bad: str) -> None:
    good = teams.icons()["outline.png"]
    grey = io.BytesIO()
    Image.new("L", (32, 32)).save(grey, "PNG")
    changed = bytearray(good)
    changed[60] ^= 1
    content = {
        "": b"",
        "not PNG": b"GIF89a",
        "cut": good[:-20],
        "changed": bytes(changed),
        "grey": grey.getvalue(),
    }[bad]
    with pytest.raises(UserError, match="An icon cannot be read"):
        read_png(content)


def test_every_row_filter_of_png_is_undone() -> None:
    """PIL chooses filters by the picture; noise, ramps and steps make it use all of them."""
    import zlib

    picture = Image.effect_mandelbrot((64, 64), (-2, -1.5, 1, 1.5), 50).convert("RGBA")
    written = io.BytesIO()
    picture.save(written, "PNG")
    content = written.getvalue()
    raw = zlib.decompress(content[content.index(b"IDAT") + 4 : content.index(b"IEND") - 8])
    assert len({raw[n] for n in range(0, len(raw), 64 * 4 + 1)}) > 2
    assert read_png(content).pixels == copy.copy(picture.tobytes())
