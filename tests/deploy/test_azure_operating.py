"""Signoff's own Azure can be applied from anywhere, stays, and tells when it is not well."""

import json
import re

import hcl2
import yaml

from benchmarks.cost import ASSUMED
from tests.architecture.repository import page
from tests.deploy.azure import SOURCE, Made


def test_applying_needs_no_way_to_the_data_and_no_role_in_it(example: Made) -> None:
    provider = hcl2.loads((SOURCE / "versions.tf").read_text("utf-8"))["provider"][0]['"azurerm"']
    features = {name: of for each in provider["features"] for name, of in each.items()}
    assert features["storage"][0]["data_plane_available"] is False
    assert features["template_deployment"][0]["delete_nested_items_during_deletion"] is False
    over_the_data_plane = {"azurerm_key_vault_key", "azurerm_key_vault_secret"}
    assert over_the_data_plane.isdisjoint(example)
    named = [c.get("storage_account_name") for c in example["azurerm_storage_container"]]
    assert not any(named), "by id, which goes through Resource Manager"
    roles = example["azurerm_role_assignment"]
    others = {r["role_definition_name"] for r in roles if not r.get("description")}
    assert others == {"Key Vault Secrets Officer"}, "who applies gets none: who plans is another"


def test_the_key_is_made_once_and_rotates(example: Made) -> None:
    (deployment,) = example["azurerm_resource_group_template_deployment"]
    (key,) = json.loads(deployment["template_content"])["resources"]
    kind, name = key["type"], key["name"]
    assert (kind, name) == ("Microsoft.KeyVault/vaults/keys", "kv-signoffco/artifacts")
    assert set(key["properties"]["keyOps"]) == {"wrapKey", "unwrapKey"}
    (action,) = key["properties"]["rotationPolicy"]["lifetimeActions"]
    assert action["action"] == {"type": "rotate"}


def test_the_environment_has_the_group_that_azure_would_else_name(example: Made) -> None:
    (environment,) = example["azurerm_container_app_environment"]
    assert environment["infrastructure_resource_group_name"] == "rg-signoffco-westeurope-apps"


def test_traces_are_sampled_as_the_cost_assumes(example: Made) -> None:
    for app in example["azurerm_container_app"]:
        env = {e["name"]: e.get("value") for e in app["template"][0]["container"][0]["env"]}
        assert env["OTEL_TRACES_SAMPLER"] == "parentbased_traceidratio"
        share, _ = ASSUMED["sampled"]
        assert float(env["OTEL_TRACES_SAMPLER_ARG"]) == share


def test_an_alert_of_azure_is_one_of_ours_about_metrics_that_are_sent(
    example: Made, two_regions: Made
) -> None:
    alerts = two_regions["azurerm_monitor_scheduled_query_rules_alert_v2"]
    rules = yaml.safe_load(page("deploy/monitoring/prometheus/alerts.yaml"))["groups"][0]["rules"]
    known = {rule["alert"]: rule for rule in rules}
    sent = page("orchestration/measures.py")
    told = page("docs/monitoring.md")
    for alert in alerts:
        rule = known[alert["name"]]
        assert rule["labels"]["severity"] == "page"
        assert alert["description"] == rule["annotations"]["runbook"]
        (criteria,) = alert["criteria"]
        names = re.findall(r"'((?:signoff|db)\.[\w.]+)'", criteria["query"])
        assert names
        assert [name for name in names if f'"{name}"' not in sent] == []
        assert re.search(rf"\| `{alert['name']}` \| page \| yes \|", told), alert["name"]
    assert len(re.findall(r"\| yes \|", told)) == len(alerts)
    assert "azurerm_monitor_scheduled_query_rules_alert_v2" not in example, "nobody is to be woken"
