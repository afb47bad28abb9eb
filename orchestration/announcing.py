"""What has to be said because a deployment changed: its card, and one notice when it ends."""

from collections.abc import Mapping

from approvals.gates import Moment
from approvals.principals import PrincipalId
from capabilities.cost import total
from capabilities.values import Json
from orchestration.cards.deciders import deciders
from orchestration.cards.money import cost_fact
from orchestration.cards.values import link
from orchestration.deployment import (
    Cancelled,
    Confirming,
    Deployment,
    Failed,
    Kind,
    Rejected,
    Step,
    Succeeded,
)
from orchestration.gating import quorum
from orchestration.messages import Notice, Reply
from orchestration.outbox import CardRef, Message
from orchestration.standing import is_final, standing
from orchestration.transitions import People

CHANNEL = "#deployments"

_HEADLINES = {
    "succeeded": "{title} is up",
    "destroyed": "{title} is gone",
    "partly": "{title} is partly up",
    "failed": "{title} failed",
    "rejected": "{title} was rejected",
    "cancelled": "{title} was cancelled",
}
_UNDOING = {
    "succeeded": "{title}: done",
    "destroyed": "{title}: done, it is gone",
    "partly": "{title}: done in part",
}


def announcements(before: Deployment | None, after: Deployment, people: People) -> list[Message]:
    """The card as it is now, a call to those who can decide only now, and a notice when this
    change is the end; nothing without a change."""
    if after == before:
        return []
    names: dict[str, str] = {person.id: person.name for person in people}
    messages: list[Message] = [CardRef("deployment", after.id), *_calls(before, after, people)]
    ended = is_final(after) and (before is None or not is_final(before))
    if ended:
        messages.append(Notice(CHANNEL, notice_text(after, names)))
    return messages


def _calls(before: Deployment | None, after: Deployment, people: People) -> list[Message]:
    called = deciders(after, people) - (deciders(before, people) if before else frozenset())
    confirming = any(isinstance(step.state, Confirming) for step in after.steps)
    what = "confirmation" if confirming else "sign-off"
    text = f"{after.title} waits for your {what}."
    return [Reply(text, calls=tuple(sorted(called)))] if called else []


def notice_text(deployment: Deployment, names: Mapping[str, str]) -> str:
    """One line for the channel: what happened, links, cost, who asked and who agreed."""
    undoing = {} if deployment.kind is Kind.PROVISION else _UNDOING
    headlines = {**_HEADLINES, **undoing}
    parts = [headlines[standing(deployment)].format(title=deployment.title)]
    if deployment.may_leave_something:
        parts.append("look in the cloud for what was left behind")
    parts += [_step_text(step, names) for step in deployment.steps]
    cost = _cost(deployment)
    if cost:
        parts.append(cost)
    parts.append(_people(deployment, names))
    return " · ".join(part for part in parts if part)


def _step_text(step: Step, names: Mapping[str, str]) -> str:
    match step.state:
        case Succeeded(outputs=outputs):
            links = [link(k, str(v)) for k, v in outputs.items() if _is_link(k, v)]
            return " ".join([step.name, *links]) if links else ""
        case Failed(summary=summary, address=address):
            return f"{step.name} failed{f' at {address}' if address else ''}: {summary}"
        case Rejected(by=by, reason=reason):
            return f"{step.name} rejected by {names.get(by, by)}: {reason}"
        case _:
            return ""


def _is_link(name: str, value: Json) -> bool:
    return isinstance(value, str) and (name.endswith(("_url", "endpoint")))


def _cost(deployment: Deployment) -> str:
    done = [step for step in deployment.steps if isinstance(step.state, Succeeded)]
    records = [deployment.plan(step) for step in done]
    cost = total(record.change.cost for record in records if record)
    if not cost.lines or deployment.kind is Kind.DESTROY:
        return ""
    fact = cost_fact(cost)
    return fact.value if cost.monthly_usd else f"cost {fact.value}"


def _people(deployment: Deployment, names: Mapping[str, str]) -> str:
    asked = f"asked by {names.get(deployment.requester, deployment.requester)}"
    approvers = [names.get(who, who) for who in _approvers(deployment)]
    return f"{asked}, approved by {' and '.join(approvers)}" if approvers else asked


def _approvers(deployment: Deployment) -> list[PrincipalId]:
    """Whose approval stood on what ran, in order; nobody's word on a plan that was replaced."""
    found: dict[PrincipalId, None] = {}
    for step in deployment.steps:
        record = deployment.plan(step)
        if record and isinstance(step.state, Succeeded | Failed | Cancelled):
            for moment in Moment:
                found |= dict.fromkeys(quorum(deployment, step, record, (), moment).approvers)
    return list(found)
