"""Nothing in the repository is anybody's secret, or true on one machine only."""

import re

from tests.architecture.repository import shown, texts

_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]{40}|\bAKIA[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abprs]-\d{8,}|\bsk-[A-Za-z0-9]{32,}"
)
_REGISTRY = re.compile("|".join(("py" + r"pi\.org", "python" + "hosted", "--index-" + "url [a-z]")))
_MACHINE = re.compile(
    "(?<![A-Za-z0-9_.])/(?:" + "|".join(("wo" + "rk/", "ro" + "ot/", "home/[a-z]")) + ")"
)


def _where(pattern: re.Pattern[str], *, but: str = "-") -> list[str]:
    return [
        f"{shown(path)}: {found[0][:60]}"
        for path, text in texts()
        if not shown(path).startswith(but) and (found := pattern.search(text))
    ]


def test_no_secret_is_kept_here() -> None:
    assert _where(_SECRET, but="tests/unit/test_redaction.py") == []


def test_no_registry_is_named() -> None:
    """Where packages come from is the machine's business: pip's and uv's own settings say it."""
    assert _where(_REGISTRY) == []


def test_no_path_of_one_machine_is_named() -> None:
    assert _where(_MACHINE) == []
