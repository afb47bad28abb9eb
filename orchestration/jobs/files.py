"""The rendered files of a step: made from its values, or taken from what was applied before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from approvals.change import Operation
from capabilities.capability import resolve
from capabilities.rendering import RenderContext, render, stand_ins
from capabilities.values import Json
from orchestration.deployment import Deployment, PlanRecord, Step, Succeeded
from orchestration.errors import PermanentError
from orchestration.jobs.workshop import Workshop
from orchestration.ports import ArtifactStore, DeploymentId, StepId

_KEPT_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Files:
    """`content` is what Terraform gets; `hashes` are of the symbolic form, equal before and after
    the values of earlier steps are known."""

    content: Mapping[str, str]
    hashes: Mapping[str, str]
    known: Mapping[str, Json]
    """What goes by the name of an earlier step's output (`step.output`): its value, or until that
    is known what stands in for it."""
    missing: tuple[str, ...] = ()
    """The outputs of earlier steps (`step.output`) that are not known."""

    @property
    def complete(self) -> bool:
        """Whether every input is known."""
        return not self.missing


async def files_of(shop: Workshop, deployment: Deployment, step: Step) -> Files:
    """Raises: PermanentError - the stored values do not render; NotFound - stored files expired."""
    if step.target:
        content = json.loads(await shop.artifacts.get(step.target))
        return Files(content, _hashes(content), {})
    outputs = _outputs(deployment, step)
    stand_ins = {entry.variable: entry.stand_in for entry in step.inputs}
    known = {entry.variable: outputs[entry.name] for entry in step.inputs if entry.name in outputs}
    symbolic = _render(shop, step, stand_ins)
    return Files(
        content=_render(shop, step, {**stand_ins, **known}) if known else symbolic,
        hashes=_hashes(symbolic),
        known={entry.name: outputs.get(entry.name, entry.stand_in) for entry in step.inputs},
        missing=tuple(e.name for e in step.inputs if e.name not in outputs),
    )


def _outputs(deployment: Deployment, step: Step) -> Mapping[str, Json]:
    found: dict[str, Json] = {}
    for entry in step.inputs:
        state = deployment.step(entry.step).state
        output = state.outputs.get(entry.output) if isinstance(state, Succeeded) else None
        if output is not None:
            found[entry.name] = output
    return found


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
    if step.operation is Operation.DESTROY:  # what it needed may be gone, and does not matter
        inputs = {**stand_ins(capability, resolved.parameters), **inputs}
    return render(capability, resolved.parameters, context, inputs)


def _hashes(content: Mapping[str, str]) -> Mapping[str, str]:
    return {name: sha256(text.encode()).hexdigest() for name, text in content.items()}


async def keep_files(
    artifacts: ArtifactStore, id: DeploymentId, step: StepId, record: PlanRecord, files: Files
) -> None:
    """Store what a plan was made from, for those who want to read it."""
    content = json.dumps(dict(files.content), sort_keys=True).encode()
    await artifacts.put(_files_name(id, step, record), content, ttl_s=_KEPT_S)


async def files_planned(
    artifacts: ArtifactStore, id: DeploymentId, step: StepId, record: PlanRecord
) -> Mapping[str, str]:
    """What a plan was made from. Raises: NotFound - it has expired."""
    content: dict[str, str] = json.loads(await artifacts.get(_files_name(id, step, record)))
    return content


def _files_name(id: DeploymentId, step: StepId, record: PlanRecord) -> str:
    return f"plans/{id}/{step}-{record.number:03d}-{record.seal.plan_sha256[:16]}.files.json"
