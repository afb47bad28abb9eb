"""The cards that answer by themselves: what was done here, what can be asked for."""

from collections.abc import Mapping, Sequence

from approvals.principals import PrincipalId
from capabilities.capability import Catalogue
from capabilities.cost import usd
from orchestration.cards.model import Button, Card, Fact, Facts, Heading
from orchestration.listing import Summary

SHOWN = 10
_STATES = {
    "planning": "being planned",
    "awaiting": "waits for sign-off",
    "queued": "signed off",
    "applying": "being applied",
    "succeeded": "up",
    "destroyed": "destroyed",
    "partly": "partly up",
}
_SAYINGS = (
    Fact("Ask", "I need a production Databricks workspace for the ML team"),
    Fact("Change", "make it 1-4 workers, in westeurope"),
    Fact("Look", "status, history, who signs off, what would that destroy?"),
    Fact("Undo", "cancel, retry, roll it back, tear it down"),
)


def history_card(id: str, summaries: Sequence[Summary], names: Mapping[PrincipalId, str]) -> Card:
    """The newest deployments, the newest first, a line each."""
    shown = summaries[:SHOWN]
    if not shown:
        return Card(id, "history", "Nothing has been deployed yet.", "")
    rows = tuple(
        Fact(f"{one.asked_at:%Y-%m-%d %H:%M}", one.title, _standing(one, names)) for one in shown
    )
    lead = "This is the newest deployment." if len(shown) == 1 else _lead(len(shown))
    return Card(id, "history", lead, "", (Facts(rows),))


def _lead(count: int) -> str:
    return f"These are the newest {count} deployments; nothing is wanted of you."


def _standing(one: Summary, names: Mapping[PrincipalId, str]) -> str:
    state = _STATES.get(one.state, one.state)
    cost = f", about {usd(one.monthly_usd)} a month" if one.monthly_usd else ""
    return f"{state}, asked by {names.get(one.requester, one.requester)}{cost}"


def help_card(id: str, catalogue: Catalogue) -> Card:
    """What can be asked for, and how."""
    found = (catalogue[id] for id in catalogue.ids())
    rows = tuple(Fact(capability.title, capability.summary) for capability in found)
    buttons = tuple(
        Button(label, "say", {"text": text})
        for label, text in (("Status", "status"), ("History", "history"))
    )
    return Card(
        id,
        "help",
        "Say what you need in your own words; I ask for what is missing.",
        "Nothing is built before the right people have signed it off.",
        (Heading("What I can set up"), Facts(rows), Heading("What you can say"), Facts(_SAYINGS)),
        buttons,
    )
