"""What `signoff doctor` finds about people, Teams, Slack and the pages; without a network."""

import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.doctor.people import people
from bot.doctor.ports import ports
from bot.doctor.report import check
from bot.doctor.surfaces import pages, slack, teams
from bot.parts import SystemClock
from bot.processes.free_ports import free_ports
from bot.processes.lock import locked
from bot.settings import Settings
from tests.doubles.graph import CLIENT, SECRET, TENANT, GraphDouble, group, guid

NOWHERE = "http://127.0.0.1:1"
BOT: dict[str, Any] = {
    "teams_app_id": CLIENT,
    "teams_tenant_id": TENANT,
    "teams_app_password": SECRET,
    "teams_login_url": NOWHERE,
}
APP: dict[str, Any] = {
    "slack_bot_token": "xoxb-1",
    "slack_signing_secret": SECRET,
    "slack_api_url": NOWHERE,
}


@pytest.fixture
async def graph() -> AsyncIterator[GraphDouble]:
    async with GraphDouble(SystemClock()) as double:
        double.add(1, "Ana", "ana@contoso.example")
        double.groups = {group(1): [guid(1)]}
        yield double


async def test_what_is_not_configured_is_no_fault() -> None:
    settings = Settings()
    checks = [await people(settings), await teams(settings), await slack(settings), pages(settings)]
    assert [check.to_do for check in checks] == ["", "", "", ""]
    assert ["not configured" in check.found for check in checks[1:3]] == [True, True]


async def test_what_is_complete_and_answers_is_well(graph: GraphDouble) -> None:
    here = {"teams_login_url": graph.url, "slack_api_url": f"{graph.url}/api/"}
    settings = Settings(
        **BOT
        | APP
        | here
        | {"public_url": "https://signoff.contoso.example", "link_key": "k" * 32}
        | {"teams_results_channel": "19:abc@thread.tacv2", "slack_results_channel": "C0123456"}
    )
    checks = [await teams(settings), await slack(settings), pages(settings)]
    assert [check.to_do for check in checks] == ["", "", ""]
    assert "19:abc@thread.tacv2" in checks[0].found
    assert "C0123456" in checks[1].found
    assert SECRET not in str(checks)


@pytest.mark.parametrize(
    ("changed", "to_do"),
    [
        (
            {"graph_tenant_id": guid(1), "directory_file": Path("people.toml")},
            "they are two tenants",
        ),
        ({"teams_local": True}, "Unset SIGNOFF_TEAMS_LOCAL"),
        ({"teams_tenant_id": ""}, "Set SIGNOFF_TEAMS_TENANT_ID"),
        ({"teams_app_password": ""}, "Set SIGNOFF_TEAMS_APP_PASSWORD"),
        ({"teams_results_channel": "General"}, "'General' is not 19:"),
        ({}, "Check the network"),
    ],
)
async def test_what_teams_wants(changed: dict[str, Any], to_do: str) -> None:
    assert to_do in (await teams(Settings(**BOT | changed))).to_do


@pytest.mark.parametrize(
    ("changed", "to_do"),
    [
        ({"slack_signing_secret": ""}, "Set SIGNOFF_SLACK_SIGNING_SECRET"),
        ({"slack_client_id": "1.2", "slack_client_secret": "x"}, "Set SIGNOFF_PUBLIC_URL"),
        ({"slack_client_id": "1.2", "slack_client_secret": "x"}, "Unset SIGNOFF_SLACK_BOT_TOKEN"),
        ({"slack_client_id": "1.2", "slack_client_secret": "x"}, "Set SIGNOFF_SLACK_TEAMS"),
        ({"slack_results_channel": "deployments"}, "'deployments' is neither"),
        ({}, "Check the network"),
    ],
)
async def test_what_slack_wants(changed: dict[str, Any], to_do: str) -> None:
    assert to_do in (await slack(Settings(**APP | changed))).to_do


def test_what_the_pages_want() -> None:
    sign_in: dict[str, Any] = {"sign_in": "google", "sign_in_client_id": "c"}
    assert "SIGNOFF_PUBLIC_URL" in pages(Settings(**sign_in)).to_do
    with_url = pages(Settings(**sign_in, public_url="https://signoff.contoso.example"))
    assert "SIGNOFF_SIGN_IN_CLIENT_SECRET" in with_url.to_do


