"""One card of every kind that people meet, as the conversation makes them."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache

from approvals.change import Action, AttributeChange, ResourceChange
from approvals.principals import PrincipalId
from bot.render.mention import Mention
from capabilities.registry import catalogue
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.cards.deployment import deployment_card
from orchestration.cards.draft import draft_card
from orchestration.cards.facing import Facing
from orchestration.cards.model import Card
from orchestration.cards.overviews import help_card, history_card
from orchestration.deployment import Deployment, Kind
from orchestration.desk import estimates
from orchestration.draft import Draft, DraftStep, Unusable
from orchestration.messages import Reply
from orchestration.ports import ApplyProgress, DeploymentId
from orchestration.summaries import summarised
from tests.doubles import deployments as way
from tests.doubles.deployments import MIA, NOON, OMAR, PEOPLE
from tests.requests import said

HALF_WAY = {"databricks": ApplyProgress(3, 5, ("databricks_cluster.this",))}

PLANNED = way.planned(way.submitted())
SIGNED = way.approved(PLANNED, MIA, OMAR)
RUNNING = way.applying(SIGNED)
DONE = way.succeeded(RUNNING, 0, 1)
DESTROYING = way.approved(way.planned(way.submitted(Kind.DESTROY)), OMAR)

DEPLOYMENTS: Mapping[str, Deployment] = {
    "planning": way.submitted(),
    "plan": PLANNED,
    "half-signed": way.approved(PLANNED, MIA),
    "difference": way.changed(way.approved(PLANNED, MIA), workers=4),
    "queue": way.queued(SIGNED),
    "progress": RUNNING,
    "result": DONE,
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
REFUSED = Draft(
    (DraftStep("storage", "storage", said(account_name="ML-Curated")),),
    said(team="ml", environment="dev", region="eastus"),
)
UNUSABLE = (
    Unusable(
        "storage.expected_gb", "a lot", "'a lot' is no Expected GB: input should be a valid integer"
    ),
)

QUESTION = Reply(
    "Which of these did you mean?\nBoth are possible.",
    choices=("A storage account", "A Databricks workspace", "Both"),
)
REFUSAL = Reply(
    "Only olga or omar (platform) can approve this: you asked for it yourself.", PrincipalId("mia")
)
MENTIONS = {
    PrincipalId("mia"): Mention("Mia Keller", "U0MIA"),
    PrincipalId("olga"): Mention("Olga Petrova", "U0OLGA"),
    PrincipalId("omar"): Mention("Omar Haddad", "U0OMAR"),
}
PAGE = "https://signoff.example/d/d-7f3a?key=eyJkIjoiZC03ZjNhIn0.c2lnbmVk"
APPROVER = PrincipalId("omar")


def facing(name: str = "") -> Facing:
    return Facing(PEOPLE, HALF_WAY if name == "progress" else {}, catalogue())


@cache
def cards() -> Mapping[str, Card]:
    """By the name of their golden files."""
    complete = asyncio.run(_priced(COMPLETE))
    deployed = {name: deployment_card(d, facing(name)) for name, d in _DRAWN.items()}
    return {
        "draft-incomplete": draft_card("draft:infra:1", INCOMPLETE, catalogue(), {}),
        "draft-complete": complete,
        "draft-refused": draft_card(
            "draft:infra:1", REFUSED, catalogue(), {}, unusable=UNUSABLE, can_undo=True
        ),
        **deployed,
        "history": _history(),
        "help": help_card("help:e-1", catalogue()),
    }


def replies() -> Mapping[str, Reply]:
    return {"question": QUESTION, "refusal": REFUSAL}


async def _priced(draft: Draft) -> Card:
    costs = await estimates(draft, catalogue(), SnapshotPrices.load())
    changes = ("workers: 1 to 4 — said by ana",)
    return draft_card("draft:infra:1", draft, catalogue(), costs, changes=changes, can_undo=True)


def _history() -> Card:
    names = {person.id: person.name for person in PEOPLE}
    kept = ("progress", "failure", "result", "destroy")
    past = [
        summarised(
            replace(DEPLOYMENTS[name], id=DeploymentId(f"d-{n}"), at=NOON - timedelta(days=n)),
            facing(name),
        )
        for n, name in enumerate(kept)
    ]
    return history_card("history:e-1", past, names)


def _long() -> Deployment:
    """Sixty resources, three of which end."""
    step = PLANNED.steps[0]
    record = PLANNED.plan(step)
    assert record is not None
    size = (AttributeChange("sku_name", "S1", "P1"),)
    made = [_resource(f"azurerm_subnet.private[{n}]", Action.CREATE) for n in range(30)]
    granted = [_resource(f"azurerm_role_assignment.reader[{n}]", Action.CREATE) for n in range(18)]
    changed = [_resource(f"azurerm_app_service.web[{n}]", Action.UPDATE, size) for n in range(9)]
    ended = [
        _resource("azurerm_storage_account.raw", Action.DELETE),
        _resource("azurerm_postgresql_flexible_server.main", Action.REPLACE),
        _resource("azurerm_key_vault.team", Action.DELETE),
    ]
    change = replace(record.change, resources=(*made, *granted, *changed, *ended))
    key = f"{step.id}-001"
    only = replace(PLANNED, steps=(step,), title="Databricks workspace for ml, production")
    return replace(only, plans={key: replace(record, change=change)})


def _resource(
    address: str, action: Action, attributes: tuple[AttributeChange, ...] = ()
) -> ResourceChange:
    return ResourceChange(address, address.partition(".")[0], action, attributes)


_DRAWN: Mapping[str, Deployment] = {
    "planning": DEPLOYMENTS["planning"],
    "plan": PLANNED,
    "plan-half-signed": DEPLOYMENTS["half-signed"],
    "plan-difference": DEPLOYMENTS["difference"],
    "plan-long": _long(),
    "plan-destroy": DEPLOYMENTS["destroy"],
    "step": DEPLOYMENTS["destroy-confirm"],
    "queue": DEPLOYMENTS["queue"],
    "progress": RUNNING,
    "result": DONE,
    "failure": DEPLOYMENTS["failure"],
}
