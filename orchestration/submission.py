"""From a complete draft to the steps of a deployment."""

from collections.abc import Sequence
from hashlib import sha256

from approvals.change import Operation
from approvals.gates import Verdict
from capabilities.capability import Catalogue, Parameters
from orchestration.deployment import Step, StepInput
from orchestration.draft import Draft, ResolvedStep, called, conflicts, missing, resolved_steps
from orchestration.errors import UserError
from orchestration.messages import Clicked, EventId, Inbound, ThreadId
from orchestration.ports import DeploymentId, StepId, WorkspaceId

_DECIDING = frozenset(verdict.value for verdict in Verdict)


def deployment_id(thread: ThreadId, event: EventId) -> DeploymentId:
    """The same for the same request, however often it is delivered."""
    return DeploymentId("d-" + sha256(f"{thread}\n{event}".encode()).hexdigest()[:12])


def subject_of(event: Inbound) -> DeploymentId:
    """The deployment that an event is about: the one it decides on, or the one it would make."""
    if isinstance(event, Clicked) and event.verb in _DECIDING:
        return DeploymentId(event.data.get("deployment", ""))
    return deployment_id(event.thread, event.event)


def steps_of(draft: Draft, catalogue: Catalogue, organisation: str) -> tuple[Step, ...]:
    """The frozen steps, in the order of the draft.

    Raises: UserError - something is missing, wrong or in conflict; the message says what.
    """
    resolved = resolved_steps(draft, catalogue)
    _check_complete(resolved)
    return tuple(_step(step, resolved, catalogue, organisation) for step in resolved)


def title_of(steps: Sequence[Step], catalogue: Catalogue) -> str:
    """What is asked for, in a few words: `Databricks workspace for ml, production`."""
    what = called(catalogue[step.capability].title for step in steps)
    first = steps[0]
    team = first.values["team"].value if "team" in first.values else ""
    return f"{what} for {team}, {first.environment}"


def is_of(organisation: str, workspace: str) -> bool:
    return workspace.startswith(f"{organisation}/")


def _check_complete(resolved: Sequence[ResolvedStep]) -> None:
    if not resolved:
        raise UserError("there is nothing to submit yet; say what you need")
    lacking = missing(tuple(resolved))
    if lacking:
        raise UserError(
            "before I can submit this: " + " ".join(q.text for _, q in lacking.values())
        )
    problems = [
        f"{step.name or step.id}: {problem.parameter} {problem.message}"
        for step in resolved
        for problem in step.resolved.problems
    ]
    problems += conflicts(tuple(resolved))
    if problems:
        raise UserError("this cannot be submitted as it is: " + "; ".join(problems))


def _step(
    step: ResolvedStep, all_steps: Sequence[ResolvedStep], catalogue: Catalogue, organisation: str
) -> Step:
    parameters = step.resolved.parameters
    assert parameters is not None
    inputs = _inputs(step, parameters, all_steps, catalogue)
    workspace = f"{organisation}/{parameters.environment}/{step.capability}/{step.name}"
    return Step(
        id=StepId(step.id),
        name=step.name,
        capability=step.capability,
        workspace=WorkspaceId(workspace),
        environment=parameters.environment,
        operation=Operation.APPLY,
        values=step.resolved.values,
        needs=tuple(dict.fromkeys(entry.step for entry in inputs)),
        inputs=inputs,
    )


def _inputs(
    step: ResolvedStep,
    parameters: Parameters,
    all_steps: Sequence[ResolvedStep],
    catalogue: Catalogue,
) -> tuple[StepInput, ...]:
    found: list[StepInput] = []
    for need in catalogue[step.capability].inputs(parameters):
        source = next((s for s in all_steps if s.capability == need.capability), None)
        if source is None:
            title = catalogue[need.capability].title
            raise UserError(f"{step.name} needs a {title} in the same request; add one")
        found.append(StepInput(need.variable, StepId(source.id), need.output, need.stand_in))
    return tuple(found)