@pytest.mark.parametrize("reached", [BOT, APP])
async def test_who_is_reached_needs_people_of_their_own(reached: dict[str, Any]) -> None:
    assert "SIGNOFF_DIRECTORY_FILE" in (await people(Settings(**reached))).to_do


async def test_a_tenant_that_cannot_be_reached_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text(f'[groups]\n"{group(1)}" = "lead"', encoding="utf-8")
    settings = Settings(
        directory_file=path, graph_tenant_id=TENANT, graph_login_url=NOWHERE, graph_url=NOWHERE
    )
    settings = replace(settings, graph_client_id=CLIENT, graph_client_secret=SECRET)
    found = await people(settings)
    assert "127.0.0.1: it cannot be reached" in found.found
    assert "docs/directory.md" in found.to_do


@pytest.mark.parametrize(
    ("file", "secret", "says"),
    [
        (f'[groups]\n"{group(1)}" = "lead"', SECRET, "1 people have roles"),
        (f'[groups]\n"{group(1)}" = "lead"', "wrong", "401 invalid_client"),
        (f'[groups]\n"{group(7)}" = "lead"', SECRET, f"there is no group {group(7)}"),
        (f'[groups]\n"{group(2)}" = "lead"', SECRET, "nobody has a role"),
        ('[groups]\n"leads" = "lead"', SECRET, "group 'leads'"),
        ("", SECRET, "there is nobody in it; add [people.NAME] or [groups]"),
    ],
)
async def test_the_tenant_is_really_asked(
    tmp_path: Path, graph: GraphDouble, file: str, secret: str, says: str
) -> None:
    graph.groups[group(2)] = []
    path = tmp_path / "people.toml"
    path.write_text(file, encoding="utf-8")
    settings = Settings(
        directory_file=path,
        graph_tenant_id=TENANT,
        graph_client_id=CLIENT,
        graph_client_secret=secret,
        graph_url=f"{graph.url}/v1.0",
        graph_login_url=graph.url,
    )
    found = await people(settings)
    assert says in found.found
    assert found.ok == (says == "1 people have roles")
    assert "wrong" not in str(found)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_port_that_another_has_is_named(tmp_path: Path, taken: int) -> None:
    settings = Settings(**APP, store=tmp_path, port=taken)
    checked = ports(settings)
    assert f"127.0.0.1:{taken} cannot be had: address already in use" in checked.found
    assert "SIGNOFF_PORT" in checked.to_do
    (free,) = free_ports(1)
    checked = ports(replace(settings, port=free))
    assert (checked.found, checked.to_do) == (f"127.0.0.1:{free} is free", "")


async def test_a_store_that_is_a_file_is_told_and_so_is_all_else(tmp_path: Path) -> None:
    file = tmp_path / "store"
    file.touch()
    checks = {one.name: one for one in await check(Settings(store=file))}
    assert "Make" in checks["store"].to_do
    assert not checks["artifacts"].ok
    assert checks["terraform"].ok


def test_a_port_that_nobody_needs_is_no_fault(tmp_path: Path, taken: int) -> None:
    assert ports(Settings(store=tmp_path, port=taken)).ok
    checked = ports(Settings(store=tmp_path, port=0, work_port=taken))
    assert "SIGNOFF_WORK_PORT" in checked.to_do
    assert ports(Settings(store=tmp_path, port=0)).found == "any that is free"


def test_the_port_of_the_signoff_that_runs_is_no_fault(tmp_path: Path, taken: int) -> None:
    with locked(tmp_path):
        checked = ports(Settings(**APP, store=tmp_path, port=taken))
    assert (checked.ok, "Signoff runs here as process" in checked.found) == (True, True)


@pytest.mark.parametrize("host", ["203.0.113.9", "nowhere.invalid"])
def test_a_host_that_is_not_here_is_a_sentence(tmp_path: Path, host: str) -> None:
    checked = ports(Settings(**APP, store=tmp_path, host=host))
    assert "cannot be had" in checked.found
    assert checked.to_do
