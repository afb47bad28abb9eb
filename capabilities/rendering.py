"""A step's Terraform files, from its capability's templates.

Text that people or models wrote travels in `terraform.tfvars.json` alone, where Terraform reads it
as data. The templates that become code see nothing but `flags`, the parameters that are true or
false, so that no text can reach code however a template is written.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from capabilities.capability import Capability, Parameters
from capabilities.values import Json

TEMPLATES = Path(__file__).parent.parent / "templates" / "terraform"
CODE = ("main.tf", "variables.tf", "outputs.tf", "provider.tf")
VALUES = "terraform.tfvars.json"


class MissingInput(ValueError):
    """An output of another step is needed, and neither it nor a stand-in was given."""


@dataclass(frozen=True, slots=True)
class RenderContext:
    """For whom; `workspace` is `<organisation>/<environment>/<capability>/<name>`."""

    workspace: str
    organisation: str
    subscription_id: str


def render(
    capability: Capability,
    parameters: Parameters,
    context: RenderContext,
    inputs: Mapping[str, Json] | None = None,
) -> dict[str, str]:
    """The files of the step's working folder, name to content; the same in, the same out.

    `inputs`: values of the Terraform variables that `capability.inputs(parameters)` names.

    Raises: MissingInput - one of them is not given.
    """
    given = _given(capability, parameters, inputs or {})
    code = {"flags": _flags(parameters)}
    files = {name: _template(capability, name).render(code) for name in CODE}
    values = _template(capability, VALUES).render(
        parameters=parameters, context=context, tags=tags(parameters, context), inputs=given
    )
    return {**files, VALUES: json.dumps(json.loads(values), indent=2, sort_keys=True) + "\n"}


def stand_ins(capability: Capability, parameters: Parameters) -> dict[str, Json]:
    """Inputs for a plan that is wanted before the steps it depends on have run."""
    return {need.variable: need.stand_in for need in capability.inputs(parameters)}


def tags(parameters: Parameters, context: RenderContext) -> dict[str, str]:
    """The tags of every resource that takes tags; ours win over extra ones of the same name."""
    return {
        **parameters.tags,
        "team": parameters.team,
        "environment": parameters.environment.value,
        "managed-by": "signoff",
        "signoff-workspace": context.workspace,
    }


def _given(
    capability: Capability, parameters: Parameters, inputs: Mapping[str, Json]
) -> dict[str, Json]:
    needed = capability.inputs(parameters)
    for need in needed:
        if need.variable not in inputs:
            raise MissingInput(
                f"{capability.id} needs {need.output!r} of the {need.capability} step "
                f"as {need.variable!r}"
            )
    return {need.variable: inputs[need.variable] for need in needed}


def _flags(parameters: Parameters) -> dict[str, bool]:
    fields = type(parameters).model_fields
    values = {name: getattr(parameters, name) for name in fields}
    return {name: value for name, value in values.items() if isinstance(value, bool)}


def _template(capability: Capability, name: str) -> Any:
    return _environment().get_template(f"{capability.templates}/{name}.j2")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - HCL, not HTML; values pass through tojson alone
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
