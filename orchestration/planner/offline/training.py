"""Trains the classifier: `python -m orchestration.planner.offline.training`.

Reads `data/examples.jsonl`, written for it; never the held-out rows.
"""

import json
import sys

import numpy as np
from numpy.typing import NDArray

from orchestration.planner.offline.classifier import ARTEFACT, Classifier, features

EXAMPLES = ARTEFACT.with_name("examples.jsonl")
STEPS, RATE, DECAY = 600, 4.0, 3e-4


def examples() -> list[tuple[str, str]]:
    lines = EXAMPLES.read_text("utf-8").splitlines()
    return [(row["label"], row["text"]) for row in map(json.loads, lines)]


def trained(rows: list[tuple[str, str]]) -> Classifier:
    """Full-batch gradient descent from zero: the same rows always give the same weights."""
    labels = sorted({label for label, _ in rows})
    inputs = np.stack([np.append(features(text), 1.0) for _, text in rows]).astype(np.float32)
    wanted = np.eye(len(labels), dtype=np.float32)[[labels.index(label) for label, _ in rows]]
    weights = np.zeros((len(labels), inputs.shape[1]), np.float32)
    for _ in range(STEPS):
        gradient = (_shares(inputs @ weights.T) - wanted).T @ inputs / len(rows)
        weights -= RATE * (gradient + DECAY * weights)
    return Classifier(labels, weights)


def _shares(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = odds / odds.sum(axis=1, keepdims=True)
    return shares


def cross_validated(folds: int = 5) -> float:
    """Share of examples whose label is among the first two, each judged by others."""
    rows, hits = examples(), 0
    for fold in range(folds):
        model = trained([row for n, row in enumerate(rows) if n % folds != fold])
        for label, text in rows[fold::folds]:
            hits += label in [guess for guess, _ in model.likely(text)[:2]]
    return hits / len(rows)


def main() -> None:
    model = trained(examples())
    np.savez_compressed(
        ARTEFACT, labels=np.array(model.labels), weights=model._weights.astype(np.float16)
    )
    sys.stdout.write(f"{len(examples())} examples, {cross_validated():.0%} in the first two\n")


if __name__ == "__main__":
    main()
