"""The figures of the embedded planner, on rows that nothing was tuned on."""

import subprocess
import sys

from capabilities.registry import catalogue
from orchestration.planner.offline.classifier import classifier
from orchestration.planner.offline.guessing import guessed
from orchestration.planner.offline.report import DATA, held_out, tuning
from orchestration.planner.offline.scoring import rows
from orchestration.planner.offline.training import cross_validated, examples


def test_the_held_out_figures_have_not_fallen() -> None:
    score = held_out()
    assert score.rows == 49
    assert score.right / score.rows >= 0.60, str(score)
    assert len(score.wrong) / score.rows <= 0.15, str(score)


def test_the_tuning_figures_have_not_fallen() -> None:
    score = tuning()
    assert score.right / score.rows >= 0.85 and len(score.wrong) / score.rows <= 0.05, str(score)


def test_no_held_out_row_was_trained_on() -> None:
    held = {row["text"] for row in rows(DATA / "held_out.jsonl")}
    tuned = {row["text"] for row in rows(DATA / "tuning.jsonl")}
    assert not held & (tuned | {text for _, text in examples()})


def test_the_report_is_a_command() -> None:
    command = [sys.executable, "-m", "orchestration.planner.offline.report"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "held out: 49 rows" in done.stdout


def test_the_classifier_is_the_one_that_training_makes() -> None:
    assert set(classifier().labels) == {label for label, _ in examples()}
    assert cross_validated() >= 0.35


def test_a_guess_is_a_question_and_never_a_change() -> None:
    doubt = guessed("somewhere to put our parquet files", catalogue())
    assert doubt is not None and doubt.choices == ("add storage",)
    assert guessed("tell me a joke", catalogue()) is None
