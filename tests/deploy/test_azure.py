"""Signoff's own Azure comes up, stays as it is and goes away; and is closed where it should be."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from orchestration.sandbox.schema import Schema
from tests.architecture.repository import PACKAGES, files
from tests.deploy.azure import PROTECTED, SOURCE, TWO_REGIONS, Azure, Made, made

SMALL: dict[str, object] = {
    "network": None,
    "zone_redundant": False,
    "environments": ["dev"],
    "assignable_roles": {},
}
KUBERNETES: dict[str, object] = {
    "network": None,
    "kubernetes": {
        "oidc_issuer": "https://westeurope.oic.prod-aks.azure.com/x/y/",
        "teams_app_id": "66666666-6666-6666-6666-666666666666",
    },
    "settings": {"public_url": "https://signoff.contoso.com"},
}
LONGEST_GRACE_S = 600
"""Source: Azure Container Apps, `terminationGracePeriodSeconds`."""
TRIGGERS = {"cron", "cpu"}
"""Those of KEDA that Container Apps takes and that we use; not `temporal`.

Source: microsoft/azure-container-apps#1588."""
PROBES = ("startup_probe", "liveness_probe", "readiness_probe")


def test_it_is_formatted_and_valid(azure: Azure) -> None:
    assert azure.run("fmt", "-check", "-recursive", "-diff", str(SOURCE)).stdout == ""
    azure.does("validate")


@pytest.mark.parametrize(
    "variables",
    [{}, SMALL, TWO_REGIONS, KUBERNETES],
    ids=["example", "small", "two-regions", "kubernetes"],
)
def test_it_comes_up_stays_as_it_is_and_goes_away(
    variables: dict[str, object], tmp_path: Path
) -> None:
    azure = made(tmp_path)
    planned = azure.planned(variables)
    azure.does("apply", "-input=false", "saved")
    assert len(azure.exists()) == sum(map(len, planned.values()))
    azure.does("plan", "-input=false", "-detailed-exitcode", *azure.given(variables))
    azure.does("destroy", "-input=false", "-auto-approve", *azure.given(variables))
    assert azure.exists() == []


# Terraform tells mistakes together, but for those that take two variables to see.
MISTAKES: list[dict[str, tuple[object, str]]] = [
    {
        "subscription_id": ("mine", "subscription_id is a GUID"),
        "name": ("Sign-Off", "name is 3 to 12 characters"),
        "image": ("contoso.azurecr.io/signoff:latest", "A tag can change under you"),
        "registry_id": ("contoso", "registry_id is /subscriptions/"),
        "cosmos": ({"autoscale_max_ru": 1500}, "a multiple of 1000"),
        "environments": (["Production"], "or some of them"),
        "provisions": (["everything"], "provisions are /subscriptions/ID"),
        "assignable_roles": ({"Owner": "8E3AF657-A8FF-443C-A75C-2FE8C4BCB635"}, "has everything"),
        "temporal": ({"address": "https://temporal", "namespace": "x"}, "HOST:PORT"),
        "secrets": (
            {"link_key": {"name": "k", "to": ["all"]}},
            "secrets.to holds",
        ),
        "settings": ({"SIGNOFF_PORT": "1"}, "public_url, not SIGNOFF_PUBLIC_URL"),
        "serve": ({"min_replicas": 0}, "at least one replica"),
        "work": ({"replicas": 0}, "work has at least one replica"),
        "alert_emails": (["somebody"], "addresses such as"),
        "sampled_traces": (10, "from 0 to 1"),
    },
    {
        "cosmos": ({"consistency": "Session"}, "cosmos.consistency is"),
        "secrets": (
            {"link_key": {"name": "link_key"}},
            "letters, digits and hyphens",
        ),
        "work": (
            {"busy": {"replicas": 2, "start": "7:00", "end": "19:00", "timezone": "UTC"}},
            "work.busy.replicas is more than",
        ),
        "serve": ({"min_replicas": 3, "max_replicas": 2}, "max_replicas is not below"),
    },
    {"network": (None, "set network, or zone_redundant = false")},
    {"provisions": ([], "has to lie in provisions")},
    {"second_location": ("westeurope", "another region than location")},
    {
        "kubernetes": (KUBERNETES["kubernetes"], "settings.public_url has to say where"),
        "network": (None, ""),
    },
    {
        "kubernetes": (KUBERNETES["kubernetes"], "With kubernetes, network has to be null"),
        "settings": (KUBERNETES["settings"], ""),
    },
    {
        "work": (
            {"busy": {"replicas": 9, "start": "7:00", "end": "19:00", "timezone": "UTC"}},
            "have five fields",
        ),
    },
    {"second_location": ("northeurope", "Serverless Cosmos DB has one region")},
    {
        "cosmos": ({"autoscale_max_ru": 1000}, ""),
        "second_location": ("northeurope", "needs network.second_address_space"),
    },
]


