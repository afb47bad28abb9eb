"""The draft card: what has been understood, what is still missing, what it would cost."""

from collections.abc import Mapping, Sequence

from capabilities.capability import Catalogue, Question
from capabilities.cost import CostEstimate, total
from capabilities.values import Json, Provenance, Value
from orchestration.cards.model import (
    Block,
    Button,
    Card,
    Details,
    Fact,
    Facts,
    Heading,
    InputField,
    Text,
)
from orchestration.cards.money import budget_warning, cost_details, cost_fact
from orchestration.draft import Draft, ResolvedStep, conflicts, missing, resolved_steps, unmet
from orchestration.messages import ThreadId

_SUBMITTED = "Submitted; change anything by saying it, and submit it again."
_ALWAYS_SHOWN = frozenset({"team", "environment", "region", "resource_group"})


def draft_card_id(thread: ThreadId, request: int) -> str:
    return f"draft:{thread}:{request}"


def draft_card(
    card_id: str,
    draft: Draft,
    catalogue: Catalogue,
    costs: Mapping[str, CostEstimate],
    *,
    changes: Sequence[str] = (),
    can_undo: bool = False,
    submitted: bool = False,
) -> Card:
    """`changes` are the last turn's, in words; `costs` by step id, for complete steps.

    A draft that is `submitted` as it stands has nothing left to press.
    """
    steps = resolved_steps(draft, catalogue)
    asked = missing(steps)
    problems = [*_problems(steps), *unmet(steps, catalogue).values()]
    cost = total(costs.values())
    return Card(
        id=card_id,
        kind="draft",
        lead=_SUBMITTED if submitted else _lead(steps, asked, problems),
        title=_title(draft, steps, catalogue),
        blocks=(
            *(Text(problem, "warning") for problem in problems),
            *(Text(f"{question.text}") for _, question in asked.values()),
            *_cost_blocks(steps, cost, draft),
            *(block for step in steps for block in _step_blocks(step, catalogue)),
            *([Text("Changed: " + "; ".join(changes), "subtle")] if changes else []),
            *cost_details(cost),
        ),
        buttons=() if submitted else _buttons(steps, asked, problems, can_undo),
    )


def _lead(
    steps: Sequence[ResolvedStep],
    asked: Mapping[str, tuple[str, Question]],
    problems: Sequence[str],
) -> str:
    if not steps:
        return "Tell me what you need."
    if problems:
        return "Something here cannot be used; please change it."
    if asked:
        count = len(asked)
        return f"{count} answer{'s' if count > 1 else ''} missing before this can be planned."
    return "Check this, then press Looks good or change anything by saying it."


def _title(draft: Draft, steps: Sequence[ResolvedStep], catalogue: Catalogue) -> str:
    what = " + ".join(dict.fromkeys(catalogue[step.capability].title for step in steps))
    team, environment = draft.shared.get("team"), draft.shared.get("environment")
    team_words = f" for team {team.value}" if team else ""
    return f"{what or 'New request'}{team_words}" + (
        f", {environment.value}" if environment else ""
    )


def _problems(steps: tuple[ResolvedStep, ...]) -> list[str]:
    bad = [
        f"{_label(problem.parameter)} {problem.message}"
        for step in steps
        for problem in step.resolved.problems
    ]
    return list(dict.fromkeys([*bad, *conflicts(steps)]))


def _cost_blocks(
    steps: Sequence[ResolvedStep], cost: CostEstimate, draft: Draft
) -> tuple[Block, ...]:
    if not cost.lines:
        return ()
    budget = draft.shared.get("budget_monthly_usd")
    limit = float(str(budget.value)) if budget and budget.value is not None else None
    partial = () if all(s.resolved.parameters for s in steps) else (Text("So far:", "subtle"),)
    return (*partial, Facts((cost_fact(cost),)), *budget_warning(cost, limit))


def _step_blocks(step: ResolvedStep, catalogue: Catalogue) -> tuple[Block, ...]:
    title = catalogue[step.capability].title
    values = {k: v for k, v in step.resolved.values.items() if v.value not in (None, [], {})}
    shown = {k: v for k, v in values.items() if _is_telling(k, v)}
    rest = {k: v for k, v in values.items() if k not in shown}
    details = (Details("Everything else", (_facts(rest),)),) if rest else ()
    return (Heading(f"{title} {step.name}".strip()), _facts(shown), *details)


def _is_telling(parameter: str, value: Value) -> bool:
    said = value.provenance in (Provenance.SAID, Provenance.COPIED, Provenance.POLICY)
    return said or parameter in _ALWAYS_SHOWN or bool(value.reason)


def _facts(values: Mapping[str, Value]) -> Facts:
    return Facts(tuple(Fact(_label(k), words(v.value), provenance(v)) for k, v in values.items()))


def provenance(value: Value) -> str:
    return f"{value.origin}: {value.reason}" if value.reason else value.origin


def words(value: Json) -> str:
    """A value as people write it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(words(item) for item in value)
        case dict():
            return ", ".join(f"{key}={words(item)}" for key, item in value.items())
        case None:
            return "none"
        case _:
            return str(value)


def _label(parameter: str) -> str:
    return parameter.replace("_", " ").capitalize()


def _buttons(
    steps: Sequence[ResolvedStep],
    asked: Mapping[str, tuple[str, Question]],
    problems: Sequence[str],
    can_undo: bool,
) -> tuple[Button, ...]:
    buttons: list[Button] = []
    if steps and not asked and not problems:
        buttons.append(Button("Looks good", "submit", tone="good"))
    if asked:
        _, first = next(iter(asked.values()))
        buttons += [
            Button(words(choice), "answer", {"parameter": first.parameter, "value": words(choice)})
            for choice in first.suggestions[:4]
        ]
        buttons.append(Button("Answer", "answer", inputs=_inputs(asked)))
    if steps and not asked:
        buttons.append(Button("Make it cheaper", "say", {"text": "make it cheaper"}))
    if can_undo:
        buttons.append(Button("Undo", "undo"))
    if steps:
        buttons.append(Button("Discard", "discard", tone="subtle"))
    return tuple(buttons)


def _inputs(asked: Mapping[str, tuple[str, Question]]) -> tuple[InputField, ...]:
    return tuple(
        InputField(
            key, question.text, words(question.suggestions[0]) if question.suggestions else ""
        )
        for key, (_, question) in asked.items()
    )
