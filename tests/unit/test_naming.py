import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.naming import RULES, Convention, convention, parse_convention
from capabilities.values import Environment

KINDS = {
    ("databricks", "resource_group"): "resource_group",
    ("databricks", "workspace_name"): "workspace_name",
    ("databricks", "pool_name"): "pool_name",
    ("databricks", "cluster_name"): "cluster_name",
    ("databricks", "access_connector_name"): "access_connector_name",
    ("azure_openai", "resource_group"): "resource_group",
    ("azure_openai", "account_name"): "openai_account",
    ("storage", "resource_group"): "resource_group",
    ("storage", "account_name"): "storage_account",
}


def name(
    capability: str,
    parameter: str,
    team: str = "ml",
    environment: Environment = Environment.PRODUCTION,
    ordinal: int = 1,
    by: Convention | None = None,
    purpose: str = "",
) -> str:
    return (by or convention()).suggest(
        capability,
        parameter,
        KINDS[capability, parameter],
        team=team,
        environment=environment,
        purpose=purpose,
        ordinal=ordinal,
    )


def test_the_example_is_named_as_people_expect() -> None:
    assert name("databricks", "resource_group") == "rg-ml-prod"
    assert name("databricks", "workspace_name") == "dbw-ml-prod"


def test_a_second_one_carries_its_number() -> None:
    assert name("databricks", "workspace_name", ordinal=2) == "dbw-ml-prod-2"
    assert name("storage", "account_name", ordinal=2).startswith("stmlprod2")


def test_a_purpose_goes_into_the_names() -> None:
    assert name("storage", "resource_group", purpose="raw") == "rg-ml-prod-storage-raw"
    account = name("storage", "account_name", purpose="raw")
    assert account.startswith("stmlprodraw") and len(account) == len("stmlprodraw") + 4
    assert name("databricks", "workspace_name", purpose="lab") == "dbw-ml-prod-lab"


def test_every_capability_has_a_resource_group_of_its_own() -> None:
    groups = {
        name(capability, "resource_group")
        for capability in ("databricks", "azure_openai", "storage")
    }
    assert len(groups) == 3


@pytest.mark.parametrize("place", KINDS)
@given(
    team=st.from_regex(r"[a-z][a-z0-9-]{0,19}", fullmatch=True),
    environment=st.sampled_from(Environment),
    ordinal=st.integers(1, 12),
    purpose=st.from_regex(r"([a-z]([a-z0-9-]{0,10}[a-z0-9])?)?", fullmatch=True),
)
def test_suggested_names_fit_azures_rules(
    place: tuple[str, str], team: str, environment: Environment, ordinal: int, purpose: str
) -> None:
    suggested = name(*place, team, environment, ordinal, purpose=purpose)
    assert RULES[KINDS[place]].complaint(suggested) == ""


def test_long_teams_that_begin_alike_get_different_storage_accounts() -> None:
    names = {name("storage", "account_name", f"marketing-analytic-{end}") for end in "ab"}
    assert len(names) == 2
    assert all(len(each) <= 24 for each in names)


def test_globally_unique_names_are_stable_and_differ_by_organisation() -> None:
    text = (
        'seed = "acme"\n[environments]\nproduction = "prod"\n[storage]\naccount_name = "st{hash}"'
    )
    acme = name("storage", "account_name", by=parse_convention(text))
    other = name("storage", "account_name", by=parse_convention(text.replace("acme", "globex")))
    assert acme == name("storage", "account_name", by=parse_convention(text))
    assert acme != other


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("resource_group", "rg-ml_(1).x", "rg-ml."),
        ("resource_group", "r" * 90, "r" * 91),
        ("workspace_name", "dbw", "-dbw"),
        ("storage_account", "stmlprod1", "st-ml-prod"),
        ("storage_account", "abc", "Abc"),
        ("container", "raw-data", "raw--data"),
        ("container", "abc", "ab"),
        ("openai_account", "oai-ml", "oai_ml"),
        ("openai_deployment", "gpt-4.1", ".gpt"),
        ("cluster_name", "ML training (GPU)", "${file('/etc/passwd')}"),
        ("pool_name", "pool ml", "pool\nml"),
    ],
)
def test_each_kind_has_azures_own_rule(kind: str, good: str, bad: str) -> None:
    assert RULES[kind].complaint(good) == ""
    assert "a name has" in RULES[kind].complaint(bad)
