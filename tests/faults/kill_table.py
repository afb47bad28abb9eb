"""kill -9 at seeded random moments, as a table.

python -m tests.faults.kill_table --runs 20 --seed 1
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.faults.killing import Kill, Result, suffer

_ROW = "{:>5}  {:<7} {:>8}  {:<10} {:>11} {:>7} {:>12} {:>8}  {}"


async def main(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.keep or tempfile.mkdtemp(prefix="signoff-kill-"))
    _print(f"sandbox speed {arguments.speed:g}, load {os.getloadavg()[0]:.1f}")
    head = ("seed", "victim", "after s", "outcome", "cut off", "remade", "signed again", "seconds")
    _print(_ROW.format(*head, ""))
    bad = 0
    for number in range(arguments.first, arguments.first + arguments.runs):
        kill = Kill.seeded(arguments.seed, number, speed=arguments.speed)
        store = folder / f"{kill.seed}"
        store.mkdir(parents=True)
        result = await suffer(kill, store, speed=arguments.speed)
        _print(_row(kill, result))
        bad += bool(result.wrong)
        if not result.wrong and not arguments.keep:
            shutil.rmtree(store, ignore_errors=True)
    _print(
        f"{arguments.runs - bad} of {arguments.runs} ended right" + f"; see {folder}" * bool(bad)
    )
    return 1 if bad else 0


def _print(line: str) -> None:
    sys.stdout.write(f"{line.rstrip()}\n")
    sys.stdout.flush()


def _row(kill: Kill, result: Result) -> str:
    return _ROW.format(
        kill.seed,
        kill.victim,
        kill.moment_s,
        result.outcome,
        result.interrupted,
        result.remade,
        result.signed_again,
        result.seconds,
        "; ".join(result.wrong) or ("" if result.in_time else "it had ended already"),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--keep", help="keep the stores in this folder")
    sys.exit(asyncio.run(main(parser.parse_args())))
