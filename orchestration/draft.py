"""The draft: a request while it is being filled in.

A draft holds only what people said; names, sizes and everything else are derived from that by
`resolve`, so that a correction early in the conversation moves all that depends on it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from capabilities.capability import SHARED, Catalogue, Question, Resolved, resolve
from capabilities.values import Value, Values
from orchestration.errors import UserError


@dataclass(frozen=True, slots=True)
class DraftStep:
    """`id` is unique in the draft and stays: the capability id, then `-2`, `-3` for more of it.

    `ordinal` goes into suggested names; without one the steps of a kind are counted.
    """

    id: str
    capability: str
    said: Values = field(default_factory=dict)
    ordinal: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    steps: tuple[DraftStep, ...] = ()
    shared: Values = field(default_factory=dict)

    def step(self, step_id: str) -> DraftStep:
        for step in self.steps:
            if step.id == step_id:
                return step
        known = ", ".join(s.id for s in self.steps) or "none yet"
        raise UserError(f"there is no step {step_id!r}; the steps are: {known}")


@dataclass(frozen=True, slots=True)
class Unusable:
    """An answer that cannot be used: to what (a question's key), what was typed, why not."""

    key: str
    text: str
    why: str


def called(titles: Iterable[str]) -> str:
    """What is asked for: `Databricks workspace + 2 x Storage account`."""
    counted = Counter(titles)
    return " + ".join(title if n == 1 else f"{n} x {title}" for title, n in counted.items())


def with_step(draft: Draft, capability: str, said: Values | None = None) -> Draft:
    """The draft with one more step of that capability."""
    taken = {step.id for step in draft.steps}
    numbered = (f"{capability}-{n}" if n > 1 else capability for n in range(1, 100))
    step_id = next(candidate for candidate in numbered if candidate not in taken)
    return replace(draft, steps=(*draft.steps, DraftStep(step_id, capability, said or {})))


def without_step(draft: Draft, step_id: str) -> Draft:
    """Raises: UserError - no such step."""
    gone = draft.step(step_id)
    return replace(draft, steps=tuple(step for step in draft.steps if step is not gone))


def with_value(draft: Draft, step_id: str | None, parameter: str, value: Value | None) -> Draft:
    """The draft with a value said for a step (or for all, when shared); None takes it back.

    Raises: UserError - no such step.
    """
    if parameter in SHARED:
        return replace(draft, shared=_changed(draft.shared, parameter, value))
    if step_id is None:
        raise UserError(f"which step is {parameter!r} for?")
    old = draft.step(step_id)
    new = replace(old, said=_changed(old.said, parameter, value))
    return replace(draft, steps=tuple(new if step is old else step for step in draft.steps))


def _changed(values: Values, parameter: str, value: Value | None) -> Values:
    rest = {key: present for key, present in values.items() if key != parameter}
    return rest if value is None else {**rest, parameter: value}


@dataclass(frozen=True, slots=True)
class ResolvedStep:
    id: str
    capability: str
    name: str
    resolved: Resolved


def resolved_steps(draft: Draft, catalogue: Catalogue) -> tuple[ResolvedStep, ...]:
    """Every step with all its values; two of a kind get names of their own."""
    result: list[ResolvedStep] = []
    highest: dict[tuple[str, str], int] = {}
    for step in draft.steps:
        capability = catalogue[step.capability]
        said = {**draft.shared, **step.said}
        kind = (step.capability, str(said["purpose"].value) if "purpose" in said else "")
        ordinal = step.ordinal or highest.get(kind, 0) + 1
        highest[kind] = max(ordinal, highest.get(kind, 0))
        resolved = resolve(capability, said, ordinal=ordinal)
        name = resolved.values.get(capability.name_parameter)
        result.append(
            ResolvedStep(step.id, step.capability, str(name.value) if name else "", resolved)
        )
    return tuple(result)


def missing(steps: tuple[ResolvedStep, ...]) -> Mapping[str, tuple[str, Question]]:
    """What has to be asked, most important first: `key` to (step id, question).

    A shared parameter is asked once, under its own name; others under `step.parameter`.
    """
    asked: dict[str, tuple[str, Question]] = {}
    for step in steps:
        for question in step.resolved.missing:
            shared = question.parameter in SHARED
            key = question.parameter if shared else f"{step.id}.{question.parameter}"
            asked.setdefault(key, (step.id, question))
    return dict(sorted(asked.items(), key=lambda item: item[1][1].rank))


def unmet(steps: tuple[ResolvedStep, ...], catalogue: Catalogue) -> dict[str, str]:
    """What steps need from capabilities that the draft has not: capability to sentence."""
    present = {step.capability for step in steps}
    found: dict[str, str] = {}
    for step in steps:
        parameters = step.resolved.parameters
        needs = catalogue[step.capability].inputs(parameters) if parameters else ()
        for lacking in {need.capability for need in needs} - present:
            what = catalogue[lacking].title
            found.setdefault(lacking, f"{step.name} needs a {what} in the same request")
    return found


def conflicts(steps: tuple[ResolvedStep, ...]) -> list[str]:
    """Names that two steps cannot both have, in words."""
    found: list[str] = []
    owners: dict[tuple[str, str], ResolvedStep] = {}
    for step in steps:
        group = step.resolved.values.get("resource_group")
        claims = [(f"the name {step.name!r}", step.capability)] if step.name else []
        claims += [(f"the resource group {group.value!r}", "")] if group else []
        for claim in claims:
            other = owners.setdefault(claim, step)
            if other is not step:
                found.append(f"{other.id} and {step.id} cannot both have {claim[0]}")
    return found
