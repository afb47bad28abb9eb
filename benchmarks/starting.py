"""How long `signoff` takes to be there, and what it occupies, each as a process of its own.

Memory is resident memory (RSS), shared libraries included.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, run
from time import perf_counter, sleep

import bot
from benchmarks.figures import Figure
from benchmarks.memory import occupied
from benchmarks.terminal import Terminal

HELP_GOAL_S, PROMPT_GOAL_S, MEMORY_GOAL_MB = 0.4, 5.0, 350.0
_SIGNOFF = (sys.executable, "-m", "bot.cli")
_CODE = Path(bot.__file__).parents[1]
_PROMPT = "(infra) > "
_QUESTION, _IN_ITS_ANSWER = "what can you do?", "Databricks"
_STARTS = 4
_SETTLE_S = 2.0
"""Until the worker has imported what it needs."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the chat: seconds to its prompt and to its first answer, and what it occupied
    after that, in MB by process."""

    prompt_s: float
    answer_s: float
    memory: Mapping[str, float]


async def measure(folder: Path) -> list[Figure]:
    return await asyncio.to_thread(_measured, folder)


def _measured(folder: Path) -> list[Figure]:
    helps = [_help() for _ in range(10)]
    first, *later = [_chat(folder) for _ in range(1 + _STARTS)]
    return [
        Figure("signoff --help", helps, "s", HELP_GOAL_S),
        Figure("chat: first start to the prompt", [first.prompt_s], "s"),
        Figure("chat: later start to the prompt", [c.prompt_s for c in later], "s", PROMPT_GOAL_S),
        Figure("  to the answer to a question typed at once", [c.answer_s for c in later], "s"),
        _memory("chat", later, MEMORY_GOAL_MB),
        _memory("engine", later, MEMORY_GOAL_MB),
        _memory("worker", later, None),
    ]


def _memory(process: str, starts: Sequence[Start], goal: float | None) -> Figure:
    values = [start.memory[process] for start in starts]
    return Figure(f"memory of {process}, RSS", values, "MB", goal)


def _help() -> float:
    start = perf_counter()
    run((*_SIGNOFF, "--help"), check=True, stdout=DEVNULL, cwd=_CODE)
    return perf_counter() - start


def _chat(folder: Path) -> Start:
    began = perf_counter()
    with Terminal((*_SIGNOFF, "chat", "--store", str(folder)), cwd=_CODE) as terminal:
        terminal.wait_for(_PROMPT)
        prompt_s = perf_counter() - began
        terminal.type(_QUESTION)
        terminal.wait_for(_IN_ITS_ANSWER)
        answer_s = perf_counter() - began
        sleep(_SETTLE_S)
        memory = occupied(terminal.pid)
        terminal.type("/quit")
    return Start(prompt_s, answer_s, memory)
