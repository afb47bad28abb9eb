"""Repairs the spelling of words of our own vocabulary, and of nothing else."""

import re
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from orchestration.planner.offline.purposes import PURPOSES
from orchestration.planner.offline.words import ELSEWHERE

_WORD = re.compile(r"(?<![\w\-.@/])[a-z]{5,}(?![\w\-.@/])")

ORDINARY = frozenset(
    "there where these those which would could should their about after before please other team "
    "teams thanks using three seven eight works place stores store house hosted local world worker "
    "works setup stuff great start clear again still least spend price prices cost costs scale "
    "tests report reports analytics dates data change chance export exports parquet blocks block "
    "rules role roles loads expose engineers engineering modern moved names named model models "
    "create created delete deleted think thing things things right might night light based cases "
    "later latest write white while whole working worked counter country contain contains "
    "resources groups stage gates gated state states status really ready reads reading regions "
    "testing tested value values version rest storing stored budgets clusters account accounts "
    "looks books cooks history memory approve approved approver approvers approves reject".split()
)
"""Words near our vocabulary that mean themselves."""


class Spelling:
    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._words = sorted({word for word in vocabulary if len(word) >= 5 and word.isalpha()})
        elsewhere = {word for phrase in ELSEWHERE for word in phrase.split()}
        self._known = set(self._words) | ORDINARY | PURPOSES | elsewhere

    def repaired(self, text: str) -> str:
        return _WORD.sub(lambda match: self._repaired(match.group()), text)

    def _repaired(self, word: str) -> str:
        if word in self._known or word.rstrip("s") in self._known:
            return word
        best = process.extractOne(
            word,
            self._words,
            scorer=DamerauLevenshtein.normalized_similarity,
            score_cutoff=0.72,
        )
        if best is None or best[0][0] != word[0]:
            return word
        most = 1 if len(word) < 7 else 2
        return best[0] if DamerauLevenshtein.distance(word, best[0]) <= most else word
