"""Cards as they are drawn at 80 columns, kept as files, so that a change is seen in a review.

UPDATE_GOLDEN=1 writes them again.
"""

import io
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bot.render.text import draw
from capabilities.cost import CostEstimate
from capabilities.registry import catalogue
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.cards.deployment import deployment_card
from orchestration.cards.draft import closed_draft_card, draft_card
from orchestration.cards.facing import Facing
from orchestration.cards.model import Card
from orchestration.deployment import Awaiting, Deployment, Kind
from orchestration.desk import estimates
from orchestration.draft import Draft, DraftStep
from orchestration.ports import ApplyProgress
from tests.doubles import deployments as way
from tests.doubles.deployments import MIA, OMAR, PEOPLE
from tests.requests import said

KEPT = Path(__file__).parent / "cards"
HALF_WAY = {"databricks": ApplyProgress(3, 5, ("databricks_cluster.this",))}

PLANNED = way.planned(way.submitted())
SIGNED = way.approved(PLANNED, MIA, OMAR)
RUNNING = way.applying(SIGNED)
DESTROYING = way.approved(way.planned(way.submitted(Kind.DESTROY)), OMAR)

DEPLOYMENTS: Mapping[str, Deployment] = {
    "planning": way.submitted(),
    "plan": PLANNED,
    "half-signed": way.approved(PLANNED, MIA),
    "difference": way.changed(way.approved(PLANNED, MIA), workers=4),
    "queue": way.queued(SIGNED),
    "progress": RUNNING,
    "result": way.succeeded(RUNNING, 0, 1),
    "failure": way.failed(way.succeeded(RUNNING, 0), 1),
    "destroy": way.planned(way.submitted(Kind.DESTROY)),
    "destroy-confirm": way.confirming(DESTROYING),
}

INCOMPLETE = Draft((DraftStep("databricks", "databricks"),), said(team="ml"))
COMPLETE = Draft(
    (
        DraftStep("databricks", "databricks", said(min_workers=1, max_workers=4)),
        DraftStep("storage", "storage"),
        DraftStep("storage-2", "storage", said(account_name="stmlcurated")),
    ),
    said(team="ml", environment="production", region="East US", budget_monthly_usd=2000),
)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_card_is_as_kept(name: str) -> None:
    facing = Facing(PEOPLE, HALF_WAY if name == "progress" else {}, catalogue())
    _check(f"deployment-{name}", deployment_card(DEPLOYMENTS[name], facing), folded=name != "plan")


def test_who_is_waited_for_is_said_while_another_step_goes_on() -> None:
    half = replace(SIGNED, decisions=tuple(d for d in SIGNED.decisions if d.step != "storage"))
    half = half.with_step(replace(half.steps[1], state=Awaiting(1)))
    running = half.with_step(RUNNING.steps[0])
    for now, begins in ((half, "Signed off; it starts"), (running, "Applying.")):
        lead = deployment_card(now, Facing(PEOPLE, {}, catalogue())).lead
        assert lead.startswith(begins)
        assert lead.endswith("still waits for omar or olga (platform), and for mia (finance).")


async def test_a_draft_with_questions_is_as_kept() -> None:
    _check("draft-incomplete", draft_card("draft:infra:1", INCOMPLETE, catalogue(), {}))


async def test_a_complete_draft_over_its_budget_is_as_kept() -> None:
    costs: Mapping[str, CostEstimate] = await estimates(
        COMPLETE, catalogue(), SnapshotPrices.load()
    )
    changes = ("workers: 1 to 4 — said by ana",)
    card = draft_card("draft:infra:1", COMPLETE, catalogue(), costs, changes=changes, can_undo=True)
    _check("draft-complete", card)


def test_a_draft_that_is_submitted_or_closed_has_nothing_to_press() -> None:
    card = draft_card("draft:infra:1", COMPLETE, catalogue(), {}, submitted=True)
    assert card.buttons == closed_draft_card("draft:infra:1").buttons == ()


def test_a_button_says_which_draft_it_is_about() -> None:
    card = draft_card("draft:infra:3", INCOMPLETE, catalogue(), {})
    assert {button.data["draft"] for button in card.buttons} == {"infra:3"}


def _check(name: str, card: Card, *, folded: bool = False) -> None:
    kept = KEPT / f"{name}.txt"
    out = io.StringIO()
    Console(file=out, width=80, highlight=False).print(draw(card, folded=folded))
    text = "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        kept.write_text(text, "utf-8")
    assert text == kept.read_text("utf-8")
