"""Held-out figures of the embedded planner: `python -m orchestration.planner.offline.report`.

The held-out rows are read here and nowhere else; they were split off by a hash before the first
rule was written. Nothing may be tuned on what this prints.
"""

import sys
from pathlib import Path

from capabilities.registry import catalogue
from orchestration.planner.offline.reader import Reader
from orchestration.planner.offline.scoring import DATASET_CAPABILITIES, Score, rows, scored

DATA = Path(__file__).parent / "data"


def held_out() -> Score:
    return _score("held_out.jsonl")


def tuning() -> Score:
    return _score("tuning.jsonl")


def _score(name: str) -> Score:
    reader = Reader(catalogue(), known=DATASET_CAPABILITIES)
    return scored(reader, rows(DATA / name))


def main() -> None:
    sys.stdout.write(f"tuning:   {tuning()}\nheld out: {held_out()}\n")


if __name__ == "__main__":
    main()
