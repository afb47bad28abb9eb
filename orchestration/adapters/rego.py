"""Rules in Rego over a plan, evaluated in this process. The one home of regopy.

The interpreter (rego-cpp 1.5) takes a misspelt variable for something undefined, and a rule that
uses one silently never fires. So each rule file has `examples` that it must find something in,
and they are tried before any plan is. Input goes in as a term: as a value, it loses its escapes.
Answers are read from `bindings`: `Output.binding()` aborts the process on what is undefined.
"""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from regopy import Bundle, Interpreter, LogLevel, RegoError

from approvals.findings import Finding, Level
from orchestration.errors import PermanentError
from orchestration.ports import PlanFacts

LIBRARY = "plan.rego"
"""The file that is no rule but helps all of them."""

_PACKAGE = re.compile(r"^package\s+(signoff\.[a-z][a-z0-9_]*)\s*$", re.MULTILINE)
_FINDING = re.compile(r"^finding\b", re.MULTILINE)
_OFFSET = re.compile(r"\(error \d+:[^|]*\|(\d+)\|")
_MESSAGE = re.compile(r"\(errormsg \d+:([^)]*)\)")

_FAILED = "it cannot be evaluated; it calls something that does not exist, or with a wrong type"


class _Found(BaseModel):
    """A finding as a rule writes it."""

    model_config = ConfigDict(extra="forbid")

    rule: str
    level: Level
    address: str
    message: str


_FOUND = TypeAdapter(list[_Found])
_EXAMPLES = TypeAdapter(list[dict[str, Any]])


class RuleFile:
    """One compiled rule file. Not safe for two threads at once."""

    def __init__(self, name: str, source: str, library: str) -> None:
        """Raises: PermanentError - it cannot be compiled, or does not find its own examples."""
        self._name = name
        self._source = source
        package = _PACKAGE.search(source)
        if package is None:
            raise self._broken("it has to begin with `package signoff.<name>`", 1)
        self._interpreter = Interpreter()
        self._interpreter.log_level = LogLevel.NONE
        self._interpreter.strict_built_in_errors = True
        try:
            self._interpreter.add_module(LIBRARY, library)
            self._interpreter.add_module(name, source)
            self._examples = self._interpreter.build(f"it = data.{package[1]}.examples")
            self._finding = self._interpreter.build(f"it = data.{package[1]}.finding")
        except RegoError as error:
            raise self._broken(_message(error), self._line(error)) from error
        self._prove()

    def findings(self, document: Mapping[str, Any]) -> tuple[Finding, ...]:
        """What the rule finds in an input document."""
        found = self._evaluate(self._finding, document)
        if found is None:
            raise self._broken(_FAILED, self._finding_line)
        try:
            found = _FOUND.validate_python(found)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"][1:])
            raise self._broken(f"finding {where}: {problem['msg']}", self._finding_line) from error
        return tuple(Finding(each.rule, each.level, each.address, each.message) for each in found)

    def _prove(self) -> None:
        facts = {"environment": "dev", "allowed_regions": ["eastus"], "required_tags": ["team"]}
        try:
            examples = _EXAMPLES.validate_python(self._evaluate(self._examples, facts))
        except ValidationError as error:
            raise self._broken("it needs `examples`, a list of inputs", 1) from error
        for number, example in enumerate(examples, start=1):
            if not self.findings({**facts, **example}):
                what = f"it finds nothing in its example {number}; is a name misspelt?"
                raise self._broken(what, self._finding_line)
        if not examples:
            raise self._broken("it needs at least one example", 1)

    def _evaluate(self, bundle: Bundle, document: Mapping[str, Any]) -> Any:
        """The value of a compiled query; None when it is undefined."""
        try:
            self._interpreter.set_input_term(json.dumps(document))
            output = self._interpreter.query_bundle(bundle)
            return output[0].bindings.get("it") if output.ok() and len(output) else None
        except (RegoError, ValueError) as error:
            raise self._broken(_message(error), self._finding_line) from error

    @property
    def _finding_line(self) -> int:
        """Where the first `finding` is; the interpreter does not say where it failed."""
        match = _FINDING.search(self._source)
        return self._source.count("\n", 0, match.start()) + 1 if match else 1

    def _line(self, error: RegoError) -> int:
        match = _OFFSET.search(str(error))
        return self._source.encode().count(b"\n", 0, int(match[1])) + 1 if match else 1

    def _broken(self, what: str, line: int) -> PermanentError:
        return PermanentError(f"policy rule {self._name}, line {line}: {what}")


class RegoPolicy:
    """`ports.PlanPolicy` over a set of rule files (name to source), one of them the library."""

    def __init__(self, sources: Mapping[str, str], *, required_tags: Iterable[str]) -> None:
        """Raises: PermanentError - a rule is broken; it names the file and the line."""
        library = sources[LIBRARY]
        rules = sorted(name for name in sources if name != LIBRARY)
        self._rules = [RuleFile(name, sources[name], library) for name in rules]
        self._required_tags = tuple(required_tags)
        self._lock = Lock()

    async def check(self, facts: PlanFacts) -> tuple[Finding, ...]:
        """In a thread: a plan of some hundred resources takes longer than a turn may wait."""
        return await asyncio.to_thread(self._check, facts)

    def _check(self, facts: PlanFacts) -> tuple[Finding, ...]:
        document = _document(facts, self._required_tags)
        with self._lock:
            found = {each for rule in self._rules for each in rule.findings(document)}
        return tuple(sorted(found, key=lambda each: (each.address, each.rule, each.message)))


def shipped_rules() -> dict[str, str]:
    """The rule files that come with Signoff, the library among them."""
    folder = files("approvals").joinpath("policies")
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".rego")]
    return {name: folder.joinpath(name).read_text(encoding="utf-8") for name in names}


def rules_in(folder: Path) -> dict[str, str]:
    """An organisation's own rule files, to be added to the shipped ones."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rego"))}


def _document(facts: PlanFacts, required_tags: tuple[str, ...]) -> dict[str, Any]:
    """The input document of the rules; approvals/policies/README.md describes it."""
    return {
        "workspace": facts.workspace,
        "environment": facts.environment.value,
        "capability": facts.capability,
        "parameters": dict(facts.parameters),
        "allowed_regions": list(facts.allowed_regions),
        "required_tags": list(required_tags),
        "plan": {"resource_changes": _changes(facts.plan)},
    }


def _changes(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The resources that the plan touches, which is all that rules look at."""
    changes = plan.get("resource_changes", [])
    return [each for each in changes if each["change"]["actions"] not in (["no-op"], ["read"])]


def _message(error: Exception) -> str:
    match = _MESSAGE.search(str(error))
    return match[1] if match else _FAILED
