"""From a message to the last word of its answer: embedded planner, SQLite on disk, many threads.

The threads take turns, so that each pauses longer than cards are held back for; then a few of them
talk at the same time, and what counts is the first word of the answer.
"""

import asyncio
import os
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.counting import Tally, counted, time_planner
from benchmarks.figures import Figure
from benchmarks.inside import CARD_INTERVAL_S, Inside, inside, said
from benchmarks.messages import threads
from orchestration.messages import ThreadId
from orchestration.planner.build import LazyPlanner

GOAL_MS = 50.0
_THREADS = 36
_WARM_UP = 6


async def measure(folder: Path) -> list[Figure]:
    time_planner(LazyPlanner)
    async with inside(folder) as service:
        for messages in threads(_WARM_UP):
            for text in messages:
                await _first_word(service, "warm-up", text)
        figures = await _taking_turns(service)
        together = await _together(service, os.cpu_count() or 1)
    return [*figures, Figure("  first word, a thread per core at once", together, "ms")]


async def _taking_turns(service: Inside) -> list[Figure]:
    taken: list[float] = []
    processor: list[float] = []
    tallies: list[Tally] = []
    for messages in zip(*threads(_THREADS), strict=True):
        pause = asyncio.create_task(asyncio.sleep(CARD_INTERVAL_S))
        for n, text in enumerate(messages):
            tallies.append(Tally())
            before = process_time()
            taken.append(await _turn(service, f"thread-{n}", text, tallies[-1]))
            processor.append((process_time() - before) * 1000)
        await pause
    return [
        Figure("turn: message to spoken answer", taken, "ms", GOAL_MS),
        Figure("  processor time of the process meanwhile", processor, "ms"),
        Figure("  of which planner", [t.planner_s * 1000 for t in tallies], "ms"),
        Figure("  of which store", [t.store_s * 1000 for t in tallies], "ms"),
        Figure("  store calls", [len(t.calls) for t in tallies], "calls"),
    ]


async def _together(service: Inside, at_once: int) -> list[float]:
    taken: list[float] = []

    async def talk(name: str, messages: tuple[str, ...]) -> None:
        taken.extend([await _first_word(service, name, text) for text in messages])

    talks = [talk(f"together-{n}", m) for n, m in enumerate(threads(at_once * 4))]
    for group in zip(*[iter(talks)] * at_once, strict=True):
        await asyncio.gather(*group)
    return taken


async def _turn(service: Inside, name: str, text: str, tally: Tally) -> float:
    """Milliseconds until the last message of the answer was spoken."""
    thread = ThreadId(name)
    start = perf_counter()
    with counted(tally):
        await service.threads.receive(said(name, "ana", text))
    await service.threads.settled(thread)
    return (service.ear.heard[thread] - start) * 1000


async def _first_word(service: Inside, name: str, text: str) -> float:
    """Milliseconds until something was said."""
    start = perf_counter()
    word = asyncio.create_task(service.ear.word(ThreadId(name)))
    await service.threads.receive(said(name, "ana", text))
    await word
    return (perf_counter() - start) * 1000
