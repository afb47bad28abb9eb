"""Errors, named by who acts on them.

SignoffError
├── UserError        the person can fix it; `str(error)` goes to the thread
├── TemporaryError   the worker tries again after `retry_after_s`
│   └── WorkspaceLocked
└── PermanentError   nobody can retry; the thread gets an incident id
"""


class SignoffError(Exception):
    """The root of everything Signoff raises on purpose."""


class UserError(SignoffError):
    """Something a person sent or chose cannot be done; the message says what to do instead."""


class TemporaryError(SignoffError):
    """Something outside is not there right now."""

    def __init__(self, message: str, *, retry_after_s: float = 5.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class WorkspaceLocked(TemporaryError):
    """Another run holds the lock of the workspace's state."""


class PermanentError(SignoffError):
    """A fault that neither the person nor a retry can mend."""


def sentence(text: str) -> str:
    """What an error says, as a person writes it."""
    whole = f"{text[:1].upper()}{text[1:]}"
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."