@pytest.mark.parametrize("mistakes", MISTAKES, ids=range(len(MISTAKES)))
def test_what_cannot_work_is_refused_with_a_reason(
    azure: Azure, mistakes: dict[str, tuple[object, str]]
) -> None:
    variables = {name: value for name, (value, _) in mistakes.items()}
    refused = azure.run("plan", "-input=false", *azure.given(variables))
    said = " ".join(refused.stderr.replace("│", " ").split())
    assert refused.returncode == 1
    assert [why for _, why in mistakes.values() if why not in said] == []


def test_no_key_opens_anything(example: Made) -> None:
    (cosmos,) = example["azurerm_cosmosdb_account"]
    assert cosmos["local_authentication_disabled"] is True
    accounts = example["azurerm_storage_account"]
    assert {a["shared_access_key_enabled"] for a in accounts} == {False}
    assert {a["allow_nested_items_to_be_public"] for a in accounts} == {False}
    (vault,) = example["azurerm_key_vault"]
    assert (vault["rbac_authorization_enabled"], vault["purge_protection_enabled"]) == (True, True)
    (bot,) = example["azurerm_bot_service_azure_bot"]
    assert bot["local_authentication_enabled"] is False


def test_with_a_network_the_data_has_no_public_way_in(example: Made) -> None:
    stores = ("azurerm_cosmosdb_account", "azurerm_key_vault", "azurerm_storage_account")
    data = [each for kind in stores for each in example[kind]]
    assert {each["public_network_access_enabled"] for each in data} == {False}
    ends = {each["key"] for each in example["azurerm_private_endpoint"]}
    assert ends == {"cosmos", "vault", "artifacts", "dev", "test", "staging", "production"}


def test_only_work_may_change_what_signoff_provisions(example: Made) -> None:
    roles = _roles(example)
    provisions = "/subscriptions/11111111-1111-1111-1111-111111111111"
    changing = {(r["role_definition_name"], r.get("scope")) for r in roles if _by(r) == "work"}
    assert ("Contributor", provisions) in changing
    wide = {"Contributor", "Role Based Access Control Administrator"}
    assert {r.get("scope") for r in roles if r["role_definition_name"] in wide} == {provisions}
    assert {r["role_definition_name"] for r in roles if _by(r) == "serve"} == {
        *("AcrPull", "Storage Blob Data Reader", "Key Vault Crypto Service Encryption User")
    }
    assert not any(
        r["role_definition_name"] in ("Owner", "User Access Administrator") for r in roles
    )


def test_roles_are_given_on_within_a_condition(example: Made) -> None:
    (grant,) = [r for r in _roles(example) if "Access Control" in r["role_definition_name"]]
    assert grant["condition_version"] == "2.0"
    for action, of in (("write", "@Request"), ("delete", "@Resource")):
        assert f"Microsoft.Authorization/roleAssignments/{action}" in grant["condition"]
        assert (
            f"{of}[Microsoft.Authorization/roleAssignments:RoleDefinitionId]" in grant["condition"]
        )
    assert "ba92f5b4-2d11-453d-a403-e96b0029c9fe" in grant["condition"]


def test_a_secret_is_read_by_whom_it_is_for(two_regions: Made) -> None:
    reading = {
        (_by(r), r["description"].rpartition(" ")[2])
        for r in _roles(two_regions)
        if r["role_definition_name"] == "Key Vault Secrets User"
    }
    assert reading == {
        *(("serve", "link_key"), ("serve", "engine_api_key"), ("work", "engine_api_key")),
        *(("serve", "directory_file"), ("work", "directory_file")),
    }
    apps = two_regions["azurerm_container_app"]
    work = next(app for app in apps if app["key"] == "westeurope/work")
    assert {s["name"] for s in work["secret"]} >= {"engine-api-key", "directory-file"}
    assert "link-key" not in {s["name"] for s in work["secret"]}
    assert not any(s.get("value") for app in apps for s in app["secret"])


def test_two_regions_have_everything_twice_and_one_address(two_regions: Made) -> None:
    assert {a["key"] for a in two_regions["azurerm_container_app"]} == {
        f"{region}/{process}"
        for region in ("westeurope", "northeurope")
        for process in ("serve", "work")
    }
    (cosmos,) = two_regions["azurerm_cosmosdb_account"]
    assert {g["location"]: g["failover_priority"] for g in cosmos["geo_location"]} == {
        "westeurope": 0,
        "northeurope": 1,
    }
    assert {o["priority"] for o in two_regions["azurerm_cdn_frontdoor_origin"]} == {1, 2}
    assert len(two_regions["azurerm_private_endpoint"]) == 14


def test_every_container_that_the_code_names_is_made_as_the_store_needs_it(example: Made) -> None:
    containers = example["azurerm_cosmosdb_sql_container"]
    assert {each["name"] for each in containers} == set(_containers())
    for each in containers:
        assert (each["partition_key_paths"], each["default_ttl"]) == (["/p"], -1)
        (policy,) = each["indexing_policy"]
        assert [p["path"] for p in policy["included_path"]] == ["/waits/?"]
        assert [p["path"] for p in policy["excluded_path"]] == ["/*"]
        (order,) = policy["composite_index"]
        assert [p["path"] for p in order["index"]] == ["/p", "/id"]


