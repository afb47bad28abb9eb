"""Values of any parameter in the catalogue, found by its name, its type and its choices."""

import re
from itertools import takewhile
from typing import Any

from capabilities.capability import SHARED, Catalogue
from orchestration.planner.offline.purposes import SAID
from orchestration.planner.offline.reading import Said
from orchestration.planner.offline.spans import Taken
from orchestration.planner.offline.switches import switches
from orchestration.planner.offline.telling import scaled_number, telling
from orchestration.planner.offline.words import ENVIRONMENTS, PARAMETERS

_IS = r"\s*(?:is|are|to|=|:|of|should be|must be|as|with|at|->)?\s*"
_NUMBER = r"(\d[\d,]*(?:\.\d+)?)\s*(k|tb|gb|hours?|h|minutes?|mins?|m)?\b"


class ParameterWords:
    """Built from the models' own schemas: a new capability is understood without new code."""

    def __init__(self, catalogue: Catalogue) -> None:
        variants: dict[str, list[dict[str, Any]]] = {}
        for capability in catalogue.capabilities.values():
            for name, info in capability.parameters.model_json_schema()["properties"].items():
                variants.setdefault(name, []).append(info)
        self.schemas = {name: _merged(found) for name, found in variants.items()}
        self._own = [name for name in self.schemas if name not in (*SHARED, "tags")]
        self._aliases = {name: _aliases(name) for name in self._own}
        self._bare = _bare_choices({name: self.schemas[name] for name in self._own})

    def find(self, text: str, raw: str, taken: Taken) -> list[Said]:
        """Named values first, then those that speak for themselves."""
        found = telling(self.schemas.keys(), text, raw, taken)
        found += switches(self.schemas.keys(), text, taken)
        found += _purpose(text, taken) if "purpose" in self.schemas else []
        for name in self._own:
            for alias in self._aliases[name]:
                if alias not in text:
                    continue
                value = _valued(alias, self.schemas[name], text, taken)
                if value is not None:
                    found.append(Said(name, value))
                    break
        return found + self._choices(text, taken)

    def taken_back(self, text: str) -> list[str]:
        """Parameters whose value is to be forgotten: `remove the budget`."""
        if _WORKERS_BACK.search(text):
            return ["min_workers", "max_workers"]
        if suggested := _BY_YOU.search(text):
            wanted = " ".join((suggested[1] or suggested[2]).split())
            named = [name for name in self._own if wanted in _aliases(name)]
            if named:
                return named[:1]
        found = []
        for name in (*self._own, "budget_monthly_usd"):
            words = "|".join(re.escape(alias) for alias in _aliases(name))
            if re.search(
                rf"{_FORGET}\s+(?:the\s+|my\s+|our\s+)?(?:{words})(?:\s+(?:limit|value|cap))?"
                rf"(?:\s+to\s+(?:the\s+|its\s+)?(?:defaults?|suggest\w+|convention))?\s*(?:$|[,;.!])",
                text,
            ):
                found.append(name)
        return found[:1]

    def _choices(self, text: str, taken: Taken) -> list[Said]:
        found = []
        for name, choice, pattern in self._bare:
            match = pattern.search(text)
            if match and taken.take(*match.span()):
                found.append(Said(name, choice))
        return found


