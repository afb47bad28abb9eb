"""Which pieces of a text are said not to be wanted."""

import re

_CUE = re.compile(
    r"\bno\b(?! longer| preference| problem| more than| wait| sorry| actually| matter|,)"
    r"|\bnot\b(?! only| sure| more than)|\b(?:any\w*|everything|all) but\b|\bwithout\b|\bdrop\b|\bremove\b|\bexcept\b|\bexcluding\b|\bskip\b"
    r"|\bforget(?: about)?\b|\bget rid of\b|\bdelete\b|\bdon'?t\b|\bdo not\b|\bminus\b|\bleave out\b"
    r"|\bno longer\b|\bother than\b|\btake out\b|\bdisable\b|\bscratch\b|\bscrap\b|\bneither\b|\bnor\b"
    r"|\binstead of\b|\brather than\b|\bditch\b|\blose\b|\bwon'?t\b|\bcancel\b|\bomit\b|\bavoid\b|\bignore\b"
)
_BREAK = re.compile(
    r"[,;:]|\.(?:\s|$)|[!?]|\bbut\b|\bjust\b|\binstead\b(?! of)|\badd\b|\bplus\b|\bonly\b|\bhowever\b|\bwe do\b|\bi do\b"
    r"|\bmake\b|\buse\b|\bset\b|\bchange\b|\bput\b|\bgo with\b|\bkeep\b"
)
_LATER = (
    re.compile(r"([\w\- ]{2,30}?)\s*[:=,-]?\s*\b(?:no|nope|not needed|not required|isn'?t needed|unnecessary|can go|is out|goes away)\b\s*(?=[,;.!]|$|and\b)"),
    re.compile(r"(?:about|for|re|regarding|the)\s+([\w\- ]{2,30}?),?\s+(?:leave|take|drop|skip|remove|cut|throw)\s+(?:it|that|them)(?:\s+(?:out|away))?\b"),
    re.compile(r"\btake\s+(?:the\s+)?([\w\- ]{2,30}?)\s+(?:out|off|away)\b"),
    re.compile(r"\bleave\s+(?:the\s+)?([\w\- ]{2,30}?)\s+(?:out|off|away)\b"),
)  # fmt: skip
_VERB = re.compile(r"\s+(?:add|use|make|put|keep|go with|change|set|just|only|do)\b")
_LIST = re.compile(r"\s*,\s*(?:no|nor|or|and)\b")


def unwanted(text: str) -> list[tuple[int, int]]:
    """Spans under a negation: from its cue to where the clause turns."""
    spans = [(cue.start(), _until(text, cue.end())) for cue in _CUE.finditer(text)]
    spans += [match.span(1) for rule in _LATER for match in rule.finditer(text)]
    return spans


def _until(text: str, start: int) -> int:
    """`neither storage nor openai, only x`: commas that go on with a list do not end it."""
    verb = _VERB.match(text, start)
    for turn in _BREAK.finditer(text, verb.end() if verb else start):
        if turn.group() != "," or not _LIST.match(text, turn.start()):
            return turn.start()
    return len(text)


def within(spans: list[tuple[int, int]], position: int) -> bool:
    return any(start <= position < end for start, end in spans)


def double(text: str) -> bool:
    """`don't remove`, `not without`: two negations that would have to be weighed."""
    return bool(
        re.search(
            r"\b(?:don'?t|do not|never|not)\s+(?:\w+\s+)?(?:remove|drop|delete|skip|forget|without|take out|leave out|disable)\b",
            text,
        )
    )
