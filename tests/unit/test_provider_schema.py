"""Everything that is rendered is what the real providers accept."""

from typing import Any

import pytest

from tests.provider_schema import problems
from tests.requests import rendered

CASES: list[tuple[str, dict[str, Any]]] = [
    *((c, {"environment": e}) for c in ("databricks", "azure_openai", "storage")
      for e in ("dev", "test", "staging", "production")),
    ("databricks", {"public_network_access": True, "tags": {"cost-centre": "42"}}),
    ("databricks", {"sku": "trial", "no_public_ip": False, "team": "web"}),
    ("azure_openai", {"allowed_ip_ranges": ["203.0.113.0/24"], "model": "gpt-4o"}),
    ("azure_openai", {"public_network_access": True}),
    ("storage", {"databricks_access": True, "allowed_ip_ranges": ["203.0.113.7"]}),
    ("storage", {"containers": [], "reader_object_ids": ["aaaaaaaa-0000-0000-0000-00000000000a"]}),
]  # fmt: skip


@pytest.mark.parametrize(("capability", "values"), CASES)
def test_rendered_files_are_valid(capability: str, values: dict[str, Any]) -> None:
    assert problems(rendered(capability, **values)) == []


def broken(old: str, new: str) -> list[str]:
    files = rendered("storage", databricks_access=True)
    assert old in files["main.tf"]
    return problems({**files, "main.tf": files["main.tf"].replace(old, new, 1)})


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("account_tier  ", "account_teir  ", "account_teir does not exist"),
        ("account_tier  ", "primary_location  ", "primary_location is set by the provider"),
        ("account_tier  ", "edge_zone  ", "account_tier is missing"),
        ('bypass         = ["AzureServices"]', "bypass = true", "bypass is bool"),
        ("var.hierarchical_namespace", "[true]", "is_hns_enabled is ['list', 'bool']"),
        ("var.replication", "var.tags", "is ['map', 'string'], not string"),
        ("var.replication", "var.copies", "var.copies is not declared"),
        ("azurerm_storage_account.this.id", "azurerm_storage_account.that.id", "not declared"),
        ("azurerm_storage_account.this.id", "azurerm_storage_account.this.idd", "no attribute idd"),
        ("  network_rules {", "  network_rulez {", "network_rulez does not exist"),
        ("  tags = var.tags\n}\n\n#", "  network_rules {}\n}\n#", "network_rules is there 2 times"),
        ('"azurerm_storage_container"', '"azurerm_storage_box"', "no resource azurerm_storage_box"),
    ],
)
def test_the_check_finds_what_a_provider_would_refuse(old: str, new: str, complaint: str) -> None:
    assert any(complaint in problem for problem in broken(old, new))


def test_values_and_variables_must_match() -> None:
    files = rendered("databricks")
    files["terraform.tfvars.json"] = files["terraform.tfvars.json"].replace("min_workers", "least")
    found = problems(files)
    assert "least has a value and is not declared" in found
    assert "min_workers is declared and has no value" in found