def _merged(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """One schema for a parameter that several capabilities have, each with its own choices."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _purpose(text: str, taken: Taken) -> list[Said]:
    match = SAID.search(text)
    return [Said("purpose", match[1])] if match and taken.take(*match.span()) else []


def _aliases(name: str) -> list[str]:
    known = (name, name.replace("_", " "), *PARAMETERS.get(name, ()))
    return sorted(dict.fromkeys(known), key=len, reverse=True)


def choices_of(schema: dict[str, Any]) -> list[Any]:
    """The values a schema allows by enumeration, looking into `anyOf`."""
    variants = [schema, *schema.get("anyOf", [])]
    return [choice for variant in variants for choice in variant.get("enum", [])]


def _bare_choices(schemas: dict[str, dict[str, Any]]) -> list[tuple[str, Any, re.Pattern[str]]]:
    """Choices that only one parameter has and that are no everyday words: `GRS`, `gpt-4o`."""
    everyday = {word for words in ENVIRONMENTS.values() for word in words}
    owners: dict[str, list[tuple[str, Any]]] = {}
    for name, schema in schemas.items():
        for choice in choices_of(schema):
            owners.setdefault(str(choice).lower(), []).append((name, choice))
    unique = {text: held[0] for text, held in owners.items() if len(held) == 1}
    telling = [t for t in unique if len(t) >= 3 and t not in everyday | _EVERYDAY]
    return [
        (*unique[text], re.compile(rf"(?<![\w\-./]){re.escape(text)}(?![\w/]|-\w|\.\d)"))
        for text in sorted(telling, key=len, reverse=True)
    ]


_EVERYDAY = {"none", "all", "true", "false", "auto", "default", "basic", "free", "read", "write", "allow", "deny", "hot", "cool", "cold", "yes", "no", "owner", "reader", "contributor"}  # fmt: skip


def _valued(alias: str, schema: dict[str, Any], text: str, taken: Taken) -> Any:
    kinds = _kinds(schema)
    before = rf"(?<![\w\-]){re.escape(alias)}s?\b"
    choices = choices_of(schema)
    if choices:
        body = "|".join(
            re.escape(str(c).lower()) for c in sorted(choices, key=lambda c: -len(str(c)))
        )
        return _choice(
            re.compile(
                rf"{before}{_IS}({body})(?![\w\-])|(?<![\w\-])({body})\s+{re.escape(alias)}\b"
            ),
            choices,
            text,
            taken,
        )
    if kinds & {"integer", "number"}:
        match = re.search(rf"{before}{_IS}(?:after\s+)?{_NUMBER}", text)
        return (
            scaled_number(match[1], match[2] or "") if match and taken.take(*match.span()) else None
        )
    if "boolean" in kinds:
        return _switch(alias, text, taken)
    if "array" in kinds:
        return _listed(before, text, taken)
    return None


def _choice(pattern: re.Pattern[str], choices: list[Any], text: str, taken: Taken) -> Any:
    match = pattern.search(text)
    if match is None or not taken.take(*match.span()):
        return None
    word = next(group for group in match.groups() if group)
    return next(choice for choice in choices if str(choice).lower() == word)


def _kinds(schema: dict[str, Any]) -> set[str]:
    return {str(v["type"]) for v in (schema, *schema.get("anyOf", [])) if "type" in v}


def _switch(alias: str, text: str, taken: Taken) -> bool | None:
    match = re.search(
        rf"\b(?P<off>no|without|(?:don'?t|do not) (?:want|need)(?: any)?|disable|block|deny|turn off|switch off|forbid)\s+(?:the\s+|any\s+)?{re.escape(alias)}\b"
        rf"|\b(?:enable|allow|with|turn on|switch on|permit)\s+(?:the\s+)?{re.escape(alias)}\b"
        rf"|\b{re.escape(alias)}{_IS}(?:(?P<no>off|no|false|disabled|blocked|denied)|on|yes|true|enabled|allowed)\b",
        text,
    )
    if match is None or not taken.take(*match.span()):
        return None
    return not (match["off"] or match["no"])


def _listed(before: str, text: str, taken: Taken) -> list[str] | None:
    item = r"[a-z0-9][a-z0-9\-]{1,62}"
    match = re.search(
        rf"{before}(?:\s+(?:called|named))?{_IS}({item}(?:\s*,\s*(?:and\s+)?{item}|\s+and\s+{item})*)",
        text,
    )
    if match is None or not taken.free(*match.span(1)):
        return None
    items = [part for part in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", match[1]) if part]
    named = list(takewhile(lambda part: part not in _STOP, items))
    if named:
        taken.take(match.start(), match.start(1) + match[1].index(named[-1]) + len(named[-1]))
    return named or None


_BY_YOU = re.compile(
    r"\b(?:suggested|default|generated|conventional)\s+([a-z ]{3,30}?)(?:\s+name)?\s*(?:$|[,;.!]|please\b|again\b)"
    r"|\bthe\s+([a-z ]{3,30}?)(?:\s+name)?\s+(?:should|can|may|could)\s+be\s+(?:suggested|generated|chosen)\b"
)
_WORKERS_BACK = re.compile(
    r"\b(?:forget|unset|clear|reset|take back)\s+(?:the\s+)?(?:number of\s+)?workers\b"
    r"|\b(?:default|suggested)\s+(?:number of\s+)?workers\b|\bworkers\b.{0,12}\bto (?:the )?defaults?\b"
)
"""`back to the suggested resource group name`."""
_FORGET = r"\b(?:forget|unset|clear|reset|take back|remove|drop|lift)"
_STOP = {
    "the",
    "for",
    "in",
    "with",
    "please",
    "and",
    "a",
    "an",
    "we",
    "to",
    "on",
    "is",
    "not",
    "team",
    "one",
    "two",
    "each",
    "every",
    "as",
}
