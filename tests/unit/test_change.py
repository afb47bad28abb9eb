"""The digest, the difference, what is within a change, and its counts."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from approvals.change import (
    Action,
    AttributeChange,
    Change,
    Operation,
    ResourceChange,
)
from approvals.containment import UNKNOWN, takes_over, within
from approvals.difference import difference
from approvals.digest import digest
from approvals.findings import Finding, Level
from approvals.summary import summary
from approvals.symbols import symbolic
from capabilities.capability import Risk, RiskKind
from capabilities.cost import CostEstimate, CostLine
from capabilities.values import Json
from tests.unit.approving import CHANGE, created, left, line

NAMES = st.text("abcdef_", min_size=1, max_size=6)
AMOUNTS = st.integers(0, 10**6).map(lambda cents: cents / 100)
LEAVES = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | AMOUNTS | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
ATTRIBUTES = st.lists(
    st.builds(AttributeChange, NAMES, VALUES, VALUES), max_size=3, unique_by=lambda each: each.path
).map(tuple)
RESOURCES = st.lists(
    st.builds(ResourceChange, NAMES, NAMES, st.sampled_from(Action), ATTRIBUTES),
    max_size=3,
    unique_by=lambda each: each.address,
).map(tuple)
CHANGES = st.builds(
    Change,
    workspace=NAMES,
    operation=st.sampled_from(Operation),
    parameters=st.dictionaries(NAMES, VALUES, max_size=3),
    files=st.dictionaries(NAMES, NAMES, max_size=3),
    resources=RESOURCES,
    cost=st.lists(st.builds(line, NAMES, st.none() | AMOUNTS), max_size=3).map(
        lambda lines: CostEstimate(tuple(lines))
    ),
    risks=st.lists(st.builds(Risk, st.sampled_from(RiskKind), NAMES), max_size=2).map(tuple),
    findings=st.lists(
        st.builds(Finding, NAMES, st.sampled_from(Level), NAMES, NAMES), max_size=2
    ).map(tuple),
)


def _backwards(change: Change) -> Change:
    """The same facts, in another order."""
    turned = (replace(r, attributes=r.attributes[::-1]) for r in reversed(change.resources))
    return replace(
        change,
        parameters=dict(reversed(list(change.parameters.items()))),
        files=dict(reversed(list(change.files.items()))),
        resources=tuple(turned),
        cost=CostEstimate(change.cost.lines[::-1]),
        risks=change.risks[::-1],
        findings=change.findings[::-1],
    )


@given(CHANGES)
def test_order_changes_neither_digest_nor_containment(change: Change) -> None:
    turned = _backwards(change)
    assert digest(turned) == digest(change)
    assert difference(change, turned) == ()
    assert within(turned, change)


@given(CHANGES, CHANGES)
def test_there_is_a_difference_exactly_when_digests_differ(one: Change, other: Change) -> None:
    assert bool(difference(one, other)) == (digest(one) != digest(other))


@given(CHANGES, NAMES)
def test_a_delete_that_was_not_approved_is_never_within(change: Change, name: str) -> None:
    extra = ResourceChange(f"added.{name}", "added", Action.DELETE, ())
    assert not within(left(change, *change.resources, extra), change)
    assert digest(left(change, *change.resources, extra)) != digest(change)


@given(CHANGES, st.data())
def test_less_of_the_same_is_within(change: Change, data: st.DataObject) -> None:
    kept = [each for each in change.resources if data.draw(st.booleans())]
    assert within(left(change, *kept), change)


@given(CHANGES, VALUES)
def test_every_parameter_is_in_the_digest(change: Change, value: Json) -> None:
    parameters = {**change.parameters, "another": value}
    changed = replace(change, parameters=parameters)
    assert digest(changed) != digest(change)
    assert not within(changed, change)


def test_float_noise_changes_nothing() -> None:
    noisy = replace(CHANGE, parameters={"min_workers": 2.0, "max_workers": 8, "share": 0.1 + 0.2})
    clean = replace(CHANGE, parameters={"min_workers": 2, "max_workers": 8, "share": 0.3})
    assert digest(noisy) == digest(clean)


def test_a_cent_changes_the_digest_and_a_price_date_does_not() -> None:
    def priced(usd: float, as_of: date) -> Change:
        return replace(CHANGE, cost=CostEstimate((CostLine("VMs", usd, "730 h", "api", as_of),)))

    monday, tuesday = date(2026, 1, 5), date(2026, 1, 6)
    assert digest(priced(1.5, monday)) == digest(priced(1.5000001, tuesday))
    assert digest(priced(1.5, monday)) != digest(priced(1.51, monday))


def test_a_plan_made_before_and_after_an_earlier_step_has_one_digest() -> None:
    def planned(account: str) -> Change:
        scope = f"{account}/blobServices/default"
        resources = symbolic(
            [created("role", scope=scope, account=account)], {"storage.account_id": account}
        )
        return replace(CHANGE, resources=resources)

    before, after = planned("/placeholder/storage.account_id"), planned("/subscriptions/1/st")
    assert digest(before) == digest(after)
    values = [each.after for each in after.resources[0].attributes]
    assert values == ["${storage.account_id}/blobServices/default", "${storage.account_id}"]


def test_short_outputs_are_not_looked_for_inside_other_values() -> None:
    (role,) = symbolic([created("role", scope="ml-prod", owner="ml")], {"team.name": "ml"})
    assert [each.after for each in role.attributes] == ["ml-prod", "${team.name}"]


def test_the_difference_says_only_what_differs() -> None:
    finding = Finding("retired-size", Level.HARD_MANDATORY, "azurerm_thing.pool", "it is retired")
    new = replace(
        CHANGE,
        parameters={"min_workers": 1, "max_workers": 4, "gpu": True},
        files={"main.tf": "cc"},
        resources=(created("group", location="westus"), created("pool")),
        cost=CostEstimate((line("VMs", 200.0), line("GPU", None))),
        findings=(finding,),
    )
    assert difference(CHANGE, new) == (
        "gpu not set -> true",
        "max_workers 8 -> 4",
        "min_workers 2 -> 1",
        'azurerm_thing.group: location "eastus" -> "westus"',
        "azurerm_thing.pool: added, to be created",
        "azurerm_thing.workspace: no longer created",
        "cost from $510 to $200 a month",
        "new line without a price: GPU",
        "new finding: hard-mandatory: it is retired (azurerm_thing.pool)",
    )


def test_files_are_mentioned_only_when_nothing_else_explains_the_change() -> None:
    new = replace(CHANGE, files={"main.tf": "aa", "extra.tf": "cc"})
    assert difference(CHANGE, new) == ("files changed: extra.tf, variables.tf",)


def test_finishing_a_resource_whose_creation_was_approved_is_within() -> None:
    sku = AttributeChange("sku", "standard", "premium")
    update = replace(CHANGE.resources[1], action=Action.UPDATE, attributes=(sku,))
    assert within(left(CHANGE, update), CHANGE)
    other = replace(update, attributes=(replace(sku, after="enterprise"),))
    assert not within(left(CHANGE, other), CHANGE)
    unseen = replace(update, attributes=(replace(sku, path="tier"),))
    assert not within(left(CHANGE, unseen), CHANGE)


def test_what_somebody_else_made_meanwhile_is_not_to_be_taken_over() -> None:
    sku = AttributeChange("sku", "standard", "premium")
    update = replace(CHANGE.resources[1], action=Action.UPDATE, attributes=(sku,))
    assert takes_over(left(CHANGE, update), CHANGE)
    assert not takes_over(left(CHANGE, CHANGE.resources[1]), CHANGE)


def test_what_was_not_known_may_have_become_known_but_not_the_reverse() -> None:
    approved = left(CHANGE, created("cluster", pool=UNKNOWN))
    known = left(CHANGE, created("cluster", pool="pool-1"))
    assert within(known, approved)
    assert not within(approved, known)


def test_a_replacement_of_an_approved_creation_is_not_within() -> None:
    replaced = replace(CHANGE.resources[0], action=Action.REPLACE)
    assert not within(left(CHANGE, replaced), CHANGE)


def test_one_approved_change_covers_only_one() -> None:
    twice = left(CHANGE, CHANGE.resources[0], CHANGE.resources[0])
    assert not within(twice, CHANGE)


def test_it_may_cost_less_but_not_more_nor_something_unknown() -> None:
    def costing(*lines: CostLine) -> Change:
        return replace(CHANGE, cost=CostEstimate(lines))

    assert within(costing(line("VMs", 510.5)), CHANGE)
    assert not within(costing(line("VMs", 510.51)), CHANGE)
    assert not within(costing(line("VMs", None)), CHANGE)


def test_a_new_risk_or_a_serious_finding_is_not_within() -> None:
    def found(level: Level) -> Change:
        return replace(CHANGE, findings=(Finding("r", level, "a", "m"),))

    assert within(found(Level.ADVISORY), CHANGE)
    assert not within(found(Level.SOFT_MANDATORY), CHANGE)
    assert not within(replace(CHANGE, risks=(Risk(RiskKind.INTERNET, "open"),)), CHANGE)


def test_counts_are_terraforms() -> None:
    kinds = (Action.CREATE, Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)
    counts = summary(left(CHANGE, *(ResourceChange(k.value, "t", k, ()) for k in kinds)))
    assert (counts.add, counts.change, counts.replace, counts.destroy) == (3, 1, 1, 2)
    assert str(counts) == "+3 ~1 -2 (1 replaced)"
    assert str(summary(CHANGE)) == "+2 ~0 -0"
