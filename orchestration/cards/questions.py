"""What a draft card asks for: answers to press, and inputs that keep what was typed."""

from collections.abc import Iterator, Mapping, Sequence

from capabilities.capability import SHARED, Question
from capabilities.values import Json
from orchestration.cards.model import Button, InputField
from orchestration.cards.values import label, named, words
from orchestration.draft import ResolvedStep, Unusable
from orchestration.errors import sentence

_PRESSED = 4


def quick_answers(key: str, first: tuple[str, Question]) -> list[Button]:
    """The suggested answers to the first question."""
    _, question = first
    return [
        Button(
            _short(question.parameter, choice), "answer", {"parameter": key, "value": words(choice)}
        )
        for choice in question.suggestions[:_PRESSED]
    ]


def _short(parameter: str, choice: Json) -> str:
    return named(parameter, choice).partition(" (")[0]


def draft_inputs(
    steps: Sequence[ResolvedStep],
    asked: Mapping[str, tuple[str, Question]],
    unusable: Sequence[Unusable],
) -> tuple[InputField, ...]:
    """An input for each question, and for each value that cannot be used, with why not."""
    fields = {key: _question(key, question) for key, (_, question) in asked.items()}
    fields |= {field.name: field for field in _problems(steps)}
    for bad in unusable:
        called = fields[bad.key].label if bad.key in fields else _called(bad.key)
        fields[bad.key] = InputField(bad.key, called, bad.text, problem=sentence(bad.why))
    return tuple(sorted(fields.values(), key=lambda field: not field.problem))


def _question(key: str, question: Question) -> InputField:
    suggested = words(question.suggestions[0]) if question.suggestions else ""
    return InputField(key, question.text, suggested)


def _problems(steps: Sequence[ResolvedStep]) -> Iterator[InputField]:
    for step in steps:
        for problem in step.resolved.problems:
            shared = problem.parameter in SHARED
            key = problem.parameter if shared else f"{step.id}.{problem.parameter}"
            value = step.resolved.values.get(problem.parameter)
            typed = "" if value is None or value.value is None else words(value.value)
            what = label(problem.parameter)
            yield InputField(key, what, typed, problem=sentence(f"{what} {problem.message}"))


def _called(key: str) -> str:
    """`Account name` of `storage.account_name`."""
    return label(key.rpartition(".")[2])