def test_workers_are_as_many_as_said_and_more_when_it_is_busy(
    example: Made, two_regions: Made
) -> None:
    for found, most, rules in ((example, 2, []), (two_regions, 27, ["27"])):
        for app in _of(found, "work"):
            (template,) = app["template"]
            assert (template["min_replicas"], template["max_replicas"]) == (2, most)
            busy = template["custom_scale_rule"]
            assert [rule["metadata"]["desiredReplicas"] for rule in busy] == rules
            assert {rule["custom_rule_type"] for rule in busy} <= TRIGGERS


def test_every_setting_of_the_processes_is_one(two_regions: Made) -> None:
    apps = two_regions["azurerm_container_app"]
    given = {e["name"] for app in apps for e in app["template"][0]["container"][0]["env"]}
    ours = {name.removeprefix("SIGNOFF_").lower() for name in given if name.startswith("SIGNOFF_")}
    assert ours <= set(Settings.__dataclass_fields__)
    assert {"engine_address", "teams_app_id", "link_key"} <= ours


def test_a_replica_is_given_the_time_that_it_takes_to_go(example: Made) -> None:
    for app in example["azurerm_container_app"]:
        (template,) = app["template"]
        (container,) = template["container"]
        env = {each["name"]: each.get("value") for each in container["env"]}
        needed = float(env.get("SIGNOFF_DRAIN_S") or 0) + float(env.get("SIGNOFF_LEAVE_S") or 0)
        needed += Settings().cancel_grace_s + 10 if app["key"].endswith("work") else 30
        assert needed <= template["termination_grace_period_seconds"] <= LONGEST_GRACE_S


def test_each_probe_asks_where_the_process_answers(example: Made) -> None:
    for app in example["azurerm_container_app"]:
        (container,) = app["template"][0]["container"]
        env = {each["name"]: each.get("value") for each in container["env"]}
        port = env.get("SIGNOFF_WORK_PORT") or str(Settings().port)
        probes = [p for kind in PROBES for p in container[kind]]
        assert {str(probe["port"]) for probe in probes} == {port}
        assert [probe["path"] for probe in probes] == ["/health", "/health", "/ready"]


def test_what_expires_is_deleted_and_what_roll_back_needs_is_not(example: Made) -> None:
    rules = [r for p in example["azurerm_storage_management_policy"] for r in p["rule"]]
    (expired,) = [rule for rule in rules if rule["name"] == "expired"]
    (filters,) = expired["filters"]
    assert filters["prefix_match"] == ["artifacts/doctor/", "artifacts/logs/", "artifacts/plans/"]
    (versions,) = {r["actions"][0]["base_blob"] is None or r["actions"][0]["base_blob"] == []
                   for r in rules if r["name"] == "old-versions"}  # fmt: skip
    assert versions is True


def test_in_a_cluster_the_identities_are_its_service_accounts(azure: Azure) -> None:
    found = azure.planned(KUBERNETES)
    assert "azurerm_container_app" not in found
    assert "azurerm_container_app_environment" not in found
    assert {f["subject"] for f in found["azurerm_federated_identity_credential"]} == {
        "system:serviceaccount:signoff:signoff-serve",
        "system:serviceaccount:signoff:signoff-work",
    }
    (bot,) = found["azurerm_bot_service_azure_bot"]
    assert bot["endpoint"] == "https://signoff.contoso.com/api/messages"
    assert bot["microsoft_app_type"] == "SingleTenant"


def test_what_holds_data_is_not_destroyed_by_a_plan() -> None:
    source = "".join(path.read_text("utf-8") for path in SOURCE.glob("*.tf"))
    guarded = [block.partition("{")[0] for block in source.split("\nresource ")[1:]
               if "prevent_destroy = true" in block]  # fmt: skip
    assert sorted(g.replace('"', "").strip().replace(" ", ".") for g in guarded) == [*PROTECTED]


def test_the_provider_is_the_one_whose_schema_is_checked() -> None:
    version = Schema("azurerm").version.rpartition(".")[0]
    assert f'version = "~> {version}"' in (SOURCE / "versions.tf").read_text("utf-8")


def _of(found: Made, process: str) -> list[dict[str, Any]]:
    return [app for app in found["azurerm_container_app"] if app["key"].endswith(f"/{process}")]


def _roles(found: Made) -> list[dict[str, Any]]:
    return found["azurerm_role_assignment"]


def _by(role: dict[str, Any]) -> str:
    return str(role.get("description")).partition(" ")[0]


def _containers() -> Iterator[str]:
    """What the code calls `CONTAINER`, wherever it does."""
    for path in (p for package in PACKAGES for p in files(".py", under=package)):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                (target,) = node.targets
                if isinstance(target, ast.Name) and target.id in ("CONTAINER", "_CONTAINER"):
                    yield str(node.value.value)
