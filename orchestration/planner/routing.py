"""Which of two models takes a turn."""

from orchestration.planner.offline.reader import Reader

SMALL_CHARACTERS = 200


def small_is_enough(reader: Reader, text: str) -> bool:
    """Whether the small model takes it: short, and the rules already read it in one way only.

    Everything else (long, vague, doubtful, unknown) goes to the large one.
    """
    if len(text) > SMALL_CHARACTERS:
        return False
    reading = reader.read(text)
    return reading.understood and not reading.doubts and not reading.unsupported
