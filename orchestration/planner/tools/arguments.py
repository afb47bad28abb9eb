"""Arguments of the tools; the catalogue's models say which capabilities and parameters exist."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from capabilities.capability import SHARED, Catalogue
from capabilities.values import Json

MOST_VALUE_CHARACTERS = 2_000


def _small(value: Any) -> Any:
    if len(json.dumps(value)) > MOST_VALUE_CHARACTERS:
        raise ValueError(f"a value has {MOST_VALUE_CHARACTERS} characters at most")
    return value


Words = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
StepName = Annotated[str, Field(max_length=90, pattern=r"^[\w.()\- ]+$")]
StepId = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_\-]+$")]


class Arguments(BaseModel):
    """Nothing is accepted that is not declared: no person, tenant or thread."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Arguments):
    """A tool without arguments."""


class Setting(Arguments):
    parameter: str
    value: Annotated[Any, AfterValidator(_small), Field(description="the new value")]
    step: Annotated[
        StepId | None, Field(description="step id; leave out for shared parameters")
    ] = None


class Taking(Arguments):
    parameter: str
    step: StepId | None = None


class Addition(Arguments):
    capability: str
    values: Annotated[dict[str, Any], AfterValidator(_small), Field(max_length=40)] = {}


class Update(Arguments):
    add: Annotated[list[Addition], Field(max_length=10, description="steps to add")] = []
    remove: Annotated[list[StepId], Field(max_length=20, description="ids of steps")] = []
    set_values: Annotated[list[Setting], Field(max_length=40, description="values to set")] = []
    unset: Annotated[list[Taking], Field(max_length=40, description="values to take back")] = []


class Proposal(Arguments):
    capabilities: list[str]
    why: Words = ""


class Undo(Arguments):
    turns: Annotated[int, Field(ge=1, le=20, description="how many changes to take back")] = 1


class Explain(Arguments):
    about: Literal["value", "approvals", "destroys"]
    parameter: Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9_]*$")] = ""
    step: StepId | None = None


class Cost(Arguments):
    detail: Annotated[bool, Field(description="every line with what was assumed")] = False


class Cheaper(Arguments):
    target_monthly_usd: Annotated[float | None, Field(gt=0, le=10_000_000)] = None


class Copy(Arguments):
    words: Annotated[Words, Field(description="what the earlier deployment is called")] = ""
    team: Annotated[Words | None, Field(description="another team than the copied one's")] = None
    environment: Annotated[Words | None, Field(description="another environment")] = None
    region: Annotated[Words | None, Field(description="another region")] = None


class Steps(Arguments):
    steps: Annotated[list[StepName], Field(max_length=20, description="empty for all")] = []


class AskBack(Arguments):
    question: Annotated[str, Field(max_length=500)]
    choices: Annotated[
        list[Words],
        Field(max_length=6, description="readings, each a complete message the person could say"),
    ] = []


@dataclass(frozen=True, slots=True)
class Models:
    """The argument models that name capabilities and parameters of one catalogue."""

    update: type[Update]
    proposal: type[Proposal]


def models_for(catalogue: Catalogue) -> Models:
    ids = _choice(catalogue.ids())
    parameter = _choice(tuple(dict.fromkeys((*SHARED, *_own(catalogue)))))
    addition = create_model("Addition", __base__=Addition, capability=(ids, ...))
    setting = create_model("Setting", __base__=Setting, parameter=(parameter, ...))
    taking = create_model("Taking", __base__=Taking, parameter=(parameter, ...))
    update = create_model(
        "Update",
        __base__=Update,
        add=(Annotated[list[addition], Field(max_length=10)], []),  # type: ignore[valid-type]
        set_values=(Annotated[list[setting], Field(max_length=40)], []),  # type: ignore[valid-type]
        unset=(Annotated[list[taking], Field(max_length=40)], []),  # type: ignore[valid-type]
    )
    proposal = create_model(
        "Proposal",
        __base__=Proposal,
        capabilities=(Annotated[list[ids], Field(min_length=1, max_length=10)], ...),  # type: ignore[valid-type]
    )
    return Models(update, proposal)


def _own(catalogue: Catalogue) -> tuple[str, ...]:
    return tuple(
        key
        for capability in catalogue.capabilities.values()
        for key in capability.parameters.model_fields
    )


def _choice(values: tuple[str, ...]) -> Any:
    return Literal[values] if values else str


def described(catalogue: Catalogue) -> str:
    """`databricks: min_workers (integer, ...), ...` for a tool's description."""
    lines = [
        f"{capability.id}: " + ", ".join(_described(capability.parameters))
        for capability in catalogue.capabilities.values()
    ]
    return "\n".join(lines)


def _described(model: type[BaseModel]) -> list[str]:
    fields: dict[str, dict[str, Json]] = model.model_json_schema()["properties"]
    return [
        f"{name} ({info.get('description', '')})"
        for name, info in fields.items()
        if name not in SHARED
    ]
