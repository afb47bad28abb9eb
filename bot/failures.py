"""One function turns an exception into what a person reads."""

import logging
from uuid import uuid4

from orchestration.errors import SignoffError, TemporaryError, UserError

log = logging.getLogger(__name__)


def told(error: BaseException, *, doing: str, tried_again: bool = True) -> str:
    """The sentence for the person; what they cannot act on is logged under an incident id.

    `doing` completes "Something went wrong while ..." without internals: "starting Signoff".
    """
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, TemporaryError):
        log.warning("temporary_failure", exc_info=error, extra={"fields": {"doing": doing}})
        then = "I'll try again." if tried_again else "Try again in a moment."
        return f"Something needed for {doing} is not available right now. {then}"
    incident = uuid4().hex[:8]
    event = "permanent_failure" if isinstance(error, SignoffError) else "unexpected_failure"
    log.error(event, exc_info=error, extra={"fields": {"doing": doing, "incident": incident}})
    return (
        f"Something went wrong while {doing}. Nothing that was recorded is lost. "
        f"Tell whoever runs Signoff the incident id {incident}; the log has the details."
    )
