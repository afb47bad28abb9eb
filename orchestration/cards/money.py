"""Money on cards: amounts, where prices come from, what is left out."""

from capabilities.cost import CostEstimate, usd
from orchestration.cards.model import Block, Details, Fact, Table, Text


def cost_fact(cost: CostEstimate, *, label: str = "Cost") -> Fact:
    """About what it costs a month, what is not in that, and the age of the prices."""
    dates = sorted(line.as_of for line in cost.lines if line.as_of)
    without = " and ".join(dict.fromkeys(cost.left_out))
    if not dates:
        return Fact(label, "not known", f"no price for {without}")
    price = f"{usd(cost.monthly_usd)} a month"
    note = f"prices of {dates[0]:%Y-%m-%d} or later"
    if without:
        return Fact(label, f"at least {price}", f"no price for {without}; {note}")
    return Fact(label, f"about {price}", note)


def cost_details(cost: CostEstimate) -> tuple[Block, ...]:
    """Every line with what was assumed and where its price was read."""
    if not cost.lines:
        return ()
    rows = tuple(
        (
            line.line,
            "no price" if line.monthly_usd is None else usd(line.monthly_usd),
            line.assumption,
            f"{line.source} {line.as_of or ''}".strip(),
        )
        for line in cost.lines
    )
    table = Table(("What", "A month", "Assumed", "Price from"), rows)
    return (Details("How the cost was computed", (table,)),)


def budget_warning(cost: CostEstimate, budget_usd: float | None) -> tuple[Block, ...]:
    """A sentence when the cost is above the budget that somebody named."""
    if budget_usd is None or cost.monthly_usd <= budget_usd:
        return ()
    over = usd(cost.monthly_usd - budget_usd)
    text = f"Over the budget of {usd(budget_usd)} a month by {over}."
    return (Text(text, "warning"),)
