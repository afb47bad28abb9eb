import json
from pathlib import Path

import pytest

from orchestration.sandbox import view
from orchestration.sandbox.__main__ import main, told
from orchestration.sandbox.cloud import AlreadyExists, Cloud, CloudObject
from orchestration.sandbox.faults import Fault, Faults
from orchestration.sandbox.schema import SOURCES, Schema
from orchestration.sandbox.validation import problems

GROUP = CloudObject("/subscriptions/0/resourceGroups/rg", "azurerm_resource_group", {"name": "rg"})
ACCOUNT = CloudObject(f"{GROUP.id}/providers/x/st", "azurerm_storage_account", {"name": "st"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Cloud(tmp_path).create(GROUP)
    Cloud(tmp_path).create(ACCOUNT)
    return tmp_path


def test_what_exists_can_be_listed_shown_changed_and_removed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> str:
        assert main(["--root", str(root), *arguments]) == 0
        return capsys.readouterr().out

    assert [line.split()[1] for line in run("list").splitlines()] == ["rg", "st"]
    run("drift", ACCOUNT.id, "name=other")
    assert json.loads(run("show", ACCOUNT.id))["attributes"] == {"name": "other"}
    run("remove", GROUP.id)
    assert run("list") == ""
    operations = [line.split()[1] for line in run("activity").splitlines()]
    assert operations == ["create", "create", "drift", "remove"]


def test_what_cannot_be_done_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(root), "show", "nothing"]) == 2
    assert "nothing with the id 'nothing'" in capsys.readouterr().err


def test_a_fault_shows_as_often_as_asked(root: Path) -> None:
    arguments = "fault add --type databricks_cluster --op create --kind quota --times 2"
    assert main(["--root", str(root), *arguments.split()]) == 0
    faults = Faults(root)
    assert faults.take("create", "azurerm_resource_group", "rg") is None
    assert faults.take("create", "databricks_cluster", "c") == Fault(
        "quota", type="databricks_cluster", times=2
    )
    assert faults.take("create", "databricks_cluster", "c") is not None
    assert faults.take("create", "databricks_cluster", "c") is None


def test_an_id_exists_once(root: Path) -> None:
    with pytest.raises(AlreadyExists):
        Cloud(root).create(GROUP)
    assert len(view.look(root)) == 2


def test_the_schemas_hold_what_the_templates_use() -> None:
    for provider in SOURCES:
        schema = Schema(provider)
        assert schema.version
        for type_ in schema.resources:
            assert set(schema.replacing(type_)) or provider == "databricks"
    resources = Schema("azurerm").resources
    assert {"azurerm_storage_account_network_rules", "azurerm_role_assignment"} <= set(resources)


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("azurerm_resource_group", "rg-ml (1)".replace(" ", ""), "rg."),
        ("azurerm_databricks_workspace", "dbw-ml_1", "d"),
        ("azurerm_storage_account", "stml1", "st-ml"),
        ("azurerm_storage_container", "raw-1", "Raw"),
        ("azurerm_storage_data_lake_gen2_filesystem", "raw", "raw-"),
        ("azurerm_cognitive_account", "oai-ml.1", "-oai"),
    ],
)
def test_names_are_held_to_azures_rules(type_: str, good: str, bad: str) -> None:
    assert not list(problems(type_, {"name": good}))
    ((attribute, _message),) = problems(type_, {"name": bad})
    assert attribute == "name"


def test_a_script_is_told_what_a_command_says_or_why_it_cannot_be_done(root: Path) -> None:
    assert told(root, ["fault", "list"]) == []
    with pytest.raises(ValueError, match="invalid choice"):
        told(root, ["fault", "add", "--kind", "flood"])
    with pytest.raises(ValueError, match="show cannot be done"):
        told(root, ["show", "/nowhere"])
