"""A short run of `make chaos`: everything of production, and each trouble once."""

from pathlib import Path

import pytest

from tests.faults.chaos.run import Size, run
from tests.faults.chaos.troubles import SHORT

pytestmark = pytest.mark.xdist_group("heavy")
SEED = 3
SIZE = Size(deployments=12, threads=6, at_once=3, speed=0.1, patience_s=240.0, scale=SHORT)


async def test_nothing_is_lost_or_done_twice_whatever_goes_wrong(tmp_path: Path) -> None:
    outcome = await run(SEED, SIZE, tmp_path)
    assert outcome.verdict.wrong == []
    assert {trouble.kind for trouble in outcome.troubles} == set(SHORT.deck)
