"""What people say, for tests: values as a draft holds them, and a step resolved from them."""

from typing import Any

from capabilities.capability import Resolved, resolve
from capabilities.registry import catalogue
from capabilities.rendering import RenderContext, render, stand_ins
from capabilities.values import Provenance, Value, Values

SUBSCRIPTION = "aaaaaaaa-0000-0000-0000-000000000001"


def said(**values: Any) -> Values:
    return {key: Value(value, Provenance.SAID, by="ana") for key, value in values.items()}


def asked(capability: str, *, ordinal: int = 1, **values: Any) -> Resolved:
    """The step that these words make; team ml, production, eastus unless said otherwise."""
    shared = {"team": "ml", "environment": "production", "region": "eastus", **values}
    return resolve(catalogue()[capability], said(**shared), ordinal=ordinal)


def parameters(capability: str, **values: Any) -> Any:
    resolved = asked(capability, **values)
    assert resolved.parameters is not None, resolved
    return resolved.parameters


def rendered(capability: str, **values: Any) -> dict[str, str]:
    """The files of the step, with stand-ins for what other steps would give."""
    chosen, given = catalogue()[capability], parameters(capability, **values)
    name = getattr(given, chosen.name_parameter)
    workspace = f"acme/{given.environment.value}/{capability}/{name}"
    context = RenderContext(workspace, "acme", SUBSCRIPTION)
    return render(chosen, given, context, stand_ins(chosen, given))
