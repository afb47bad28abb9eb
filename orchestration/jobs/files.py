"""The rendered files of a step: made from its values, or taken from what was applied before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from capabilities.capability import resolve
from capabilities.rendering import RenderContext, render
from capabilities.values import Json
from orchestration.deployment import Deployment, Step, Succeeded
from orchestration.errors import PermanentError
from orchestration.jobs.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Files:
    """`content` is what Terraform gets; `hashes` are of the symbolic form, equal before and after
    the values of earlier steps are known."""

    content: Mapping[str, str]
    hashes: Mapping[str, str]
    known: Mapping[str, Json]
    """The values of earlier steps' outputs by `step.output`; lacks those not known yet."""
    complete: bool
    """Whether every input is known."""


async def files_of(shop: Workshop, deployment: Deployment, step: Step) -> Files:
    """Raises: PermanentError - the stored values do not render; NotFound - stored files expired."""
    if step.target:
        content = json.loads(await shop.artifacts.get(step.target))
        return Files(content, _hashes(content), {}, complete=True)
    known = _outputs(deployment, step)
    symbols = {entry.variable: entry.symbol for entry in step.inputs}
    values = {
        entry.variable: known[f"{entry.step}.{entry.output}"]
        for entry in step.inputs
        if f"{entry.step}.{entry.output}" in known
    }
    symbolic = _render(shop, step, symbols)
    content = _render(shop, step, {**symbols, **values}) if values else symbolic
    return Files(content, _hashes(symbolic), known, complete=len(values) == len(symbols))


def _outputs(deployment: Deployment, step: Step) -> Mapping[str, Json]:
    known: dict[str, Json] = {}
    for entry in step.inputs:
        state = deployment.step(entry.step).state
        if isinstance(state, Succeeded) and entry.output in state.outputs:
            known[f"{entry.step}.{entry.output}"] = state.outputs[entry.output]
    return known


def _render(shop: Workshop, step: Step, inputs: Mapping[str, Json]) -> Mapping[str, str]:
    capability = shop.catalogue[step.capability]
    resolved = resolve(capability, step.values)
    if resolved.parameters is None:
        said = "; ".join(f"{p.parameter} {p.message}" for p in resolved.problems)
        raise PermanentError(f"the values of {step.name!r} are no longer valid: {said}")
    context = RenderContext(
        workspace=step.workspace,
        organisation=shop.organisation,
        subscription_id=shop.subscription_id,
    )
    return render(capability, resolved.parameters, context, inputs)


def _hashes(content: Mapping[str, str]) -> Mapping[str, str]:
    return {name: sha256(text.encode()).hexdigest() for name, text in content.items()}
