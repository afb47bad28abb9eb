"""What a capability is: parameters, questions, decisions, names, cost, risks, outputs, templates.

Everything here is pure: a capability computes values from values.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from capabilities.cost import Quantity
from capabilities.values import Environment, Json, Provenance, Value, Values

SHARED = ("team", "environment", "region", "budget_monthly_usd")
"""Parameters that a draft holds once, for all its steps."""


class Parameters(BaseModel):
    """What every step needs; a capability adds its own fields, each with a description."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    team: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$", description="team it is for")]
    environment: Annotated[Environment, Field(description="dev, test, staging or production")]
    region: Annotated[str, Field(pattern=r"^[a-z0-9]{4,24}$", description="Azure region")]
    budget_monthly_usd: Annotated[
        float | None, Field(gt=0, le=10_000_000, description="most it may cost, USD a month")
    ] = None
    tags: Annotated[dict[str, str], Field(description="extra tags on every resource")] = {}


@dataclass(frozen=True, slots=True)
class Decided:
    """A value the capability chose; `because` is one sentence that the card can show."""

    value: Json
    provenance: Provenance
    because: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask for a parameter that nobody has given; lower `rank` is asked first."""

    parameter: str
    text: str
    suggestions: tuple[Json, ...] = ()
    rank: int = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that cannot be used: which, why, and what would do."""

    parameter: str
    message: str


class RiskKind(StrEnum):
    INTERNET = "internet"
    ROLE_ASSIGNMENT = "role_assignment"
    STATEFUL = "stateful"
    LEFT_BEHIND = "left_behind"
    """Of a destroy: something may stay that Terraform does not know."""


@dataclass(frozen=True, slots=True)
class Risk:
    kind: RiskKind
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """A smaller variant: the changed parameters and a sentence on what is given up."""

    changes: Mapping[str, Json]
    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """A Terraform output; `label` is what a card calls it, empty when no card shows it."""

    name: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """A Terraform variable that takes an output of another step of the same deployment.

    `stand_in` is a value of the right form for a plan that is made before that step has run.
    """

    variable: str
    capability: str
    output: str
    stand_in: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A step's values with their provenance; `parameters` only when complete and valid."""

    values: Values
    missing: tuple[Question, ...] = ()
    problems: tuple[Problem, ...] = ()
    parameters: Parameters | None = None


class Capability(ABC):
    """One thing that can be asked for. Subclasses set the class variables and the methods."""

    id: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    parameters: ClassVar[type[Parameters]]
    templates: ClassVar[str]
    """Folder of the Jinja2 templates, below templates/terraform."""
    name_parameter: ClassVar[str]
    """The parameter whose value names the step, e.g. `workspace_name`."""
    outputs: ClassVar[tuple[Output, ...]]

    @abstractmethod
    def questions(self) -> tuple[Question, ...]:
        """What may have to be asked, for every parameter that `decide` cannot always give."""

    @abstractmethod
    def decide(self, known: Mapping[str, Any], ordinal: int) -> Mapping[str, Decided]:
        """Values for parameters nobody has given, from those that are `known`.

        Called with the said values (raw); must not raise when some are missing or bad.
        `ordinal` counts the steps of this capability in the request, from 1: suggested names
        of the second and later ones carry it.
        """

    @abstractmethod
    def quantities(self, parameters: Any) -> tuple[Quantity, ...]:
        """What the step uses in a month, to be priced."""

    @abstractmethod
    def risks(self, parameters: Any) -> tuple[Risk, ...]:
        """What an approver must be told about these parameters."""

    @abstractmethod
    def cheaper(self, parameters: Any) -> tuple[Option, ...]:
        """Concrete smaller variants, the least painful first."""

    def inputs(self, parameters: Any) -> tuple[Input, ...]:
        """What this step needs from other steps; they run before it."""
        return ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The capabilities that exist; the only names a planner can choose."""

    capabilities: Mapping[str, Capability] = field(default_factory=dict)

    def __getitem__(self, capability_id: str) -> Capability:
        return self.capabilities[capability_id]

    def __contains__(self, capability_id: object) -> bool:
        return capability_id in self.capabilities

    def ids(self) -> tuple[str, ...]:
        return tuple(self.capabilities)


def resolve(capability: Capability, said: Values, *, ordinal: int = 1) -> Resolved:
    """Merge what was said with what the capability decides, and validate the whole."""
    known = {key: value.value for key, value in said.items()}
    decided = {
        key: Value(choice.value, choice.provenance, reason=choice.because)
        for key, choice in capability.decide(known, ordinal).items()
        if key not in said
    }
    values: dict[str, Value] = {**decided, **said}
    values = {**_defaults(capability.parameters), **values}
    ordered = {key: values[key] for key in capability.parameters.model_fields if key in values}
    try:
        parameters = capability.parameters.model_validate({k: v.value for k, v in values.items()})
    except ValidationError as error:
        problems = tuple(
            _problem(detail) for detail in error.errors() if detail["type"] != "missing"
        )
        lacking = {str(d["loc"][0]) for d in error.errors() if d["type"] == "missing"}
        return Resolved(ordered, _questions_for(capability, lacking), problems)
    return Resolved(_as_parsed(ordered, parameters), parameters=parameters)


@cache
def _defaults(parameters: type[Parameters]) -> Values:
    return {
        key: Value(info.get_default(call_default_factory=True), Provenance.DEFAULTED)
        for key, info in parameters.model_fields.items()
        if not info.is_required()
    }


def _as_parsed(values: Values, parameters: Parameters) -> Values:
    """The values as they were understood: `eastus` where `East US` was said."""
    parsed = parameters.model_dump(mode="json")
    return {key: _parsed(value, parsed[key]) for key, value in values.items()}


def _parsed(value: Value, parsed: Json) -> Value:
    same = value.value == parsed and type(value.value) is type(parsed)
    return value if same else replace(value, value=parsed)


def _questions_for(capability: Capability, lacking: set[str]) -> tuple[Question, ...]:
    """The capability's own questions; others only when the answers to these would not do."""
    asked = [question for question in capability.questions() if question.parameter in lacking]
    if not asked:
        asked = [Question(p, f"Which {p.replace('_', ' ')}?") for p in sorted(lacking)]
    return tuple(sorted(asked, key=lambda question: question.rank))


def _problem(detail: Any) -> Problem:
    parameter = str(detail["loc"][0]) if detail["loc"] else ""
    message = str(detail["msg"]).removeprefix("Value error, ")
    return Problem(parameter, f"{detail['input']!r}: {message}" if parameter else message)
