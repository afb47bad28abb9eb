"""Values that speak for themselves: sizes, addresses, models, node types, idle times."""

import re
from collections.abc import Callable, Container

from orchestration.planner.offline.reading import Said
from orchestration.planner.offline.spans import Taken
from orchestration.planner.offline.words import NUMBERS

_N = r"(\d[\d,]*(?:\.\d+)?|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
_CIDR = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?\b")
_NODE = re.compile(r"\bstandard_[a-z0-9_]+\b", re.IGNORECASE)
_TPM = re.compile(
    r"\b(\d[\d,]*(?:\.\d+)?)\s*(k|m)?\s*(?:tpm|tokens (?:per|a) minute|tokens/min\w*)\b"
)
_MODEL = re.compile(
    r"(?<![\w\-])(?:gpt-?(?:\d+(?:\.\d+)?o?)(?:-(?:mini|nano|turbo|pro))?|o[1345](?:-mini|-pro)?"
    r"|text-embedding-[\w\-]+)(?![\w\-])"
)
_SIZE = re.compile(rf"\b{_N}\s*(gb|tb|gib|tib|gigabytes?|terabytes?)\b")
_IDLE = re.compile(
    r"\b(?:after|in)\s+(\d+)\s*(minutes?|mins?|hours?)\s+(?:of\s+)?(?:idle|inactiv\w*|idling)"
    r"|\b(?:idle|terminat\w+\b.{0,15}\bafter)\s+(?:for\s+)?(\d+)\s*(minutes?|mins?|hours?)"
)
_REDUNDANCY = (
    ("RAGRS", "read-access geo"),
    ("GZRS", "geo-zone"),
    ("GRS", "geo"),
    ("ZRS", "zone"),
    ("LRS", "local(?:ly)?"),
)
"""Source: Microsoft Learn, "Azure Storage redundancy"."""


def telling(known: Container[str], text: str, raw: str, taken: Taken) -> list[Said]:
    """Such values for the parameters that are known; `raw` has the case as written."""
    found = [*_node_type(raw, taken), *(said for rule in _RULES for said in rule(text, taken))]
    return [said for said in found if said.parameter in known]


def scaled_number(digits: str, unit: str) -> int | float:
    """In GB, minutes or single units; 1 TB is 1,024 GB."""
    amount = float(NUMBERS.get(digits, 0) or digits.replace(",", ""))
    factor = {"t": 1024, "k": 1000, "h": 60}.get(unit[:1], 1)
    amount *= factor
    return int(amount) if amount == int(amount) else amount


def _node_type(raw: str, taken: Taken) -> list[Said]:
    match = _NODE.search(raw)
    return [Said("node_type", match.group())] if match and taken.take(*match.span()) else []


def _size(text: str, taken: Taken) -> list[Said]:
    match = _SIZE.search(text)
    if match is None or not taken.take(*match.span()):
        return []
    return [Said("expected_gb", scaled_number(match[1], match[2]))]


def _idle(text: str, taken: Taken) -> list[Said]:
    match = _IDLE.search(text)
    if match is None or not taken.take(*match.span()):
        return []
    minutes = scaled_number(match[1] or match[3], match[2] or match[4])
    return [Said("autotermination_minutes", minutes)]


def _capacity(text: str, taken: Taken) -> list[Said]:
    match = _TPM.search(text)
    if match is None or not taken.take(*match.span()):
        return []
    thousands = {"k": 1.0, "m": 1000.0}.get(match[2] or "", 0.001)
    tokens = float(match[1].replace(",", "")) * thousands
    return [Said("capacity_thousand_tpm", max(1, round(tokens)))]


def _model(text: str, taken: Taken) -> list[Said]:
    match = _MODEL.search(text)
    if match is None or not taken.take(*match.span()):
        return []
    return [Said("model", re.sub(r"^gpt-?", "gpt-", match.group()))]


def _addresses(text: str, taken: Taken) -> list[Said]:
    found = [m.group() for m in _CIDR.finditer(text) if taken.take(*m.span())]
    return [Said("allowed_ip_ranges", found)] if found else []


def _redundancy(text: str, taken: Taken) -> list[Said]:
    for choice, words in _REDUNDANCY:
        match = re.search(rf"\b{words}[ -]*redundan\w+(?: replication)?", text)
        if match and taken.take(*match.span()):
            return [Said("replication", choice)]
    return []


_RULES: tuple[Callable[[str, Taken], list[Said]], ...] = (
    _size,
    _idle,
    _capacity,
    _model,
    _addresses,
    _redundancy,
)
