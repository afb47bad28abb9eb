import json
from pathlib import Path

import pytest

from orchestration.sandbox import view
from orchestration.sandbox.cloud import AlreadyExists, Cloud, CloudObject
from orchestration.sandbox.command import told
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
    root: Path,
) -> None:
    assert [line.split()[1] for line in told(root, ["list"])] == ["rg", "st"]
    told(root, ["drift", ACCOUNT.id, "name=other"])
    (shown,) = told(root, ["show", ACCOUNT.id])
    assert json.loads(shown)["attributes"] == {"name": "other"}
    told(root, ["remove", GROUP.id])
    assert told(root, ["list"]) == []
    operations = [line.split()[1] for line in told(root, ["activity"])]
    assert operations == ["create", "create", "drift", "remove"]


def test_what_cannot_be_done_is_said(root: Path) -> None:
    with pytest.raises(ValueError, match=r"show cannot be done: .*nothing with the id 'nothing'"):
        told(root, ["show", "nothing"])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "nope",
            "command: invalid choice: 'nope'. What is accepted: signoff sandbox [-h] {list,",
        ),
        (
            "fault add --kind flood",
            "--kind: invalid choice: 'flood'. What is accepted: signoff sandbox fault add",
        ),
        (
            "fault add",
            "the following arguments are required: --kind. What is accepted: signoff sandbox fault",
        ),
        ("list --all", "unrecognized arguments: --all. What is accepted: signoff sandbox [-h]"),
    ],
)
def test_what_is_not_understood_is_told_with_what_is(root: Path, line: str, says: str) -> None:
    with pytest.raises(ValueError) as refused:
        told(root, line.split())
    assert str(refused.value).startswith(says)


def test_help_is_told_like_anything_else(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(root, ["fault", "add", "-h"])[0].startswith("usage: signoff sandbox fault add")
    assert capsys.readouterr().out == ""


def test_a_fault_shows_as_often_as_asked(root: Path) -> None:
    arguments = "fault add --type databricks_cluster --op create --kind quota --times 2"
    assert told(root, arguments.split()) == ["quota on create of databricks_cluster named *, 2x"]
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
