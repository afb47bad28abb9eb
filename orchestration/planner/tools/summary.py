"""What a tool says about the draft after changing it."""

from capabilities.cost import total
from orchestration.draft import Draft, conflicts, missing, resolved_steps, unmet
from orchestration.planner.tools.tool import Result
from orchestration.planner.wording import changes, effects, headline, next_sentence
from orchestration.planner.worksheet import Worksheet

AGAIN = "A plan is already under way: submitting again makes a new plan."


async def summary(sheet: Worksheet, before: Draft, refused: list[str]) -> Result:
    """`text` says what came of it, `next` what is missing; budgets are looked at when complete."""
    steps = sheet.steps()
    changed = changes(before, sheet.draft, sheet.catalogue)
    said = [f"Not changed: {problem.rstrip('.?')}." for problem in refused]
    if len(sheet.draft.steps) > len(before.steps):
        said.append(headline(steps, sheet.catalogue))
    elif changed:
        said.append(effects(before, sheet.draft, sheet.catalogue))
    elif not refused:
        said.append("That is so already.")
    said += _renamed(before, sheet)
    if changed and sheet.turn.has_deployment:
        said.append(AGAIN)
    for capability, sentence in unmet(steps, sheet.catalogue).items():
        said.append(f"{sentence}: say `add {capability}`.")
        sheet.offer((f"add {capability}",))
    said += [f"{conflict}; name one of them." for conflict in conflicts(steps)]
    over = await over_budget(sheet)
    return {
        "text": " ".join([*said, over] if over else said),
        "next": "" if unmet(steps, sheet.catalogue) else next_sentence(steps),
        "changes": list(changed),
        "problems": refused,
        "missing": list(missing(steps)),
        "complete": complete(sheet),
    }


def _renamed(before: Draft, sheet: Worksheet) -> list[str]:
    """Copies say what they are called, because that is what sets them apart."""
    former = {step.name for step in resolved_steps(before, sheet.catalogue)}
    copies = {step.id for step in sheet.draft.steps if step.ordinal is not None}
    names = [s.name for s in sheet.steps() if s.id in copies and s.name not in former | {""}]
    return [f"A new one beside it: {', '.join(names)}."] if names else []


def complete(sheet: Worksheet) -> bool:
    steps = sheet.steps()
    whole = bool(steps) and all(step.resolved.parameters is not None for step in steps)
    return whole and not unmet(steps, sheet.catalogue)


async def over_budget(sheet: Worksheet) -> str:
    """How the draft's cost compares with the budget that was named; empty without one."""
    limit = sheet.draft.shared.get("budget_monthly_usd")
    if limit is None or not isinstance(limit.value, int | float) or not complete(sheet):
        return ""
    estimate = total((await sheet.desk.estimate(sheet.draft)).values())
    cost, unpriced = estimate.monthly_usd, ", ".join(dict.fromkeys(estimate.left_out))
    if cost <= limit.value and unpriced:
        return f"There is no price for {unpriced}, so whether it fits ${limit.value:,.0f} is open."
    if cost <= limit.value:
        return f"That is about ${cost:,.0f} a month, within the budget of ${limit.value:,.0f}."
    sheet.offer(("make it cheaper",))
    return f"That is about ${cost:,.0f} a month, over the budget of ${limit.value:,.0f}."
