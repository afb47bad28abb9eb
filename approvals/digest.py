"""The digest of a change: what an approval is bound to."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from approvals.canonical import canonical
from approvals.change import AttributeChange, Change, Digest, ResourceChange
from approvals.findings import Finding
from capabilities.capability import Risk
from capabilities.cost import CostLine

SIGNIFICANT_DIGITS = 12
"""Of the 15 that a float keeps, those that arithmetic does not disturb."""


def digest(change: Change) -> Digest:
    """The hash of everything people agree to.

    Equal for the same facts in another order, and for numbers that differ by rounding alone.
    Where and on which day a price was read is left out: the amount is what is agreed to, and a
    plan made again the next morning at the same prices keeps its approvals.
    """
    return Digest(f"sha256:{sha256(_bytes(normalised(change))).hexdigest()}")


def normalised(change: Change) -> dict[str, Any]:
    """The change as plain JSON in one order, whatever order it came in."""
    return {
        "workspace": change.workspace,
        "operation": change.operation.value,
        "parameters": dict(change.parameters),
        "files": dict(change.files),
        "resources": _ordered(resource(each) for each in change.resources),
        "cost": _ordered(cost_line(each) for each in change.cost.lines),
        "risks": _ordered(risk(each) for each in change.risks),
        "findings": _ordered(finding(each) for each in change.findings),
    }


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal in a digest."""
    return _bytes(one) == _bytes(other)


def resource(change: ResourceChange) -> dict[str, Any]:
    return {
        "address": change.address,
        "type": change.type,
        "action": change.action.value,
        "attributes": _ordered(attribute(each) for each in change.attributes),
    }


def attribute(change: AttributeChange) -> dict[str, Any]:
    return asdict(change)


def cost_line(line: CostLine) -> dict[str, Any]:
    usd = None if line.monthly_usd is None else round(line.monthly_usd, 2)
    return {"line": line.line, "monthly_usd": usd, "assumption": line.assumption}


def risk(risk: Risk) -> dict[str, Any]:
    return {"kind": risk.kind.value, "text": risk.text}


def finding(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "level": finding.level.value}


def _ordered(values: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(values, key=_bytes)


def _bytes(value: Any) -> bytes:
    return canonical(_steady(value))


def _steady(value: Any) -> Any:
    """Without the noise of floating point, so that 0.1 + 0.2 is 0.3."""
    match value:
        case float():
            return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        case list() | tuple():
            return [_steady(item) for item in value]
        case Mapping():
            return {key: _steady(item) for key, item in value.items()}
        case _:
            return value
