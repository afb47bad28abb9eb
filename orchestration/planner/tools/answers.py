"""Tools that only look: catalogue, names, cost, reasons, smaller variants, earlier deployments."""

from collections.abc import Mapping

from capabilities.capability import Capability, Option
from capabilities.cost import CostEstimate, CostLine
from capabilities.values import Provenance, Value
from orchestration.draft import Draft, ResolvedStep, with_value
from orchestration.errors import UserError
from orchestration.planner.desk import Show
from orchestration.planner.tools.arguments import AskBack, Cheaper, Cost, Explain, Nothing, Proposal
from orchestration.planner.tools.summary import complete
from orchestration.planner.tools.tool import Result
from orchestration.planner.wording import label, next_sentence, origin, shown
from orchestration.planner.worksheet import Worksheet


async def list_capabilities(sheet: Worksheet, _: Nothing) -> Result:
    """What can be asked for."""
    sheet.show = Show.CATALOGUE
    found = sheet.catalogue.capabilities
    titles = ", ".join(capability.title for capability in found.values())
    return {
        "text": f"I can set up: {titles}.",
        "capabilities": {key: capability.summary for key, capability in found.items()},
    }


async def propose_capabilities(sheet: Worksheet, proposal: Proposal) -> Result:
    """Offer capabilities for a vague wish; the person confirms or changes the list."""
    titles = [sheet.catalogue[key].title for key in proposal.capabilities]
    together = " and ".join(f"add {key}" for key in proposal.capabilities)
    single = [f"add {key}" for key in proposal.capabilities]
    sheet.offer([together, *single] if len(single) > 1 else single)
    because = f" {proposal.why}" if proposal.why else ""
    return {"text": f"For that I propose: {', '.join(titles)}.{because} Which do you want?"}


async def suggest_names(sheet: Worksheet, _: Nothing) -> Result:
    """The names every step would get, and where each comes from."""
    lines = [
        f"{step.id}: {shown(key, value.value)} ({value.origin})"
        for step in sheet.steps()
        for key, value in _names(step, sheet.catalogue[step.capability]).items()
    ]
    if not lines:
        raise UserError(f"names follow from team and environment. {next_sentence(sheet.steps())}")
    sheet.show = Show.DRAFT
    return {"text": "Names: " + "; ".join(lines) + "."}


def _names(step: ResolvedStep, capability: Capability) -> Mapping[str, Value]:
    wanted = (capability.name_parameter, "resource_group")
    return {key: step.resolved.values[key] for key in wanted if key in step.resolved.values}


async def estimate_cost(sheet: Worksheet, wanted: Cost) -> Result:
    """What the draft would cost a month, per step or, in detail, per line with its assumption."""
    estimates = await sheet.desk.estimate(sheet.draft)
    if not estimates:
        raise UserError(f"there is no price before the draft is complete. {_next(sheet)}")
    sheet.show = Show.DRAFT
    lines = [f"{step} ${cost.monthly_usd:,.0f}" for step, cost in estimates.items()]
    left_out = [line for cost in estimates.values() for line in cost.left_out]
    amount = sum(cost.monthly_usd for cost in estimates.values())
    text = f"About ${amount:,.0f} a month: {', '.join(lines)}."
    if not any(line.monthly_usd is not None for c in estimates.values() for line in c.lines):
        text = "I have no price for this, so I cannot say what it costs."
    without = f" Not in it, for want of a price: {', '.join(left_out)}." if left_out else ""
    return {"text": _detailed(text, estimates) if wanted.detail else text + without}


def _detailed(total: str, estimates: Mapping[str, CostEstimate]) -> str:
    lines = [
        f"- {step}, {line.line}: {_amount(line)} ({line.assumption})"
        for step, cost in estimates.items()
        for line in cost.lines
    ]
    priced = {line for cost in estimates.values() for line in cost.lines if line.as_of}
    sources = sorted({f"{line.source}, {line.as_of}" for line in priced})
    return "\n".join([total, *lines, *([f"Prices: {'; '.join(sources)}."] if sources else [])])


def _amount(line: CostLine) -> str:
    return "no price" if line.monthly_usd is None else f"${line.monthly_usd:,.2f}"


