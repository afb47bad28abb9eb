"""The organisation's rules as written in its policy file; anything else in it is refused."""

import tomllib
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from approvals.findings import Level
from approvals.gates import Moment
from approvals.principals import Role
from capabilities.capability import RiskKind
from capabilities.values import Environment

PLACEHOLDERS = frozenset({"cost", "environment", "risks", "findings", "destroys"})
"""What a reason can quote."""

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class PolicyError(ValueError):
    """A policy file that cannot be used: which file, which rule, and what is allowed there."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class When(_Table):
    """Conditions; all that are given have to hold."""

    environments: frozenset[Environment] = frozenset()
    cost_below_usd: Usd | None = None
    cost_from_usd: Usd | None = None
    cost_above_usd: Usd | None = None
    risks: frozenset[RiskKind] = frozenset()
    findings: frozenset[str] = frozenset()
    level: Level | None = None
    destroys: bool = False


class Need(_Table):
    """Who has to sign."""

    requester: bool = False
    roles: frozenset[Role] = frozenset()
    count: Annotated[int, Field(ge=1, le=10)] = 1
    excludes_requester: bool = True
    moment: Moment = Moment.PLAN

    @model_validator(mode="after")
    def _somebody(self) -> "Need":
        if self.requester == bool(self.roles):
            raise ValueError("say either requester = true or roles = [...]")
        if Role.VIEWER in self.roles:
            raise ValueError("a viewer cannot sign; use another role")
        if self.requester and self.count > 1:
            raise ValueError("the requester is one person; leave out count")
        return self


class Rule(_Table):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    when: When
    need: Need
    reason: Annotated[str, Field(min_length=1, max_length=300)]

    @field_validator("reason")
    @classmethod
    def _quotes_what_exists(cls, reason: str) -> str:
        fields = [part[1:] for part in Formatter().parse(reason) if part[1] is not None]
        if any(name not in PLACEHOLDERS or spec or how for name, spec, how in fields):
            allowed = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
            raise ValueError(f"a reason can quote {allowed}")
        return reason


class Policy(_Table):
    """A whole policy file."""

    allowed_regions: Annotated[tuple[str, ...], Field(min_length=1)]
    required_tags: tuple[str, ...]
    unpriced_counts_as_usd: Usd
    rule: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _named_once(self) -> "Policy":
        ids = [rule.id for rule in self.rule]
        twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
        if twice:
            raise ValueError(f"each rule needs its own id; twice: {', '.join(twice)}")
        return self


def read(path: Path) -> Policy:
    """Raises: PolicyError - the file cannot be read, or `load` refuses what is in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyError(f"reading policy {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"reading policy {path}: it is not UTF-8") from error
    return load(text, file=str(path))


def load(text: str, *, file: str) -> Policy:
    """The policy that is written in `text`; `file` is only for messages.

    Raises: PolicyError - not TOML, or a rule that says what is not allowed.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"reading policy {file}: {error}") from error
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        problems = "; ".join(_problem(detail, document) for detail in error.errors())
        raise PolicyError(f"reading policy {file}: {problems}") from error


def shipped() -> Policy:
    """The policy that comes with Signoff."""
    file = "approvals/policies/organisation.toml"
    text = files("approvals").joinpath("policies/organisation.toml").read_text(encoding="utf-8")
    return load(text, file=file)


def _problem(detail: Any, document: dict[str, Any]) -> str:
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        settings = _settings(detail["loc"])
        message = f"there is no such setting, there are {', '.join(settings)}"
    match detail["loc"]:
        case ("rule", int(index), *rest):
            where = f"rule {_name(document, index)}"
        case (*rest,):
            where = "the file"
    setting = ".".join(str(part) for part in rest)
    return f"{where}, {setting}: {message}" if setting else f"{where}: {message}"


def _settings(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """What can be written in the table where something else was."""
    tables: dict[int, type[_Table]] = {1: Policy, 3: Rule}
    deeper = When if "when" in location else Need
    return tuple(tables.get(len(location), deeper).model_fields)


def _name(document: dict[str, Any], index: int) -> str:
    """The rule's id, or its place in the file, from 1, when it has none."""
    rule = document["rule"][index]
    name = rule.get("id") if isinstance(rule, dict) else None
    return repr(name) if isinstance(name, str) else f"number {index + 1}"
