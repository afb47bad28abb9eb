"""Everything of production on this machine, and everything that can go wrong with it, as a table.

python -m tests.faults.chaos --seed 7 --deployments 200
"""

import argparse
import asyncio
import os
import shutil
import signal
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from tests.faults.chaos.run import Outcome, Size, run
from tests.faults.chaos.troubles import FULL, SHORT

_SHOWN = 20


def table(outcome: Outcome) -> Iterator[str]:
    yield "| what has to be true | looked at | wrong |"
    yield "|---|--:|--:|"
    for check in outcome.verdict.checks:
        yield f"| {check.name} | {check.of} | {len(check.wrong)} |"
    yield ""
    yield "| what went wrong | times |"
    yield "|---|--:|"
    for kind, times in sorted(Counter(t.kind for t in outcome.troubles).items()):
        yield f"| {kind} | {times} |"
    yield ""
    yield from _figures(outcome)


def _figures(outcome: Outcome) -> Iterator[str]:
    people, verdict = outcome.people, outcome.verdict
    kinds = Counter(f"{r.talk.surface} {r.wish.kind}" for r in people)
    doubled = {f"{s} ({why})": n for (s, why), n in sorted(verdict.doubled.items())}
    yield f"- {len(people)} deployments in {outcome.seconds:.0f} s: {_counted(kinds)}"
    seconds = sorted(r.seconds for r in people)
    yield (
        f"- seconds from asking to the end: median {statistics.median(seconds):.0f}, "
        f"longest {seconds[-1]:.0f}"
    )
    yield f"- messages posted twice: {_counted(doubled) or 'none'}"
    pressed, refused = (sum(getattr(r, name) for r in people) for name in ("pressed", "refused"))
    yield f"- clicks taken {pressed}, not taken and pressed again {refused}"
    yield f"- sign-offs asked for again {verdict.signed_again}, resources replaced {verdict.remade}"
    yield f"- restarts: {_counted(outcome.restarts)}"
    yield f"- answers to Teams and Slack: {_counted(outcome.answers)}"
    yield f"- settled {outcome.settled_s:.0f} s after the last of it"


def _counted(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(found.items()) if n)


async def _ended_by_sigterm(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """As by Ctrl-C: what was started is ended."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


def _size(asked: argparse.Namespace) -> Size:
    scale = {"full": FULL, "short": SHORT, "none": None}[asked.troubles]
    threads = asked.threads or max(2, asked.deployments // 4)
    return Size(asked.deployments, threads, asked.at_once, asked.speed, asked.patience, scale)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deployments", type=int, default=200)
    parser.add_argument("--threads", type=int, default=0, help="a quarter of them by default")
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--speed", type=float, default=0.1, help="the sandbox's")
    parser.add_argument("--patience", type=float, default=400.0, help="seconds, for one")
    parser.add_argument("--troubles", choices=("full", "short", "none"), default="full")
    parser.add_argument("--keep", type=Path, help="keep logs and state in this new folder")
    asked = parser.parse_args(arguments)
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="signoff-chaos-"))
    print(f"seed {asked.seed}, load {os.getloadavg()[0]:.1f}", flush=True)
    outcome = asyncio.run(_ended_by_sigterm(run(asked.seed, _size(asked), folder)))
    print("\n".join(table(outcome)))
    wrong = outcome.verdict.wrong
    print(*wrong[:_SHOWN], sep="\n")
    if wrong:
        print(f"{len(wrong)} wrong; logs are in {folder}")
    elif not asked.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
