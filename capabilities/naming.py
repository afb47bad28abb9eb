"""Names: the convention file, and the rules that Azure has for each kind of resource.

Source of every rule: Microsoft Learn, "Naming rules and restrictions for Azure resources", and the
validation of the azurerm provider where that is narrower.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from pydantic import AfterValidator

from capabilities.values import Environment

BY_CONVENTION = "named by the convention from team and environment"
"""Why a name was suggested."""


@dataclass(frozen=True, slots=True)
class NameRule:
    """What Azure accepts as a name; `says` completes the sentence "a name has ..."."""

    shortest: int
    longest: int
    pattern: str
    says: str
    joiner: str = "-"

    def complaint(self, name: str) -> str:
        """Why the name is refused, and what would do; empty when it is fine."""
        if not self.shortest <= len(name) <= self.longest:
            return f"a name has {self.shortest} to {self.longest} characters, this has {len(name)}"
        return "" if re.fullmatch(self.pattern, name) else f"a name has {self.says}"


_SLUG = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_SLUG_SAYS = "letters, digits, - and _, with a letter or digit at both ends"
_FREE = r"[^\s<>%&\\?/'\"${}`](?:[^<>%&\\?/'\"${}`\x00-\x1f]*[^\s<>%&\\?/'\"${}`])?"
_FREE_SAYS = "no space at either end, no control character and none of < > % & \\ ? / ' \" $ { } `"

RULES: Mapping[str, NameRule] = {
    "resource_group": NameRule(
        1, 90, r"[\w().-]*[\w()-]", "letters, digits, - _ ( ) and . but no . at the end"
    ),
    "workspace_name": NameRule(3, 64, _SLUG, _SLUG_SAYS),
    "access_connector_name": NameRule(3, 64, _SLUG, _SLUG_SAYS),
    "pool_name": NameRule(1, 100, _FREE, _FREE_SAYS),
    "cluster_name": NameRule(1, 100, _FREE, _FREE_SAYS),
    "openai_account": NameRule(
        2,
        64,
        r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?",
        "letters, digits and -, with a letter or digit at both ends",
    ),
    "openai_deployment": NameRule(
        2, 64, r"[A-Za-z0-9][A-Za-z0-9._-]*", "letters, digits, - _ and ., a letter or digit first"
    ),
    "storage_account": NameRule(3, 24, r"[a-z0-9]+", "only a-z and 0-9", joiner=""),
    "container": NameRule(
        3,
        63,
        r"[a-z0-9](?:-?[a-z0-9])*",
        "only a-z, 0-9 and single hyphens, with a letter or digit at both ends",
    ),
}


def name_of(kind: str) -> AfterValidator:
    """A pydantic validator for names of this kind."""

    def valid(name: str) -> str:
        complaint = RULES[kind].complaint(name)
        if complaint:
            raise ValueError(complaint)
        return name

    return AfterValidator(valid)


@dataclass(frozen=True, slots=True)
class Convention:
    """The convention file, parsed: short names of environments, and patterns by capability."""

    seed: str
    environments: Mapping[Environment, str]
    patterns: Mapping[str, Mapping[str, str]]

    def suggest(
        self,
        capability: str,
        parameter: str,
        kind: str,
        *,
        team: str,
        environment: Environment,
        purpose: str = "",
        ordinal: int = 1,
    ) -> str:
        """A name that fits the rule of its kind; a long team name is cut before anything else."""
        rule = RULES[kind]
        pattern = self.patterns[capability][parameter]
        if "{nth}" not in pattern:
            pattern += "{nth}"
        env = self.environments[environment]
        filled = _filler(
            pattern,
            env=env,
            purpose=rule.joiner + purpose.replace("-", rule.joiner) if purpose else "",
            nth=f"{rule.joiner}{ordinal}" if ordinal > 1 else "",
            hash=_letters("/".join((self.seed, capability, team, env, *_rest(purpose, ordinal)))),
        )
        short = team.strip("-").replace("-", rule.joiner)
        overflow = len(filled(short)) - rule.longest
        return filled(short[:-overflow].rstrip("-") if overflow > 0 else short)


def _rest(purpose: str, ordinal: int) -> tuple[str, ...]:
    return (str(ordinal), purpose) if purpose else (str(ordinal),)


def _filler(pattern: str, **parts: str) -> Callable[[str], str]:
    return lambda team: pattern.format_map({**parts, "team": team})


def _letters(text: str, count: int = 4) -> str:
    """A stable short hash in a-z and 2-7."""
    number = int.from_bytes(sha256(text.encode()).digest()[:8])
    return "".join("abcdefghijklmnopqrstuvwxyz234567"[number >> 5 * i & 31] for i in range(count))


@cache
def convention() -> Convention:
    """The convention that Signoff ships, `capabilities/naming.toml`."""
    return parse_convention(files("capabilities").joinpath("naming.toml").read_text("utf-8"))


def parse_convention(text: str) -> Convention:
    """Raises: ValueError, KeyError - the file is not a convention."""
    tables = tomllib.loads(text)
    short = {Environment(name): value for name, value in tables.pop("environments").items()}
    return Convention(tables.pop("seed"), short, tables)
