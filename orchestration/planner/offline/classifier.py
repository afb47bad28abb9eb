"""A small classifier for what the rules do not know; its guesses are only ever asked back.

Multinomial logistic regression over hashed words and letter trigrams, 0.1 ms a text. The weights
come from `training` and are kept next to the examples.
"""

import re
import zlib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BUCKETS = 2_048
ARTEFACT = Path(__file__).parent / "data" / "classifier.npz"


def features(text: str) -> NDArray[np.float32]:
    """A unit vector; words weigh three times as much as trigrams."""
    vector = np.zeros(BUCKETS, np.float32)
    words = re.findall(r"[a-z0-9']+", text.lower())[:80]
    for word in words:
        vector[zlib.crc32(f"w:{word}".encode()) % BUCKETS] += 3.0
        padded = f"#{word}#"
        for n in range(len(padded) - 2):
            vector[zlib.crc32(padded[n : n + 3].encode()) % BUCKETS] += 1.0
    norm = float(np.linalg.norm(vector))
    return vector / norm if norm else vector


class Classifier:
    def __init__(self, labels: list[str], weights: NDArray[np.float32]) -> None:
        """`weights` has a row per label, the last column is the bias."""
        self.labels = labels
        self._weights = weights

    def likely(self, text: str) -> list[tuple[str, float]]:
        """Labels with their probability, the likeliest first."""
        scores = self._weights[:, :-1] @ features(text) + self._weights[:, -1]
        odds = np.exp(scores - scores.max())
        shares = odds / odds.sum()
        order = np.argsort(-shares)
        return [(self.labels[int(n)], float(shares[n])) for n in order]


@cache
def classifier() -> Classifier:
    """The trained one, read on first use."""
    with np.load(ARTEFACT, allow_pickle=False) as stored:
        return Classifier(
            [str(label) for label in stored["labels"]], stored["weights"].astype(np.float32)
        )
