"""What the README shows is what is there."""

import re
from types import SimpleNamespace
from typing import Any

from approvals.organisation import shipped
from capabilities.azure.parameters import AzureParameters, Known, suggested
from capabilities.capability import Capability, Output, Question, Risk, RiskKind
from capabilities.cost import Meter, Quantity
from capabilities.regions import SUGGESTED
from capabilities.values import Environment
from tests.architecture.repository import page


def test_the_capability_in_the_readme_is_one() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", page("README.md"), re.S)
    names: dict[str, Any] = {
        each.__name__: each
        for each in (
            *(Capability, Output, Question, Risk, RiskKind),
            *(Environment, Known, Meter, Quantity),
        )
    }
    names |= {"KeyVaultParameters": AzureParameters, "suggested": suggested, "SUGGESTED": SUGGESTED}
    exec(code, names)
    assert "class KeyVault(Capability)" in code
    vault = names["KeyVault"]()
    decided = vault.decide({"team": "ml", "environment": "production"}, 1)
    assert decided["purge_protection"].value is True
    parameters = SimpleNamespace(region="eastus", vault_name="kv-ml-prod")
    assert vault.quantities(parameters)[0].meter.region == "eastus"
    assert vault.risks(parameters)[0].kind is RiskKind.STATEFUL


def test_the_table_of_who_must_approve_has_a_row_for_every_rule() -> None:
    table = page("README.md").partition("## Who must approve")[2].partition("##")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    rules = {rule.id for rule in shipped().rule} - {"security-finding"}
    assert len(rows) == len(rules), "security and security-finding share a row"
    for limit in (200, 1000):
        assert f"${limit:,}" in table


def test_everybody_of_the_sandbox_is_introduced() -> None:
    named = page("README.md").partition("Who is there")[2].partition("\n\n")[0]
    people = re.findall(r"^\[people\.(\w+)\]", page("bot/sandbox-directory.toml"), re.M)
    assert [person for person in people if person not in named] == []
