"""Cards with everything on them, for the renderers' golden tests."""

from approvals.principals import PrincipalId
from orchestration.cards.model import (
    Button,
    Card,
    Details,
    Fact,
    Facts,
    Heading,
    InputField,
    Progress,
    Table,
    Text,
)

DRAFT = Card(
    id="draft-infra",
    kind="draft",
    lead="Ana, is this right? Nothing is missing.",
    title="Databricks workspace for team ML, production",
    blocks=(
        Facts(
            (
                Fact("Resource group", "rg-ml-team-prod", "said by ana"),
                Fact("Region", "East US (eastus)", "said by ana"),
                Fact("SKU", "premium", "production: premium, no public access"),
                Fact("Workers", "1-4 x Standard_NC4as_T4_v3", "said by ana; GPU because of ML"),
            )
        ),
        Heading("Cost"),
        Table(
            ("Line", "Quantity", "USD a month"),
            (
                ("4 GPU workers at most, 2.5 on average", "1,825 h", "960.05"),
                ("Databricks units, premium jobs compute", "3,650 DBU", "1,095.00"),
            ),
        ),
        Text("Prices of 2026-11-01, eastus, pay as you go.", "subtle"),
        Details("Assumptions", (Text("730 hours a month; 2.5 of 1-4 workers on average."),)),
    ),
    buttons=(
        Button("Looks good", "submit"),
        Button("Change", "change", inputs=(InputField("what", "What"),)),
    ),
)

APPLYING = Card(
    id="dep-7f3a",
    kind="progress",
    lead="Applying: 3 of 5 resources are done.",
    title="ML production · asked by ana, approved by mia and omar",
    blocks=(
        Progress("dbw-ml-prod", 3, 5),
        Text("The GPU series is retired on 2027-03-31.", "warning"),
        Text("storage-ml: quota exceeded in eastus.", "bad"),
        Text("rg-ml-prod is up.", "good"),
        Text("[not markup] \x1b[2Jnor a control sequence"),
    ),
    buttons=(
        Button("Approve storage-ml", "approve", audience=frozenset({PrincipalId("omar")})),
        Button("Reject", "reject", inputs=(InputField("reason", "Why", required=True),)),
        Button("Cancel", "cancel"),
    ),
)
