"""What has to be said because a deployment changed: its card, and one notice when it ends."""

from collections.abc import Mapping

from approvals.gates import Verdict
from capabilities.cost import total
from capabilities.values import Json
from orchestration.cards.money import usd
from orchestration.deployment import Deployment, Failed, Rejected, Step, Succeeded
from orchestration.messages import Notice
from orchestration.outbox import CardRef, Message
from orchestration.standing import is_final, standing

CHANNEL = "#deployments"

_HEADLINES = {
    "succeeded": "{title} is up.",
    "destroyed": "{title}: done, it is gone.",
    "partly": "{title} is partly up.",
    "failed": "{title} failed.",
    "rejected": "{title} was rejected.",
    "cancelled": "{title} was cancelled.",
}


def announcements(
    before: Deployment | None, after: Deployment, names: Mapping[str, str]
) -> list[Message]:
    """Nothing when nothing changed; else the card as it is now, and at the end the notice of it."""
    if after == before:
        return []
    messages: list[Message] = [CardRef("deployment", after.id)]
    ended = is_final(after) and (before is None or not is_final(before))
    if ended:
        messages.append(Notice(CHANNEL, notice_text(after, names)))
    return messages


def notice_text(deployment: Deployment, names: Mapping[str, str]) -> str:
    """One line for the channel: what happened, links, cost, who asked and who agreed."""
    parts = [_HEADLINES[standing(deployment)].format(title=deployment.title)]
    parts += [_step_text(step, names) for step in deployment.steps]
    cost = _cost(deployment)
    if cost:
        parts.append(cost)
    parts.append(_people(deployment, names))
    return " · ".join(part for part in parts if part)


def _step_text(step: Step, names: Mapping[str, str]) -> str:
    match step.state:
        case Succeeded(outputs=outputs):
            links = [f"https://{_bare(v)}" for k, v in outputs.items() if _is_link(k, v)]
            return " ".join([step.name, *links])
        case Failed(summary=summary, address=address):
            return f"{step.name} failed{f' at {address}' if address else ''}: {summary}"
        case Rejected(by=by, reason=reason):
            return f"{step.name} rejected by {names.get(by, by)}: {reason}"
        case _:
            return ""


def _is_link(name: str, value: Json) -> bool:
    return isinstance(value, str) and (name.endswith(("_url", "endpoint")))


def _bare(value: Json) -> str:
    return str(value).removeprefix("https://")


def _cost(deployment: Deployment) -> str:
    done = [step for step in deployment.steps if isinstance(step.state, Succeeded)]
    records = [deployment.plan(step) for step in done]
    cost = total(record.change.cost for record in records if record)
    return f"about {usd(cost.monthly_usd)} a month" if cost.lines else ""


def _people(deployment: Deployment, names: Mapping[str, str]) -> str:
    approvers = dict.fromkeys(
        names.get(d.decision.by, d.decision.by)
        for d in deployment.decisions
        if d.decision.verdict is Verdict.APPROVE
    )
    asked = f"asked by {names.get(deployment.requester, deployment.requester)}"
    return f"{asked}, approved by {' and '.join(approvers)}" if approvers else asked
