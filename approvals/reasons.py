"""The reason somebody gives with a decision."""

import unicodedata

from approvals.refusals import Refused, reason_missing, reason_too_long

REASON_LENGTH = 500
"""Most characters of a reason; what every surface can show in full."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters that are drawn as nothing. Source: Unicode, Default_Ignorable_Code_Point, the fillers."""


def bad_reason(reason: str, *, required: bool) -> Refused | None:
    """Refuse a reason that is too long, or one without a letter or digit where one is needed."""
    if len(reason) > REASON_LENGTH:
        return reason_too_long(len(reason), REASON_LENGTH)
    if required and not any(map(_readable, reason)):
        return reason_missing()
    return None


def _readable(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN" and character not in _BLANK_LETTERS
