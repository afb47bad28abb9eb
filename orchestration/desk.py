"""What the planner's tools may look at, bound to one turn of a thread."""

from collections.abc import Iterator, Mapping

from approvals.change import Action, Operation
from approvals.principals import Role
from capabilities.capability import SHARED, Catalogue
from capabilities.cost import CostEstimate, estimate
from capabilities.values import Provenance, Value
from orchestration.cards.deployment import deployment_card
from orchestration.cards.facing import Facing
from orchestration.cards.signoffs import signoff_sentences
from orchestration.deployment import Cancelled, Deployment, Failed, Kind, Rejected, Step, Succeeded
from orchestration.deployments import Deployments
from orchestration.draft import Draft, DraftStep, resolved_steps
from orchestration.holdings import holding
from orchestration.planner.desk import PastDeployment
from orchestration.ports import Directory, PriceSource
from orchestration.standing import standing

_NO_PLAN = "The plan is being made."
_PAST = 50
_GIVEN = frozenset({Provenance.SAID, Provenance.COPIED})


async def estimates(
    draft: Draft, catalogue: Catalogue, prices: PriceSource
) -> Mapping[str, CostEstimate]:
    """Cost by step id, for the steps that are complete."""
    found: dict[str, CostEstimate] = {}
    for step in resolved_steps(draft, catalogue):
        if step.resolved.parameters is not None:
            quantities = catalogue[step.capability].quantities(step.resolved.parameters)
            priced = await prices.prices([quantity.meter for quantity in quantities])
            found[step.id] = estimate(quantities, priced)
    return found


class ThreadDesk:
    """planner.desk.Desk; `present` is the thread's newest deployment, if it has one."""

    def __init__(
        self,
        deployments: Deployments,
        catalogue: Catalogue,
        prices: PriceSource,
        directory: Directory,
        present: Deployment | None,
    ) -> None:
        self._deployments = deployments
        self._catalogue = catalogue
        self._prices = prices
        self._directory = directory
        self._present = present

    async def estimate(self, draft: Draft) -> Mapping[str, CostEstimate]:
        return await estimates(draft, self._catalogue, self._prices)

    async def status(self) -> str:
        deployment = self._present
        if deployment is None:
            return "Nothing has been submitted in this thread yet."
        card = deployment_card(deployment, await self._facing())
        return f"{card.title} ({deployment.id}). {card.lead} Its card further up is up to date."

    async def approvals(self) -> str:
        deployment = self._present
        if deployment is None:
            return "Nothing has been submitted yet, so nobody has to sign off anything."
        if standing(deployment) == "planning":
            return f"{_NO_PLAN} Who has to sign off, and why, follows from it."
        facing = await self._facing()
        lines = [
            f"{step.name}: {sentence}"
            for step in deployment.steps
            for sentence in signoff_sentences(deployment, step, facing)
        ]
        return "\n".join(lines) or "Nothing needs a sign-off at the moment."

    async def destroys(self) -> str:
        deployment = self._present
        if deployment is None:
            return "Nothing is deployed from this thread, so nothing would be destroyed."
        if standing(deployment) == "planning":
            return f"{_NO_PLAN} What it would destroy is on its card before anybody signs off."
        return " ".join(_ends(deployment)) or "Nothing is left of it that could be destroyed."

    async def past(self) -> tuple[PastDeployment, ...]:
        found = await self._deployments.newest(_PAST)
        return tuple(
            PastDeployment(d.id, d.title, d.requester, d.at, standing(d), draft_of(d))
            for d in found
            if d.kind is Kind.PROVISION and standing(d) == "succeeded"
        )

    async def occupied(self) -> frozenset[str]:
        """What ended badly before it was started made nothing; everything else counts."""
        found = await self._deployments.newest(_PAST)
        ended: dict[str, bool] = {}
        for deployment in found:
            for step in deployment.steps:
                gone = step.operation is Operation.DESTROY and isinstance(step.state, Succeeded)
                if gone or _may_have_made(step):
                    ended.setdefault(_place(step), gone)
        return frozenset(place for place, gone in ended.items() if not gone)

    async def _facing(self) -> Facing:
        return Facing(await self._directory.with_roles(frozenset(Role)), {}, self._catalogue)


def _ends(deployment: Deployment) -> Iterator[str]:
    """What its plans destroy that are not done, and what tearing it down would."""
    over = Succeeded | Failed | Rejected | Cancelled
    left = [step for step in deployment.steps if not isinstance(step.state, over)]
    ending = [
        change.address
        for step in left
        if (record := deployment.plan(step))
        for change in record.change.resources
        if change.action in (Action.DELETE, Action.REPLACE)
    ]
    if left:
        yield f"The plan destroys {', '.join(ending) or 'nothing'}."
    made = [holding(deployment, step) for step in deployment.steps if step.left_something]
    if made:
        yield f"Tearing it down would destroy {', '.join(made)}."


def _may_have_made(step: Step) -> bool:
    return step.started or not isinstance(step.state, Rejected | Cancelled | Failed)


def _place(step: Step) -> str:
    return f"{step.environment}/{step.capability}/{step.name}"


def draft_of(deployment: Deployment) -> Draft:
    """The draft that would lead to this deployment again: what was said, not what was derived."""
    shared: dict[str, Value] = {}
    steps: list[DraftStep] = []
    for step in deployment.steps:
        said = {k: v for k, v in step.values.items() if v.provenance in _GIVEN}
        shared |= {k: v for k, v in said.items() if k in SHARED}
        own = {k: v for k, v in said.items() if k not in SHARED}
        steps.append(DraftStep(step.id, step.capability, own))
    return Draft(tuple(steps), shared)
