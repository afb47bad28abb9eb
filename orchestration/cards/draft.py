"""The draft card: what has been understood, what is still missing, what it would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from capabilities.capability import SHARED, Catalogue, Question
from capabilities.cost import CostEstimate, total
from capabilities.naming import BY_CONVENTION
from capabilities.values import Value
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
from orchestration.cards.questions import draft_inputs, quick_answers
from orchestration.cards.values import is_given, value_facts
from orchestration.draft import (
    Draft,
    ResolvedStep,
    Unusable,
    called,
    conflicts,
    missing,
    resolved_steps,
    unmet,
)

_SUBMITTED = "Submitted; change anything by saying it, and submit it again."


def draft_card(
    card_id: str,
    draft: Draft,
    catalogue: Catalogue,
    costs: Mapping[str, CostEstimate],
    *,
    changes: Sequence[str] = (),
    can_undo: bool = False,
    submitted: bool = False,
    unusable: Sequence[Unusable] = (),
) -> Card:
    """`changes` are the last turn's, in words; `costs` by step id, for complete steps.

    A draft that is `submitted` as it stands has nothing left to press. `unusable` is what the last
    click answered in vain: it is asked again, with what was typed.
    """
    steps = resolved_steps(draft, catalogue)
    asked = missing(steps)
    inputs = draft_inputs(steps, asked, unusable)
    bad = [field.problem for field in inputs if field.problem]
    problems = list(dict.fromkeys([*bad, *conflicts(steps), *unmet(steps, catalogue).values()]))
    cost = total(costs.values())
    buttons = () if submitted else _buttons(draft, steps, asked, inputs, problems, can_undo)
    return Card(
        id=card_id,
        kind="draft",
        lead=_SUBMITTED if submitted else _lead(steps, asked, problems),
        title=_title(draft, steps, catalogue),
        blocks=(
            *(Text(problem, "warning") for problem in problems),
            *_questions(asked),
            *([Text("Changed: " + "; ".join(changes), "subtle")] if changes else []),
            *_overview(draft, steps, cost),
            *(b for step in steps for b in _step_blocks(step, catalogue, len(steps) > 1)),
            *_values(steps),
            *cost_details(cost),
        ),
        buttons=_of(card_id, buttons),
        tone="warning" if problems and not submitted else "plain",
    )


def closed_draft_card(card_id: str) -> Card:
    """A request that was discarded, or that another one came after."""
    return Card(card_id, "draft", "Closed: nothing here is asked for any more.", "")


def _of(card_id: str, buttons: Sequence[Button]) -> tuple[Button, ...]:
    """The buttons, each saying which draft it is about: a click may come when it is closed."""
    key = card_id.removeprefix("draft:")
    return tuple(replace(button, data={**button.data, "draft": key}) for button in buttons)


def _lead(
    steps: Sequence[ResolvedStep],
    asked: Mapping[str, tuple[str, Question]],
    problems: Sequence[str],
) -> str:
    if not steps:
        return "Tell me what you need; nothing is in the request yet."
    if problems:
        return "Something here cannot be used; please change it."
    match [question for _, question in asked.values()]:
        case []:
            return "Check this, then press Looks good or change anything by saying it."
        case [only]:
            return f"One answer is missing: {only.text}"
        case questions:
            return f"{len(questions)} answers are missing before this can be planned."


def _title(draft: Draft, steps: Sequence[ResolvedStep], catalogue: Catalogue) -> str:
    what = called(catalogue[step.capability].title for step in steps)
    team, environment = draft.shared.get("team"), draft.shared.get("environment")
    team_words = f" for team {team.value}" if team else ""
    return f"{what or 'New request'}{team_words}" + (
        f", {environment.value}" if environment else ""
    )


def _questions(asked: Mapping[str, tuple[str, Question]]) -> tuple[Block, ...]:
    """What to answer, most important first; a single question is the card's lead already."""
    questions = [question for _, question in asked.values()]
    if len(questions) < 2:
        return ()
    return tuple(Text(f"{number}. {q.text}") for number, q in enumerate(questions, 1))


def _overview(draft: Draft, steps: Sequence[ResolvedStep], cost: CostEstimate) -> tuple[Block, ...]:
    """What it costs, then what holds for every step."""
    complete = all(step.resolved.parameters for step in steps)
    costs = (cost_fact(cost, label="Cost" if complete else "Cost so far"),) if cost.lines else ()
    shared = {key: draft.shared[key] for key in SHARED if key in draft.shared}
    facts = (*costs, *value_facts(shared).rows)
    return (*([Facts(facts)] if facts else []), *budget_warning(cost, _budget(draft)))


def _budget(draft: Draft) -> float | None:
    budget = draft.shared.get("budget_monthly_usd")
    return float(str(budget.value)) if budget and budget.value is not None else None


def _step_blocks(step: ResolvedStep, catalogue: Catalogue, several: bool) -> tuple[Block, ...]:
    """The step's decisions: what somebody said, and what was chosen for a reason, in one row
    where there are several steps; the reasons are among the details."""
    heading = Heading(f"{catalogue[step.capability].title} {step.name}".strip())
    telling = {k: v for k, v in _own(step).items() if _is_telling(k, v)}
    rows = value_facts(telling, briefly=True).rows
    if several:
        chosen = [f"{row.label} {row.value}" for row in rows if not row.note]
        said = tuple(row for row in rows if row.note)
        rows = (*said, *([Fact("Chosen", ", ".join(chosen))] if chosen else []))
    return (heading, Facts(rows)) if rows else (heading,)


def _values(steps: Sequence[ResolvedStep]) -> tuple[Block, ...]:
    """Every other value, and where it comes from; what somebody said is told above."""
    several = len(steps) > 1
    blocks: list[Block] = []
    for step in steps:
        facts = value_facts({k: v for k, v in _own(step).items() if not _is_said(v)})
        if facts.rows:
            blocks += [Heading(step.name or step.id), facts] if several else [facts]
    return (Details("Why these values, and the rest", tuple(blocks)),) if blocks else ()


def _own(step: ResolvedStep) -> Mapping[str, Value]:
    """The values that are not the whole request's, without empty ones."""
    values = step.resolved.values.items()
    return {k: v for k, v in values if k not in SHARED and v.value not in (None, [], {})}


def _is_said(value: Value) -> bool:
    """Whether there is no more to tell about it than who wanted it."""
    return is_given(value) and not value.reason


def _is_telling(parameter: str, value: Value) -> bool:
    decided = bool(value.reason) and value.reason != BY_CONVENTION
    return is_given(value) or decided or parameter == "resource_group"


def _buttons(
    draft: Draft,
    steps: Sequence[ResolvedStep],
    asked: Mapping[str, tuple[str, Question]],
    inputs: tuple[InputField, ...],
    problems: Sequence[str],
    can_undo: bool,
) -> tuple[Button, ...]:
    buttons: list[Button] = []
    if steps and not asked and not problems:
        buttons.append(Button("Looks good", "submit", tone="good"))
    if asked:
        buttons += quick_answers(*next(iter(asked.items())))
    if inputs:
        buttons.append(Button("Answer" if asked else "Change", "answer", inputs=inputs))
    if steps and not asked:
        buttons.append(Button("Make it cheaper", "say", {"text": "make it cheaper"}))
    if can_undo:
        buttons.append(Button("Undo", "undo"))
    if steps or draft.shared:
        buttons.append(Button("Discard", "discard", tone="subtle"))
    return tuple(buttons)
