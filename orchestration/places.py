"""Where something has to be said, and which process is to say it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

CLAIM_S = 30.0
"""How long what is stored is left to the process that it was given to."""


@dataclass(frozen=True, slots=True)
class Place:
    """A partition of a container, e.g. of a thread or a deployment."""

    container: str
    partition: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Only `speaker` speaks until then; any process may after that. It may be renewed."""

    speaker: str
    until: datetime
    renewed: bool = False

    def binds(self, other: str, at: datetime) -> bool:
        """Whether the other process has to leave it alone."""
        return self.speaker != other and at < self.until

    def is_over(self, other: str, at: datetime) -> bool:
        """Whether the other process may take what was claimed for spoken: it was to speak it
        itself, or whoever was to has had time enough, and has to look out for others by now."""
        return self.speaker == other or at >= self.until + timedelta(seconds=CLAIM_S)

    def lasts(self, speaker: str, at: datetime) -> bool:
        """Whether the speaker may begin to speak now: it still will when others may not."""
        return self.speaker == speaker and at + timedelta(seconds=CLAIM_S / 3) < self.until


def claimed(speaker: str, at: datetime) -> Claim:
    return Claim(speaker, at + timedelta(seconds=CLAIM_S))
