"""`make bench`: every figure with its goal, in one run. `python -m benchmarks turns` for some."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure, header, row
from benchmarks.machine import described
from bot.telemetry import logging_to

PARTS = ("turns", "decisions", "engine", "starting", "store", "deployments", "fronts")
LONG = ("replicas", "growth", "charges", "cost")
"""Those that are run by their name alone."""


def main(wanted: Sequence[str]) -> int:
    """The exit code: 1 when a goal was missed."""
    os.environ["SIGNOFF_PRICES_LIVE"] = "false"
    began, figures = perf_counter(), []
    with tempfile.TemporaryDirectory(prefix="signoff-bench-") as made:
        print(*described(Path(made)), "", *header(), sep="\n", flush=True)
        for part in wanted or PARTS:
            folder = Path(made) / part
            folder.mkdir()
            with logging_to(folder, "warning"):
                found = asyncio.run(_measure(part)(folder))
            print(*map(row, found), sep="\n", flush=True)
            figures += found
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"\n{perf_counter() - began:.0f} s. Missed: {', '.join(missed) or 'none'}.")
    return 1 if missed else 0


def _measure(part: str) -> Callable[[Path], Coroutine[None, None, list[Figure]]]:
    if part not in (*PARTS, *LONG):
        sys.exit(f"there is no benchmark {part!r}; there are {', '.join((*PARTS, *LONG))}")
    measure: Callable[[Path], Coroutine[None, None, list[Figure]]] = import_module(
        f"benchmarks.{part}"
    ).measure
    return measure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
