"""Clicks that decide: checked against what is stored, recorded in the same batch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from approvals.audit import Event
from approvals.change import Digest
from approvals.clicks import Accepted, Click, check
from approvals.gates import DecisionId, Moment, Verdict
from approvals.phase import Phase
from approvals.principals import Principal
from approvals.quorum import Standing
from approvals.refusals import Refused
from capabilities.values import Json
from orchestration import measures, tracing, transitions
from orchestration.deployment import (
    Applying,
    Approved,
    Awaiting,
    Cancelled,
    Confirming,
    Deployment,
    Failed,
    Rejected,
    Step,
    StepDecision,
    Succeeded,
    Unplanned,
)
from orchestration.deployments import Deployments
from orchestration.errors import UserError
from orchestration.gating import moment_of, quorum
from orchestration.messages import Clicked, EventId, Reply
from orchestration.outbox import Message
from orchestration.ports import Clock, DeploymentId
from orchestration.transitions import People

EVERY_STEP = "*"
"""In a button's data: whatever this person may decide."""

REMEMBERED = 100
"""Refused clicks of a deployment that are known when they are delivered again."""


@dataclass(slots=True)
class Ruling:
    """What came of a click: the steps it counted for, and why it did not count for others."""

    counted: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    recorded: set[str] = field(default_factory=set)
    """The ids of the steps on which it is a decision that was not there before."""

    @property
    def refusal(self) -> str:
        """The sentences for the person; "" when the click counted for anything."""
        if self.counted:
            return ""
        return " ".join(dict.fromkeys(refused.text for refused in self.refused))


def what_was_shown(data: Mapping[str, str]) -> Mapping[str, tuple[Digest, Moment]]:
    """What a card was about, by step; `gating.shown` wrote it. Without a moment it is the plan."""
    pairs = (entry.partition("=") for entry in data.get("shown", "").split(",") if entry)
    found = ((step, *about.partition("@")) for step, _, about in pairs)
    execution = Moment.EXECUTION.value
    return {
        step: (Digest(digest), Moment.EXECUTION if at == execution else Moment.PLAN)
        for step, digest, _, at in found
    }


async def decide(
    deployments: Deployments, clock: Clock, click: Clicked, by: Principal, people: People
) -> Ruling:
    """Record what counts; a repeated click, counted or refused, changes nothing.

    Raises: NotFound - no such deployment; UserError - no such step.
    """
    with tracing.span("decide", verb=click.verb):
        after, ruling = await _recorded(deployments, clock, click, by, people)
    _measured(after, click, ruling)
    return ruling


async def _recorded(
    deployments: Deployments, clock: Clock, click: Clicked, by: Principal, people: People
) -> tuple[Deployment, Ruling]:
    shown = what_was_shown(click.data)
    wanted = click.inputs.get("step") or click.data.get("step", EVERY_STEP)
    ruling = Ruling()
    events: list[Event] = []
    replies: list[Message] = []

    def rule(deployment: Deployment) -> Deployment:
        ruling.counted.clear()
        ruling.refused.clear()
        ruling.recorded.clear()
        events.clear()
        replies.clear()
        if click.event in deployment.refused:
            return deployment
        for step in _meant(deployment, wanted):
            digest, moment = shown.get(step.id, (Digest(""), Moment.PLAN))
            pressed = Click(
                id=DecisionId(f"{click.event}/{step.id}"),
                by=by,
                button=click.verb,
                shown=digest,
                at=clock.now(),
                reason=click.inputs.get("reason", ""),
                moment=moment,
            )
            deployment = _ruled(deployment, step, pressed, people, ruling, events)
        events.extend(_refusals(ruling, by, click, clock.now()))
        replies.extend([Reply(ruling.refusal, by.id)] if ruling.refusal else [])
        return deployment if ruling.counted else _remembering(deployment, click.event)

    id = DeploymentId(click.data.get("deployment", ""))
    return await deployments.change(id, rule, events, replies), ruling


def _measured(after: Deployment, click: Clicked, ruling: Ruling) -> None:
    refused = "refused" if ruling.refusal else "repeated"
    measures.decided(click.verb, "counted" if ruling.recorded else refused)
    for step in (step for step in after.steps if step.id in ruling.recorded):
        record = after.plan(step)
        if record and isinstance(step.state, Approved) and not step.state.confirmed:
            measures.approved(step.environment.value, record.change.cost.monthly_usd)


def _remembering(deployment: Deployment, refused: EventId) -> Deployment:
    """A click that comes again was refused already, also when it would count by now."""
    return replace(deployment, refused=(*deployment.refused, refused)[-REMEMBERED:])


def _meant(deployment: Deployment, wanted: str) -> tuple[Step, ...]:
    """Raises: UserError - no such step, or several of that name."""
    if wanted == EVERY_STEP:
        return deployment.steps
    named = [step for step in deployment.steps if step.name == wanted]
    if wanted in {step.id for step in deployment.steps} or not named:
        return (deployment.step(wanted),)
    if len(named) > 1:
        ids = " or ".join(step.id for step in named)
        raise UserError(f"{len(named)} steps are called {wanted!r}; say {ids}")
    return (named[0],)


def _ruled(
    deployment: Deployment,
    step: Step,
    click: Click,
    people: People,
    ruling: Ruling,
    events: list[Event],
) -> Deployment:
    if any(known.decision.id == click.id for known in deployment.decisions):
        ruling.counted.append(step.name)
        return deployment
    outcome = _checked(deployment, step, click, people)
    if isinstance(outcome, Refused):
        ruling.refused.append(outcome)
        return deployment
    ruling.counted.append(step.name)
    ruling.recorded.add(step.id)
    said = outcome.decision
    detail = {"digest": said.digest, "moment": said.moment.value, "reason": said.reason}
    events.append(Event(click.at, click.by.id, said.verdict.value, step.id, detail))
    decision = StepDecision(step.id, said)
    if said.verdict is Verdict.REJECT:
        return transitions.rejected(deployment, step, decision)
    return transitions.decided(deployment, decision, people)


def _refusals(ruling: Ruling, by: Principal, click: Clicked, at: datetime) -> list[Event]:
    """A click that counted for nothing is on record too."""
    if ruling.counted:
        return []
    rules = dict.fromkeys(refused.rule.value for refused in ruling.refused)
    detail: dict[str, Json] = {
        "button": click.verb,
        "rules": list(rules),
        "told": ruling.refusal,
        "click": click.event,
    }
    subject = click.inputs.get("step") or click.data.get("step", EVERY_STEP)
    return [Event(at, by.id, "click refused", subject, detail)]


def _checked(
    deployment: Deployment, step: Step, click: Click, people: People
) -> Refused | Accepted:
    record = deployment.plan(step)
    phase = phase_of(step)
    moment = moment_of(step)
    if record is None:
        return check(click, _nothing_asked(deployment, click, people), phase)
    return check(click, quorum(deployment, step, record, people, moment), phase)


def _nothing_asked(deployment: Deployment, click: Click, people: People) -> Standing:
    return Standing((), (), click.shown, deployment.requester, people)


def phase_of(step: Step) -> Phase:
    """Where a step is, as far as a click is concerned."""
    match step.state:
        case Unplanned():
            return Phase.PLANNING
        case Awaiting() | Confirming():
            return Phase.AWAITING
        case Approved():
            return Phase.APPROVED
        case Applying():
            return Phase.RUNNING
        case Succeeded() | Failed():
            return Phase.FINISHED
        case Rejected():
            return Phase.REJECTED
        case Cancelled():
            return Phase.CANCELLED
        case _:
            assert_never(step.state)
