"""Under what each package of a lock may be used; `licences.toml` is the list."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from license_expression import get_spdx_licensing

from scripts.audit.components import Component
from scripts.audit.outcome import Outcome

RULES = Path(__file__).with_name("licences.toml")
_CLASSIFIER = "License :: "
_LICENSING = get_spdx_licensing()


@dataclass(frozen=True, slots=True)
class Rules:
    allowed: frozenset[str]
    reviewed: Mapping[str, Mapping[str, str]]
    elsewhere: Mapping[str, str]
    carried: Mapping[str, Mapping[str, str]]


def rules(path: Path = RULES) -> Rules:
    read = tomllib.loads(path.read_text("utf-8"))
    return Rules(frozenset(read["allowed"]), read["reviewed"], read["elsewhere"], read["carried"])


def licences(names: list[str], present: Mapping[str, Component], rules: Rules) -> Outcome:
    """Of these packages, each is under a licence of the list, or was read by a person."""
    problems = [p for name in names for p in _problems(name, present, rules)]
    known = {*names, *present}
    listed = (*rules.reviewed, *rules.elsewhere, *rules.carried)
    problems += [f"{one} is in licences.toml and not locked" for one in listed if one not in known]
    found = f"{len(names)} packages, {len(rules.reviewed)} of them read by a person"
    return Outcome("licences", found, tuple(problems))


def _problems(name: str, present: Mapping[str, Component], rules: Rules) -> Iterator[str]:
    if name not in present:
        if name not in rules.elsewhere:
            yield f"{name} is locked and not installed, so nobody can read its licence"
        return
    says = ", ".join(told(present[name]))
    if review := rules.reviewed.get(name):
        if says != review["says"]:
            yield f"{name} was {review['says']!r} when it was read, and is {says!r} now"
    elif not says:
        yield f"{name} says nothing of its licence"
    elif not all(is_allowed(one, rules.allowed) for one in told(present[name])):
        yield f"{name} is under {says!r}, which is not allowed"


def told(component: Mapping[str, Any]) -> list[str]:
    """What the metadata says: expressions and SPDX ids, else classifiers."""
    said = [_text(one) for one in component.get("licenses", [])]
    return [one for one in said if not one.startswith(_CLASSIFIER)] or said


def _text(one: Mapping[str, Any]) -> str:
    licence = one.get("license", {})
    return one.get("expression") or licence.get("id") or licence.get("name") or ""


def is_allowed(said: str, allowed: frozenset[str]) -> bool:
    """`A AND B` needs both, `A OR B` one of them."""
    if said in allowed or said.startswith(_CLASSIFIER):
        return said in allowed
    try:
        parsed = _LICENSING.parse(said, validate=True)
    except Exception:  # whatever it finds wrong, it is no licence that anybody knows
        return False
    return parsed is not None and _holds(parsed, allowed)


def _holds(node: Any, allowed: frozenset[str]) -> bool:
    if not node.args:  # a licence, or a licence WITH an exception
        return str(node) in allowed
    each = [_holds(one, allowed) for one in node.args]
    return any(each) if isinstance(node, _LICENSING.OR) else all(each)
