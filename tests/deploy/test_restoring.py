"""The commands of the runbook, as a shell runs them, name what `deploy/azure` makes."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.repository import files, page
from tests.deploy.azure import SOURCE, made

RUNBOOK = "docs/runbooks/restore.md"
RECORDING = """
set -eu
exec 3>&1
az() {
  printf '%q ' "$@" >&3; echo >&3
  case "$*" in
    *"--query id "*) echo ACCOUNT ;;
    *deleted*) echo plans/d/1 ;;
  esac
}
terraform() { test "$*" = "output -json principal_ids"; }
jq() { echo SERVE; echo WORK; }
"""
DATA_CONTRIBUTOR = "00000000-0000-0000-0000-000000000002"


@pytest.fixture(scope="module")
def commands() -> list[list[str]]:
    """What would be asked of Azure, word by word."""
    steps = re.findall(r"^ +```sh\n(.*?)^ +```", page(RUNBOOK), re.M | re.S)
    script = RECORDING + "".join(steps)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [shlex.split(line) for line in done.stdout.splitlines()]


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def test_every_name_is_one_that_terraform_gives(commands: list[list[str]], tmp_path: Path) -> None:
    made_here = made(tmp_path).planned({"name": "signoff"})

    def names(kind: str) -> set[str]:
        return {each["name"] for each in made_here[kind]}

    known: dict[str, set[Any]] = {
        "--resource-group": names("azurerm_resource_group"),
        "--vnet-name": names("azurerm_virtual_network"),
        "--subnet": names("azurerm_subnet"),
        "--private-dns-zone": names("azurerm_private_dns_zone"),
        "--container-name": names("azurerm_storage_container"),
        "--location": {each["location"] for each in made_here["azurerm_resource_group"]},
    }
    for name, wanted in known.items():
        given = {option(command, name) for command in commands if name in command}
        assert given, name
        assert given <= wanted
    (restore,) = [command for command in commands if command[:2] == ["cosmosdb", "restore"]]
    assert {option(restore, "--account-name")} == names("azurerm_cosmosdb_account")
    accounts = {option(c, "--account-name") for c in commands if c[:2] == ["storage", "blob"]}
    assert accounts <= names("azurerm_storage_account")


def test_both_processes_get_the_role_that_terraform_gives(commands: list[list[str]]) -> None:
    given = [command for command in commands if "assignment" in command]
    assert [option(command, "--principal-id") for command in given] == ["SERVE", "WORK"]
    assert {option(command, "--role-definition-id") for command in given} == {DATA_CONTRIBUTOR}
    assert DATA_CONTRIBUTOR in (SOURCE / "cosmos.tf").read_text("utf-8")


def test_every_output_that_a_page_names_is_there() -> None:
    outputs = set(re.findall(r'^output "(\w+)"', (SOURCE / "outputs.tf").read_text("utf-8"), re.M))
    for path in files(".md"):
        named = set(re.findall(r"terraform output (?:-\w+ )?(\w+)", path.read_text("utf-8")))
        assert named <= outputs, path
