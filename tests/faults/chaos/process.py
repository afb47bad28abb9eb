"""Signoff's own command line with a clock that is told, by a file, how far ahead it is.

python -m tests.faults.chaos.process FILE serve
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli import main
from bot.parts import SystemClock


def follow(file: Path) -> None:
    """Every clock of this process is ahead by the seconds in the file."""

    def now(_: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text()))

    SystemClock.now = now  # type: ignore[method-assign]


if __name__ == "__main__":
    follow(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
