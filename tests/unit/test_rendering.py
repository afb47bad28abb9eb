"""Whatever people write ends up as data, never as Terraform code."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capabilities.registry import catalogue
from capabilities.rendering import CODE, VALUES, MissingInput, RenderContext, render
from tests.provider_schema import problems
from tests.requests import SUBSCRIPTION, asked, parameters, rendered

HOSTILE = [
    '${file("/etc/passwd")}',
    "%{ for x in [1] }x%{ endfor }",
    '"\n}\nresource "null_resource" "x" { provisioner "local-exec" { command = "id" } }\n',
    "{{ context.__class__.__mro__ }}",
    "{% include 'x' %}",
    '\\" } # ',
    "</script>'\u2028",
]


def code(files: dict[str, str]) -> dict[str, str]:
    return {name: files[name] for name in CODE}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("capability", catalogue().ids())
def test_a_hostile_tag_changes_no_code_and_arrives_as_it_is(capability: str, text: str) -> None:
    files = rendered(capability, tags={"note": text})
    assert code(files) == code(rendered(capability))
    assert json.loads(files[VALUES])["tags"]["note"] == text
    assert problems(files) == []


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_no_text_reaches_code(text: str) -> None:
    files = rendered("databricks", tags={"note": text})
    assert code(files) == code(rendered("databricks"))
    assert json.loads(files[VALUES])["tags"]["note"] == text


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("capability", "parameter"),
    [
        ("databricks", "resource_group"),
        ("databricks", "workspace_name"),
        ("databricks", "cluster_name"),
        ("databricks", "pool_name"),
        ("databricks", "node_type"),
        ("databricks", "region"),
        ("azure_openai", "account_name"),
        ("azure_openai", "deployment_name"),
        ("azure_openai", "model_version"),
        ("storage", "account_name"),
        ("storage", "team"),
    ],
)
def test_hostile_names_are_refused(capability: str, parameter: str, text: str) -> None:
    assert asked(capability, **{parameter: text}).parameters is None


def test_names_of_the_code_differ_only_by_flags() -> None:
    one = rendered("storage", team="ml", environment="dev")
    other = rendered("storage", team="web", environment="production", containers=["raw", "gold"])
    assert code(one) == code(other)
    assert code(one) != code(rendered("storage", databricks_access=True))


def test_every_taggable_resource_says_whose_it_is() -> None:
    tags = json.loads(rendered("storage", tags={"cost-centre": "42"})[VALUES])["tags"]
    assert tags == {
        "team": "ml",
        "environment": "production",
        "managed-by": "signoff",
        "signoff-workspace": f"acme/production/storage/{parameters('storage').account_name}",
        "cost-centre": "42",
    }


def test_outputs_are_those_the_capability_promises() -> None:
    for capability in catalogue().capabilities.values():
        text = rendered(capability.id)["outputs.tf"]
        assert {f'output "{output.name}" {{' for output in capability.outputs} == {
            line for line in text.splitlines() if line.startswith("output")
        }


def test_a_missing_input_is_named() -> None:
    given = parameters("storage", databricks_access=True)
    context = RenderContext("acme/production/storage/x", "acme", SUBSCRIPTION)
    with pytest.raises(MissingInput, match="access_connector_principal_id"):
        render(catalogue()["storage"], given, context)


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert rendered("databricks") == rendered("databricks")
