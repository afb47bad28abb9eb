"""What the clouds say when they refuse, in their own words."""

from orchestration.sandbox.faults import Fault

QUOTA = {
    "databricks_cluster": (
        "AZURE_QUOTA_EXCEEDED_EXCEPTION: The VM size you are requesting exceeds the approved"
        " core quota of the region. Request an increase or choose a smaller node type."
    ),
    "azurerm_cognitive_deployment": (
        "InsufficientQuota: This operation requires more capacity in quota Tokens Per Minute"
        " (thousands) than is available in this region."
    ),
}
_QUOTA = (
    "QuotaExceeded: Operation could not be completed as it results in exceeding approved quota."
)


def exists(type_: str, id: str) -> str:
    if type_ == "azurerm_role_assignment":
        return (
            "unexpected status 409 (409 Conflict) with error: RoleAssignmentExists: The role"
            " assignment already exists."
        )
    return (
        f'A resource with the ID "{id}" already exists - to be managed via Terraform this resource'
        f" needs to be imported into the State. Please see the resource documentation for"
        f' "{type_}" for more information.'
    )


def not_empty(id: str, inside: list[str]) -> str:
    listed = "\n".join(f"* `{one}`" for one in inside)
    return f"deleting Resource Group {id!r}: the Resource Group still contains Resources.\n{listed}"


def throttled(type_: str, name: str) -> str:
    return _failed("create", type_, name, 429, "TooManyRequests: The request is being throttled.")


def interrupted(op: str, type_: str, name: str) -> str:
    return f"{_VERBS[op]} {_called(type_, name)}: context canceled"


def of_fault(fault: Fault, op: str, type_: str, name: str) -> str:
    """What the provider reports for an injected fault."""
    if fault.message:
        return fault.message
    if fault.kind in ("timeout", "taint"):
        return f"{_VERBS[op]} {_called(type_, name)}: polling failed: context deadline exceeded"
    if fault.kind == "quota":
        return _failed(op, type_, name, 409, QUOTA.get(type_, _QUOTA))
    return _failed(op, type_, name, 500, "InternalServerError: The server made an error.")


def in_azure(op: str, type_: str, name: str, error: str) -> str:
    return _failed(op, type_, name, 400, error)


def _failed(op: str, type_: str, name: str, status: int, error: str) -> str:
    if type_.startswith("databricks_"):
        return f"cannot {op} {type_.removeprefix('databricks_').replace('_', ' ')}: {error}"
    return f"{_VERBS[op]} {_called(type_, name)}: unexpected status {status} with error: {error}"


def _called(type_: str, name: str) -> str:
    kind = type_.partition("_")[2].replace("_", " ").title()
    return f'{kind} (Name: "{name}")'


_VERBS = {"create": "creating", "update": "updating", "delete": "deleting", "read": "reading"}
