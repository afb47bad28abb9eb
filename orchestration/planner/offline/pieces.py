"""Reads a message whose parts are about different steps, and puts the readings together."""

from dataclasses import replace

from orchestration.planner.offline.purposes import Part, addressed
from orchestration.planner.offline.reader import Reader
from orchestration.planner.offline.reading import Reading, Said
from orchestration.planner.offline.situation import Situation


def read(text: str, situation: Situation, reader: Reader) -> Reading:
    """One reading of the whole; values said of a step by its purpose or place are for that step."""
    whole = reader.read(text)
    parts = [] if whole.canonical else addressed(text, situation)
    readings = [(part, reader.read(part.text)) for part in parts]
    if not any(_tells(part, reading) for part, reading in readings):
        return whole
    whole.add, whole.said, whole.remove, whole.unset = [], [], [], []
    whole.doubts, whole.leftovers, whole.unused, whole.scale = [], [], [], 0.0
    for part, reading in readings:
        _merge(part, reading, whole, situation)
        if not _tells(part, reading):
            whole.unread.append(part.text)
    return whole


def _tells(part: Part, reading: Reading) -> bool:
    return reading.changes or bool(reading.doubts) or part.away or bool(part.renamed)


def _merge(part: Part, reading: Reading, whole: Reading, situation: Situation) -> None:
    capability = situation.steps[part.step]
    whole.steps.append(part.step)
    if part.away or capability in reading.remove:
        whole.remove.append(part.step)
    elif part.renamed:
        whole.said.append(Said("purpose", part.renamed, part.step))
    whole.said += [replace(said, of=part.step) for said in reading.said]
    whole.add += [wanted for wanted in reading.add if wanted.capability != capability]
    whole.remove += [key for key in reading.remove if key != capability]
    whole.doubts += reading.doubts
    whole.leftovers += reading.leftovers
    whole.unused += reading.unused
