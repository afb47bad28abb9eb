"""One value out of several that were named, when the grammar leaves no doubt."""

import re

from orchestration.planner.offline.negation import within
from orchestration.planner.offline.spans import Found

_FROM = re.compile(
    r"\b(?:from|instead of|rather than|not|was|replace|leave|leaving|out of)\s+(?:for\s+)?(?:the\s+)?(?:environment\s+|team\s+)?$"
)


def chosen(
    text: str, mentions: list[Found], negated: list[tuple[int, int]]
) -> tuple[str | None, list[str]]:
    """The value meant, or else None and the values among which it has to be asked.

    `from A to B`, `B not A`, `B instead of A`, `A or B? B` leave no doubt; a bare list does.
    """
    wanted = [
        m for m in mentions if not within(negated, m.start) and not _FROM.search(text[: m.start])
    ]
    values = list(dict.fromkeys(m.key for m in wanted))
    if any(m.key in values and within(negated, m.start) for m in mentions):
        return None, values
    if len(values) == 1 and not _reconsidered(text, mentions):
        return values[0], []
    answered = _answered(text, wanted)
    if answered:
        return answered, []
    return None, values or [m.key for m in mentions]


def _answered(text: str, wanted: list[Found]) -> str | None:
    """`prod or test? let's start with test`: what follows the question mark decides."""
    mark = text.rfind("?")
    after = {m.key for m in wanted if mark >= 0 and m.start > mark}
    before = {m.key for m in wanted if m.start < mark}
    return next(iter(after)) if len(after) == 1 and after <= before else None


def _reconsidered(text: str, mentions: list[Found]) -> bool:
    """`eastus, no wait, westus2`: two values around a correction are asked back."""
    return len({m.key for m in mentions}) > 1 and bool(re.search(r"\bno,? wait|wait,? no\b", text))
