"""A copy of an earlier deployment is something new: it never lands in a workspace that exists."""

from collections.abc import Container, Mapping
from dataclasses import replace
from itertools import count

from capabilities.capability import SHARED, Catalogue
from capabilities.naming import convention
from capabilities.values import Provenance, Value
from orchestration.draft import Draft, DraftStep, ResolvedStep, resolved_steps
from orchestration.planner.desk import PastDeployment


def copied(past: PastDeployment, catalogue: Catalogue) -> Draft:
    """What was said for the earlier one, marked as copied, except names: they are made anew.

    What no longer exists is left out. The steps have ordinals, which `set_apart` keeps free.
    """
    steps = tuple(
        DraftStep(step.id, step.capability, _own(step, past, catalogue), ordinal=1)
        for step in past.draft.steps
        if step.capability in catalogue
    )
    shared = {key: value for key, value in past.draft.shared.items() if key in SHARED}
    return Draft(steps, _marked(shared, past.id))


def _own(step: DraftStep, past: PastDeployment, catalogue: Catalogue) -> dict[str, Value]:
    fields = catalogue[step.capability].parameters.model_fields
    named = convention().patterns.get(step.capability, {})
    kept = {k: v for k, v in step.said.items() if k in fields and k not in named}
    return _marked(kept, past.id)


def _marked(values: Mapping[str, Value], source: str) -> dict[str, Value]:
    return {k: Value(v.value, Provenance.COPIED, by=source) for k, v in values.items()}


def has_copies(draft: Draft) -> bool:
    return any(step.ordinal is not None for step in draft.steps)


def set_apart(
    draft: Draft, occupied: Container[str], catalogue: Catalogue, before: Draft | None = None
) -> Draft:
    """The draft in which every copied step has the first ordinal whose workspace is free.

    `occupied` are workspaces as `environment/capability/name`. A step that is where it was
    `before` stays there: what is there may be its own.
    """
    former = _places(before, catalogue) if before else {}
    for index, step in enumerate(draft.steps):
        moved = former.get(step.id) != _places(draft, catalogue)[step.id]
        if step.ordinal is not None and moved:
            tries = (_numbered(draft, index, n) for n in count(1))
            draft = next(trial for trial in tries if _apart(trial, index, occupied, catalogue))
    return draft


def _places(draft: Draft, catalogue: Catalogue) -> dict[str, str]:
    """Step id to workspace, empty for steps that have no name yet."""
    return {step.id: _workspace(step) for step in resolved_steps(draft, catalogue)}


def _workspace(step: ResolvedStep) -> str:
    environment = step.resolved.values.get("environment")
    return f"{environment.value}/{step.capability}/{step.name}" if environment and step.name else ""


def _numbered(draft: Draft, index: int, ordinal: int) -> Draft:
    steps = list(draft.steps)
    steps[index] = replace(steps[index], ordinal=ordinal)
    return replace(draft, steps=tuple(steps))


def _apart(draft: Draft, index: int, occupied: Container[str], catalogue: Catalogue) -> bool:
    """Whether the step's workspace is nobody's: a name that was said is the person's own wish."""
    step = draft.steps[index]
    if catalogue[step.capability].name_parameter in step.said:
        return True
    places = _places(draft, catalogue)
    place = places.pop(step.id)
    return not place or (place not in occupied and place not in places.values())
