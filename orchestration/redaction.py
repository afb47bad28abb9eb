"""Keeps secrets out of what people and logs see."""

import re
from collections.abc import Collection

HIDDEN = "(sensitive)"
_SHORTEST = 6  # a shorter "secret" (`true`, `admin`) would blank out ordinary words

_WORDS = (
    r"password|passwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|client[_-]?secret"
)
# None of them begins in the middle of a run of characters that it goes on with: a text of one
# such run would take quadratic time, and anybody can send a long one.
_PATTERNS = (
    # KEY=value, "key": "value", key = "value"
    re.compile(rf"(?i)((?:{_WORDS})[\"']?\s*[:=]\s*[\"']?)(?!\(sensitive\))([^\s\"',;&]{{4,}})"),
    re.compile(r"(?i)(sharedaccess(?:key|signature)\s*=\s*)([^\s\"';]{4,})"),
    re.compile(r"(?i)((?:bearer|basic)\s+)([a-z0-9._~+/=-]{12,})"),
    re.compile(r"(?i)([?&](?:sig|sv_sig|code)=)([^&\s\"']{8,})"),
    re.compile(r"()((?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"),
    re.compile(r"()(\bdapi[0-9a-f]{32}(?:-\d+)?\b)"),
    re.compile(r"()(\bsk-[\w-]{20,})"),
    re.compile(r"()(\bxox[abeprs]-[\w-]{10,})"),
    re.compile(r"()(-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*KEY-----|\Z))", re.S),
    re.compile(r"()((?<![\w+/=])[A-Za-z0-9+/]{86}==)"),  # storage and Cosmos DB account keys
)  # fmt: skip


def redact(text: str, secrets: Collection[str] = ()) -> str:
    """The text without the given secrets, and without anything that looks like one."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text
