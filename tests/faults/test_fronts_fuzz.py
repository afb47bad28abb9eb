"""Damaged requests over all routes; `python -m tests.faults.fuzz REQUESTS --seed N` has more."""

import json
from pathlib import Path

from tests.faults.fuzz import fuzz
from tests.faults.junk import Source

_REQUESTS = 20_000
_GROWTH_MB = 30.0


async def test_no_damaged_request_is_a_5xx_and_memory_stays(tmp_path: Path) -> None:
    outcome = await fuzz(_REQUESTS, 1, tmp_path)
    assert outcome.broken == []
    assert outcome.answers.total() == _REQUESTS
    assert outcome.answers[200] > 0, "some of it was good enough to be answered"
    assert outcome.grown_mb < _GROWTH_MB, outcome.resident_mb
    log = (tmp_path / "signoff.log").read_text(encoding="utf-8").splitlines()
    broken = [line for line in log if json.loads(line)["event"] == "unexpected_failure"]
    assert broken == []


def test_what_is_generated_depends_on_nothing_but_the_seed() -> None:
    def some(seed: int) -> list[object]:
        source = Source(seed, [{"type": "message"}], [{"type": "shortcut"}], [{"type": "event"}])
        return [source.next() for _ in range(200)]

    assert [repr(one) for one in some(1)] != [repr(one) for one in some(2)]