def _next(sheet: Worksheet) -> str:
    return next_sentence(sheet.steps())


async def explain(sheet: Worksheet, wanted: Explain) -> Result:
    """Why a value is what it is, who has to sign off, or what would be destroyed."""
    if wanted.about == "approvals":
        return {"text": await sheet.desk.approvals()}
    if wanted.about == "destroys":
        return {"text": await sheet.desk.destroys()}
    lines = [
        f"{step.id} {_reasoned(wanted.parameter, value)}"
        for step in sheet.steps()
        if wanted.step in (None, step.id)
        for value in [step.resolved.values.get(wanted.parameter)]
        if value is not None
    ]
    if not lines:
        raise UserError(f"the draft has no {label(wanted.parameter) or 'such value'} to explain")
    return {"text": "; ".join(lines) + "."}


def _reasoned(parameter: str, value: Value) -> str:
    return f"{label(parameter)} is {shown(parameter, value.value)}, {origin(value)}"


async def make_cheaper(sheet: Worksheet, wanted: Cheaper) -> Result:
    """Concrete smaller variants with what each would cost; nothing is changed by it."""
    if not complete(sheet):
        raise UserError(f"smaller variants need a complete draft. {_next(sheet)}")
    now = await _monthly(sheet, sheet.draft)
    target = wanted.target_monthly_usd or _budget(sheet.draft)
    found = [
        (await _monthly(sheet, _with(sheet.draft, step, option)), step, option)
        for step in sheet.steps()
        for option in sheet.catalogue[step.capability].cheaper(step.resolved.parameters)
    ]
    smaller = [entry for entry in found if entry[0] < now]
    if not smaller:
        raise UserError(f"there is no smaller variant than this, at about ${now:,.0f} a month")
    fitting = [entry for entry in smaller if target is None or entry[0] <= target]
    chosen = (fitting or sorted(smaller, key=lambda entry: entry[0]))[:4]
    sheet.offer([_message(step, option) for _, step, option in chosen])
    sheet.show = Show.DRAFT
    lines = [f"{option.text.rstrip('.')}: about ${cost:,.0f}" for cost, _, option in chosen]
    fits = "" if fitting or target is None else f" None of them fits ${target:,.0f}."
    return {"text": f"Now about ${now:,.0f} a month. {'; '.join(lines)}.{fits}"}


def _message(step: ResolvedStep, option: Option) -> str:
    return "; ".join(f"set {k} to {_plain(v)} for {step.id}" for k, v in option.changes.items())


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _with(draft: Draft, step: ResolvedStep, option: Option) -> Draft:
    for parameter, value in option.changes.items():
        draft = with_value(draft, step.id, parameter, Value(value, Provenance.SUGGESTED))
    return draft


async def _monthly(sheet: Worksheet, draft: Draft) -> float:
    estimates = await sheet.desk.estimate(draft)
    return sum(estimate.monthly_usd for estimate in estimates.values())


def _budget(draft: Draft) -> float | None:
    limit = draft.shared.get("budget_monthly_usd")
    return float(limit.value) if limit and isinstance(limit.value, int | float) else None


async def status(sheet: Worksheet, _: Nothing) -> Result:
    """Where this thread's deployment stands, or what the draft still needs."""
    deployed = sheet.turn.has_deployment or sheet.turn.submitted
    text = await sheet.desk.status()
    if deployed:
        return {"text": text}
    sheet.show = Show.DRAFT
    if sheet.draft.steps:
        return {"text": text, "next": next_sentence(sheet.steps())}
    return {"text": text}


async def history(sheet: Worksheet, _: Nothing) -> Result:
    """Earlier deployments of this organisation, the newest first."""
    past = await sheet.desk.past()
    sheet.show = Show.HISTORY
    lines = [f"{p.at:%Y-%m-%d} {p.title} ({p.state}, asked by {p.asked_by})" for p in past[:5]]
    return {"text": "; ".join(lines) or "None has succeeded so far."}


async def ask_back(sheet: Worksheet, asked: AskBack) -> Result:
    """Ask which reading is meant; each choice becomes a button that says it."""
    sheet.offer(asked.choices)
    return {"text": asked.question}
