"""Numbers in words and digits, ranges of workers, and money."""

import re

from orchestration.planner.offline.reading import Doubt, Said
from orchestration.planner.offline.spans import Taken
from orchestration.planner.offline.words import NUMBERS

N = r"(\d{1,4}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_W = r"(?:workers?|nodes?|machines?|instances?|executors?)"
_MORE = r"(?:of\s+|=\s*|:\s*|to\s+|is\s+)?"

_RANGES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\bbetween\s+{N}\s+and\s+{N}(?:\s+{_W})?",
        rf"(?<![\w.\-/]){N}\s*(?:-|\.\.|to|up to|through)\s*{N}\s*(?:\w+\s+)?{_W}\b",
        rf"\b(?:{_W}|cluster|autoscal\w*|scal\w+)\b[^\d;,.]{{0,20}}?(?<![\w.\-]){N}\s*(?:-|\.\.|to|and)\s*{N}\b",
        rf"\bmin(?:imum)?(?:\s+{_W})?\s*{_MORE}{N}(?:\s+{_W})?\W{{0,3}}(?:and\s+|to\s+)?(?:a\s+)?max(?:imum)?(?:\s+{_W})?\s*{_MORE}{N}",
        rf"\bat least\s+{N}\D{{1,25}}at most\s+{N}(?:\s+{_W})?",
        rf"\bfrom\s+{N}\s+to\s+{N}\s+{_W}",
    )
)
_MAX = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:max(?:imum)?|at most|up to|no more than|not more than|never (?:have |use |run )?more than|not exceed|limit(?:ed)? to)\s+(?:of\s+)?{N}\s+{_W}\b",
        rf"\bmax(?:imum)?[\s_]{_W}\s*{_MORE}{N}\b",
        rf"\b{N}\s+{_W}\s+(?:max(?:imum)?|at most|tops)\b",
    )
)
_MIN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:min(?:imum)?|at least|no fewer than|no less than)\s+(?:of\s+)?{N}\s+{_W}\b",
        rf"\bmin(?:imum)?[\s_]{_W}\s*{_MORE}{N}\b",
        rf"\b{N}\s+{_W}\s+(?:min(?:imum)?|at least)\b",
    )
)
_BOTH = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\w.\-]){N}\s+{_W}\b",
        rf"\b{_W}\s*(?:to|=|:|should be|is|are)?\s*(?<![\w.\-]){N}\b(?!\s*(?:gb|tb|min|usd|\$))",
    )
)
_MONEY = re.compile(
    r"(?P<sign>[$€£])\s*(?P<a>\d[\d,]*(?:\.\d+)?)\s*(?P<ak>k\b)?"
    r"|\b(?P<b>\d[\d,]*(?:\.\d+)?)\s*(?P<bk>k)?\s*(?P<unit>usd|us dollars?|eur|euros?|dollars?|gbp|pounds?|bucks)\b"
    r"|\b(?:budget|spend|spending|cap|limit|costs?)\b[^\d;.$]{0,24}(?<![\w\-])(?P<c>\d[\d,]*(?:\.\d+)?)\s*(?P<ck>k\b)?\s*(?P<other>€|£|eur|euros?|gbp|pounds?)?(?!\s*(?:workers?|nodes?|gb|tb|min|%|-))"
    r"|\b(?P<d>\d[\d,]*(?:\.\d+)?)\s*(?P<dk>k)?\s*(?:per|a|/)\s*(?:month|mo\b|year|yr)"
)
_YEAR = re.compile(r"\b(?:year|yearly|annual(?:ly)?|p\.?a\.?|per annum|yr)\b|/y")


_NEGATIVE = re.compile(
    rf"(?:(?<!\d )(?:(?<!\S)|(?<=[=:$€£(]))-(?=[$€£]?\d)|\b(?:minus|negative)\s+(?=[$€£]?{N}))"
    rf"(?P<n>[$€£]?{N}[\d.,]*(?:\s*(?:[kmg]b?|tb|usd|dollars?|{_W})\b)?)"
)


def negative(text: str, raw: str) -> Doubt | None:
    """`-5 GB`, which is never what is wanted: asked back with what it may have meant."""
    match = _NEGATIVE.search(text)
    if match is None:
        return None
    shown = raw[match.start() : match.end()].rstrip(".,")
    question = f"`{shown}` is less than nothing, so nothing was changed. Do you mean this?"
    return Doubt(question, (raw[: match.start()] + raw[match.start("n") :],))


def number(text: str) -> int:
    return int(text) if text.isdigit() else NUMBERS[text]


def workers(text: str, taken: Taken) -> list[Said]:
    """`2-8 workers` is a range, `4 workers` both bounds, `up to 4 workers` the upper one."""
    for rule in _RANGES:
        match = rule.search(text)
        if match and _about_workers(text) and taken.take(*match.span()):
            return _range(number(match[1]), number(match[2]))
    bounds = _bound(text, taken, _MIN, "min_workers") + _bound(text, taken, _MAX, "max_workers")
    if bounds:
        return bounds
    both = _bound(text, taken, _BOTH, "max_workers")
    return _range(both[0].value, both[0].value) if both else []


def _about_workers(text: str) -> bool:
    return bool(re.search(rf"\b{_W}\b|cluster|autoscal|\bmin\b|\bmax\b|\bscal", text))


def _range(low: int, high: int) -> list[Said]:
    return [Said("min_workers", low), Said("max_workers", high)]


def _bound(
    text: str, taken: Taken, rules: tuple[re.Pattern[str], ...], parameter: str
) -> list[Said]:
    for rule in rules:
        match = rule.search(text)
        if match and taken.take(*match.span()):
            return [Said(parameter, number(match[1]))]
    return []


def money(text: str, taken: Taken) -> tuple[list[Said], list[Doubt]]:
    """A budget in USD a month; other currencies are asked back, never converted."""
    match = _MONEY.search(text)
    if match is None or not taken.take(*match.span()):
        return [], []
    digits = match["a"] or match["b"] or match["c"] or match["d"]
    thousands = match["ak"] or match["bk"] or match["ck"] or match["dk"]
    amount = float(digits.replace(",", "")) * (1000 if thousands else 1)
    monthly = round(amount / 12 if _YEAR.search(text) else amount, 2)
    value = int(monthly) if monthly == int(monthly) else monthly
    currency = "".join(match[group] or "" for group in ("sign", "unit", "other"))
    said = [Said("budget_monthly_usd", value)]
    if re.search(r"€|£|eur|gbp|pound", currency):
        question = "I keep budgets in USD and do not convert. Is this the limit in USD a month?"
        return said, [Doubt(question, (f"set budget_monthly_usd to {value}",))]
    return said, []


_SCALE = re.compile(
    r"\b(?:cluster|workers?|nodes?)\b.{0,12}\b(?P<c>bigger|larger)\b|\b(?P<d>bigger|larger|more)\s+(?:cluster|workers|nodes)\b|\b(?P<a>double|twice|halve|half|triple)\b.*\b(?:workers?|nodes?|cluster)\b|\b(?:workers?|nodes?|cluster)\b.*\b(?P<b>half|double)\b"
)
_FACTORS = {
    "double": 2.0,
    "twice": 2.0,
    "triple": 3.0,
    "bigger": 2.0,
    "larger": 2.0,
    "more": 2.0,
    "halve": 0.5,
    "half": 0.5,
}


def scaling(text: str) -> float:
    """By how much the workers are to grow or shrink; 0 when that is not asked."""
    match = _SCALE.search(text)
    return _FACTORS[next(word for word in match.groups() if word)] if match else 0.0
