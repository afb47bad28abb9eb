"""One kill -9 of each of worker, engine and whole tree while three steps are being applied.

Many more at random moments: python -m tests.faults.kill_table --runs 20 --seed 1
"""

from pathlib import Path

import pytest

from tests.faults.killing import Kill, suffer

SPEED = 0.3
pytestmark = pytest.mark.xdist_group("heavy")


@pytest.mark.parametrize(("victim", "moment_s"), [("worker", 1.5), ("engine", 2.0), ("tree", 1.8)])
async def test_a_deployment_survives_a_kill(tmp_path: Path, victim: str, moment_s: float) -> None:
    result = await suffer(Kill(0, victim, moment_s), tmp_path, speed=SPEED)
    assert result.in_time
    assert result.wrong == []
    assert result.outcome == "succeeded"
    assert result.signed_again == 0
