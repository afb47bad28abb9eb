"""Creating, changing and deleting objects of the cloud, with delays, refusals and faults."""

import threading
from dataclasses import dataclass
from typing import Any

from orchestration.sandbox import refusals
from orchestration.sandbox.cloud import AlreadyExists, Cloud, CloudObject
from orchestration.sandbox.faults import Fault, Faults
from orchestration.sandbox.validation import region_problem

State = dict[str, Any]

DELAYS_S = {
    "azurerm_resource_group": 0.5,
    "azurerm_databricks_workspace": 3.0,
    "databricks_cluster": 2.0,
}
"""How long making one takes at speed 1; everything else takes `DELAY_S`. Deleting takes half."""
DELAY_S = 0.3
_ATTEMPTS = 5
_RETRY_AFTER_S = 1.0

# What lies in a resource group without keeping it from being deleted.
_EXTENSIONS = ("azurerm_role_assignment", "azurerm_management_lock", "azurerm_consumption_budget")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the state holds afterwards, and why it failed if it did."""

    state: State | None
    error: str = ""


class Lifecycle:
    """`speed` scales every delay; 0 is none. Setting `stop` makes running operations give up."""

    def __init__(self, cloud: Cloud, faults: Faults, *, speed: float, stop: threading.Event):
        self._cloud = cloud
        self._faults = faults
        self._speed = speed
        self._stop = stop

    def create(self, new: CloudObject) -> Outcome:
        if problem := region_problem(new.attributes):
            return Outcome(None, refusals.in_azure("create", new.type, new.name, problem))
        fault = self._fault("create", new.type, new.name)
        if fault and fault.kind not in ("timeout", "taint"):
            return self._refused("create", new, fault, None)
        if self._taken(new):
            return Outcome(None, refusals.exists(new.type, new.id))
        try:
            self._cloud.create(new)
        except AlreadyExists:
            return Outcome(None, refusals.exists(new.type, new.id))
        stopped = self._wait(DELAYS_S.get(new.type, DELAY_S))
        if fault:
            known = new.attributes if fault.kind == "taint" else None
            return Outcome(known, refusals.of_fault(fault, "create", new.type, new.name))
        error = refusals.interrupted("create", new.type, new.name) if stopped else ""
        return Outcome(new.attributes, error)

    def update(self, type_: str, prior: State, planned: State) -> Outcome:
        now = CloudObject(prior["id"], type_, planned)
        if self._cloud.get(now.id) is None:
            return Outcome(prior, refusals.in_azure("update", type_, now.name, "ResourceNotFound"))
        if fault := self._fault("update", type_, now.name):
            return self._refused("update", now, fault, prior)
        self._cloud.update(now.id, without_timeouts(planned))
        self._cloud.log("update", type_, now.id, name=now.name)
        stopped = self._wait(DELAYS_S.get(type_, DELAY_S))
        error = refusals.interrupted("update", type_, now.name) if stopped else ""
        return Outcome(planned, error)

    def delete(self, type_: str, prior: State) -> Outcome:
        old = CloudObject(prior["id"], type_, prior)
        if fault := self._fault("delete", type_, old.name):
            return self._refused("delete", old, fault, prior)
        if type_ == "azurerm_resource_group" and (inside := self._holding(old.id)):
            return Outcome(prior, refusals.not_empty(old.id, inside))
        if self._wait(DELAYS_S.get(type_, DELAY_S) / 2):
            return Outcome(prior, refusals.interrupted("delete", type_, old.name))
        self._cloud.delete(old.id)
        self._cloud.log("delete", type_, old.id, name=old.name)
        return Outcome(None)

    def _fault(self, op: str, type_: str, name: str) -> Fault | None:
        """The fault to show, after waiting out throttling as the real providers do."""
        for _ in range(_ATTEMPTS):
            fault = self._faults.take(op, type_, name)
            if fault is None or fault.kind != "throttle":
                return fault
            self._cloud.log(op, type_, "", name=name, error="429 TooManyRequests")
            self._wait(fault.after_s or _RETRY_AFTER_S)
        return Fault("error", message=refusals.throttled(type_, name))

    def _refused(self, op: str, what: CloudObject, fault: Fault, state: State | None) -> Outcome:
        self._wait(fault.after_s)
        error = refusals.of_fault(fault, op, what.type, what.name)
        self._cloud.log(op, what.type, what.id, name=what.name, error=error)
        return Outcome(state, error)

    def _taken(self, new: CloudObject) -> bool:
        """A role assignment is refused by what it grants; its name is new every time."""
        if new.type != "azurerm_role_assignment":
            return False
        return any(o.type == new.type and _grant(o) == _grant(new) for o in self._cloud.all())

    def _holding(self, group: str) -> list[str]:
        inside = self._cloud.within(group)
        return [o.id for o in inside if not o.type.startswith(_EXTENSIONS)]

    def _wait(self, seconds: float) -> bool:
        """Whether Terraform asked to stop before the time was over."""
        return self._stop.wait(seconds * self._speed)


def without_timeouts(state: State) -> State:
    return {key: value for key, value in state.items() if key != "timeouts"}


def _grant(assignment: CloudObject) -> tuple[Any, ...]:
    keys = ("scope", "principal_id", "role_definition_name")
    return tuple(assignment.attributes.get(key) for key in keys)
