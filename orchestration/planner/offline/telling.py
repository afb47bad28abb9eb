"""Values that speak for themselves: sizes, addresses, models, node types, idle times."""

import re
from collections.abc import Callable, Container

from capabilities.azure.node_types import A100, T4
from orchestration.planner.offline.reading import Said
from orchestration.planner.offline.spans import Taken
from orchestration.planner.offline.words import NUMBERS

_N = r"(\d[\d,]*(?:\.\d+)?|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
_CIDR = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?\b")
_NODE = re.compile(
    r"\bstandard_[a-z0-9_]+\b|(?<![\w\-])[a-z]{1,2}\d{1,3}[a-z]*(?:_\w+)?_v\d\b", re.IGNORECASE
)
_FAMILY = re.compile(
    r"(?:\b(?:use|with|on|take|nvidia)\s+)?\b(?P<f>a100|t4)s?\b(?:\s+(?:gpus?|nodes?|machines?|workers?))*"
)
_NOT = re.compile(r"\b(?:no|not|without|never|don'?t use|avoid)\s+(?:the\s+|any\s+|a\s+|an\s+)?$")
_FAMILIES = {"a100": A100, "t4": T4}
_TPM = re.compile(
    r"\b(\d[\d,]*(?:\.\d+)?|half a|a|one)\s*(k|m|thousand|million)?\s*(?:tpm|tokens (?:per|a) minute|tokens/min\w*)\b"
)
_MODEL = re.compile(
    r"(?<![\w\-])(?:gpt-?(?:\d+(?:\.\d+)?o?)(?:-(?:mini|nano|turbo|pro))?|o[1345](?:-mini|-pro)?"
    r"|text-embedding-[\w\-]+)(?![\w\-])"
)
_SIZE = re.compile(rf"\b{_N}\s*(gb|tb|gib|tib|gigabytes?|terabytes?|gigs?|teras?)\b")
_EXPECTED = re.compile(
    rf"\b{_N}\s*(k|m|thousand|million|billion)?\s+(input|output|prompt|completion)\s+tokens?\s*(?:a|per|/|each)\s*month"
)
_THOUSANDS = {"": 0.001, "k": 1, "t": 1, "m": 1000, "b": 1_000_000}
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_NEVER = re.compile(
    r"\b(?:never|don'?t|do not)\s+(?:auto[- ]?)?(?:stop|terminate|shut ?down)\b(?:\s+(?:the\s+)?(?:cluster|it))?"
    r"|\b(?:keep|leave)\s+(?:the\s+)?(?:cluster|it)\s+(?:always\s+)?(?:running|on)\b|\bno auto[- ]?(?:termination|stop)\b"
)
_TIER = re.compile(
    r"\b(hot|cool)\b(?=\s+(?:access\s+)?(?:tier|storage|blobs?)|\s+(?:and|&)\s)(?:\s+(?:access\s+)?tier)?"
    r"|\b(?:be|is|to|as|in|on|it|tier|tier:|are)\s+(?:the\s+)?(hot|cool)\b(?!\s*,|\s+with)"
)
_WORKLOAD = re.compile(
    r"\b(?:for|does|do|workload(?:\s+is|:)?|is|it'?s)\s+(machine[ -]learning|data[ -]science|data[ -]engineering)\b(?!\s+(?:team|squad|group|workspace|studio|platform|department))"
)
_IDLE = re.compile(
    r"\b(?:after|in)\s+(\d+)\s*(minutes?|mins?|hours?)\s+(?:of\s+)?(?:idle|inactiv\w*|idling|without work|doing nothing)"
    r"|\b(?:idle|idle time(?:out)?|terminat\w+\b.{0,15}\bafter)\s*[:=]?\s*(?:for\s+|is\s+)?(\d+)\s*(minutes?|mins?|hours?)"
)
_REDUNDANCY = (
    ("RAGZRS", "read[- ]access geo[- ]zone"),
    ("RAGRS", "read[- ]access geo"),
    ("GZRS", "geo-zone"),
    ("GRS", "geo"),
    ("ZRS", "zone"),
    ("LRS", "local(?:ly)?"),
)
"""Source: Microsoft Learn, "Azure Storage redundancy"."""


def telling(known: Container[str], text: str, raw: str, taken: Taken) -> list[Said]:
    """Such values for the parameters that are known; `raw` has the case as written."""
    nodes = _node_type(raw, taken) or _family(text, taken)
    found = [*nodes, *(said for rule in _RULES for said in rule(text, taken))]
    return [said for said in found if said.parameter in known]


def scaled_number(digits: str, unit: str) -> int | float:
    """In GB, minutes or single units; 1 TB is 1,024 GB."""
    amount = float(NUMBERS.get(digits, 0) or digits.replace(",", ""))
    factor = {"t": 1024, "k": 1000, "h": 60}.get(unit[:1], 1)
    amount *= factor
    return int(amount) if amount == int(amount) else amount


def _node_type(raw: str, taken: Taken) -> list[Said]:
    match = _NODE.search(raw)
    if match and _NOT.search(raw[: match.start()].lower()):
        return []
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
    thousands = _THOUSANDS[(match[2] or "")[:1]]
    spelled = {"half a": 0.5, "a": 1.0, "one": 1.0}
    tokens = (spelled.get(match[1]) or float(match[1].replace(",", ""))) * thousands
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
    spelled = re.search(r"\bra-(gzrs|grs)\b", text)
    if spelled and taken.take(*spelled.span()):
        return [Said("replication", f"RA{spelled[1].upper()}")]
    for choice, words in _REDUNDANCY:
        match = re.search(rf"\b{words}[ -]*(?:redundan\w+|replicat\w+)(?: replication)?", text)
        if match and taken.take(*match.span()):
            return [Said("replication", choice)]
    return []


def _tokens(text: str, taken: Taken) -> list[Said]:
    found = []
    for match in _EXPECTED.finditer(text):
        if taken.take(*match.span()):
            amount = float(NUMBERS.get(match[1], 0) or match[1].replace(",", ""))
            way = "input" if match[3] in ("input", "prompt") else "output"
            value = round(amount * _THOUSANDS[(match[2] or "")[:1]])
            found.append(Said(f"expected_{way}_thousand_tokens", value))
    return found


def _always_on(text: str, taken: Taken) -> list[Said]:
    match = _NEVER.search(text)
    return [Said("autotermination_minutes", 0)] if match and taken.take(*match.span()) else []


def _tier(text: str, taken: Taken) -> list[Said]:
    match = _TIER.search(text)
    if match is None or not taken.take(*match.span()):
        return []
    return [Said("access_tier", (match[1] or match[2]).capitalize())]


def _workload(text: str, taken: Taken) -> list[Said]:
    match = _WORKLOAD.search(text)
    if match is None or not taken.take(*match.span()):
        return []
    return [Said("workload", re.sub(r"[ -]", "_", match[1]))]


def _readers(text: str, taken: Taken) -> list[Said]:
    found = [m.group() for m in _UUID.finditer(text) if taken.take(*m.span())]
    return [Said("reader_object_ids", found)] if found else []


def _family(text: str, taken: Taken) -> list[Said]:
    match = _FAMILY.search(text)
    if match is None or _NOT.search(text[: match.start()]) or not taken.take(*match.span()):
        return []
    return [Said("node_type", _FAMILIES[match["f"]])]


_RULES: tuple[Callable[[str, Taken], list[Said]], ...] = (
    _size,
    _idle,
    _capacity,
    _model,
    _addresses,
    _redundancy,
    _tokens,
    _always_on,
    _tier,
    _workload,
    _readers,
)
