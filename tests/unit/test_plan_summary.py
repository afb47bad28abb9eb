from typing import Any

from approvals.change import Action, AttributeChange
from orchestration.adapters.terraform.plan_summary import adopted, facts, resource_changes
from orchestration.redaction import HIDDEN


def _plan(*changes: dict[str, Any], expressions: dict[str, Any] | None = None) -> dict[str, Any]:
    resources = [{"address": "t.this", "expressions": expressions or {}}]
    return {
        "resource_changes": list(changes),
        "configuration": {"root_module": {"resources": resources}},
    }


def _change(address: str = "t.this", mode: str = "managed", **change: Any) -> dict[str, Any]:
    return {"address": address, "mode": mode, "type": "t", "change": change}


def _attributes(
    expressions: dict[str, Any] | None = None, **change: Any
) -> tuple[AttributeChange, ...]:
    (found,) = resource_changes(_plan(_change(**change), expressions=expressions))
    return found.attributes


def test_nothing_but_changes_to_resources_is_listed_and_in_order() -> None:
    plan = _plan(
        _change("t.z", actions=["create"], after={}),
        _change("t.a", actions=["delete", "create"], before={}, after={}),
        _change("t.n", actions=["no-op"]),
        _change("data.t.d", mode="data", actions=["read"]),
    )
    found = [(one.address, one.action) for one in resource_changes(plan)]
    assert found == [("t.a", Action.REPLACE), ("t.z", Action.CREATE)]


def test_what_is_empty_or_computed_is_noise_and_what_is_configured_is_not() -> None:
    found = _attributes(
        {"pool": {"references": ["x"]}, "block": [{"inner": {"references": ["y"]}}]},
        actions=["create"],
        after={"name": "n", "none": None, "empty": "", "off": False, "tags": {"owner": "ana"}},
        after_unknown={"id": True, "pool": True, "block": [{"inner": True, "other": True}]},
    )
    assert [(one.path, one.after) for one in found] == [
        ("block.inner", "(known after apply)"),
        ("name", "n"),
        ("off", False),
        ("pool", "(known after apply)"),
        ("tags.owner", "ana"),
    ]


def test_an_update_shows_only_what_differs() -> None:
    found = _attributes(
        actions=["update"],
        before={"a": 1, "b": 2, "url": "x", "autoscale": [{"max": 4}], "gone": "g"},
        after={"a": 1, "b": 3, "autoscale": [{"max": 8}], "gone": None},
        after_unknown={"url": True},
    )
    assert [(one.path, one.before, one.after) for one in found] == [
        ("autoscale.max", 4, 8),
        ("b", 2, 3),
        ("gone", "g", None),
    ]


def test_a_sensitive_value_that_changes_is_shown_as_changed_and_never_as_itself() -> None:
    change: dict[str, Any] = {
        "actions": ["update"],
        "before": {"key": "old-secret", "rules": [{"token": "t0ken-old"}]},
        "after": {"key": "new-secret", "rules": [{"token": "t0ken-new"}]},
        "before_sensitive": {"key": True, "rules": [{"token": True}]},
        "after_sensitive": {"key": True, "rules": [{"token": True}]},
    }
    found = _attributes(**change)
    assert [(one.path, one.before, one.after) for one in found] == [
        ("key", HIDDEN, HIDDEN),
        ("rules.token", HIDDEN, HIDDEN),
    ]
    told = str(facts(_plan(_change(**change))))
    assert "secret" not in told.replace("before_sensitive", "")
    assert "t0ken" not in told


def test_a_deleted_resource_is_recognised_by_its_name() -> None:
    found = _attributes(actions=["delete"], before={"name": "n", "size": 3}, after=None)
    assert found == (AttributeChange("name", "n", None),)


def test_what_is_only_adopted_is_told() -> None:
    plan = _plan(_change(actions=["no-op"], importing={"id": "/x"}))
    assert resource_changes(plan) == ()
    assert adopted(plan) == ("t.this",)
