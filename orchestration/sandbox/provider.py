"""A simulated provider: the calls of Terraform's plugin protocol, answered from schema and cloud.

Run by Terraform as `python -m orchestration.sandbox.provider azurerm|databricks`.
Environment: SIGNOFF_SANDBOX_ROOT (folder), SIGNOFF_SANDBOX_SPEED (1 is normal, 0 has no delays).
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from orchestration.sandbox import data_sources, validation
from orchestration.sandbox.cloud import Cloud, CloudObject
from orchestration.sandbox.faults import Faults
from orchestration.sandbox.generation import Origin, fill
from orchestration.sandbox.identity import OWN_ID, azure_id, databricks_id
from orchestration.sandbox.lifecycle import Lifecycle, Outcome, without_timeouts
from orchestration.sandbox.planning import planned_state, replacing
from orchestration.sandbox.schema import CAPABILITIES, Schema, conform
from orchestration.sandbox.values import UNKNOWN, pack, unpack
from orchestration.sandbox.wire import Message

_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


class Provider:
    """One method per call; requests and answers are messages of `wire`."""

    def __init__(self, schema: Schema, root: Path, *, speed: float) -> None:
        self._schema = schema
        self._cloud = Cloud(root)
        self._stop = threading.Event()
        self._lifecycle = Lifecycle(self._cloud, Faults(root), speed=speed, stop=self._stop)
        self._subscription = _SUBSCRIPTION
        self._workspace_url = ""
        self._workspace_id = ""

    def get_metadata(self, _request: Message) -> Message:
        return {"server_capabilities": CAPABILITIES}

    def get_provider_schema(self, _request: Message) -> Message:
        return self._schema.message()

    def accept(self, _request: Message) -> Message:
        return {}

    def configure(self, request: Message) -> Message:
        settings = unpack(request["config"]) or {}
        self._subscription = _text(settings.get("subscription_id")) or _SUBSCRIPTION
        self._workspace_url = _text(settings.get("host")).removeprefix("https://").rstrip("/")
        self._workspace_id = _text(settings.get("azure_workspace_resource_id"))
        return {}

    def validate(self, request: Message) -> Message:
        found = validation.problems(request["type_name"], unpack(request["config"]) or {})
        return {"diagnostics": [_error(message, attribute) for attribute, message in found]}

    def upgrade(self, request: Message) -> Message:
        block = self._schema.resources[request["type_name"]]
        return {"upgraded_state": pack(conform(block, json.loads(request["raw_state"]["json"])))}

    def read(self, request: Message) -> Message:
        """What exists now: drift shows here, and what has gone is null."""
        state = unpack(request["current_state"])
        found = self._cloud.get(state.get("id") or "")
        if found is None:
            return {"new_state": pack(None)}
        now = {**state, **found.attributes, "timeouts": state.get("timeouts")}
        block = self._schema.resources[request["type_name"]]
        return {"new_state": pack(conform(block, now)), "private": request["private"]}

    def plan(self, request: Message) -> Message:
        prior, proposed = unpack(request["prior_state"]), unpack(request["proposed_new_state"])
        if proposed is None:
            return {"planned_state": pack(None), "legacy_type_system": True}
        type_ = request["type_name"]
        planned = planned_state(self._schema, type_, prior, proposed)
        names = replacing(self._schema, type_, prior, planned)
        return {
            "planned_state": pack(planned),
            "requires_replace": [{"steps": [{"attribute_name": name}]} for name in names],
            "legacy_type_system": True,
        }

    def apply(self, request: Message) -> Message:
        outcome = self._applied(
            request["type_name"], unpack(request["prior_state"]), unpack(request["planned_state"])
        )
        return {
            "new_state": pack(outcome.state),
            "diagnostics": [_error(outcome.error)] if outcome.error else [],
            "legacy_type_system": True,
        }

    def import_(self, request: Message) -> Message:
        type_ = request["type_name"]
        found = self._cloud.get(request["id"])
        if found is None or found.type != type_:
            return {"diagnostics": [_error(f"Cannot import non-existent object {request['id']}")]}
        state = pack(conform(self._schema.resources[type_], found.attributes))
        return {"imported_resources": [{"type_name": type_, "state": state}]}

    def read_data(self, request: Message) -> Message:
        type_, wanted = request["type_name"], unpack(request["config"])
        block = self._schema.data_sources[type_]
        try:
            known = data_sources.read(type_, wanted, self._cloud, self._subscription)
        except data_sources.NotThere as error:
            return {"diagnostics": [_error(str(error))]}
        attributes = block.get("attributes", {})
        state = {name: UNKNOWN for name, one in attributes.items() if one.get("computed")}
        state |= {k: v for k, v in wanted.items() if v is not None}
        state |= {k: v for k, v in known.items() if k in attributes}
        return {"state": pack(conform(block, fill(block, state, self._origin(type_, wanted))))}

    def stop(self, _request: Message) -> Message:
        self._stop.set()
        return {}

    def _applied(self, type_: str, prior: Any, planned: Any) -> Outcome:
        if planned is None:
            return self._lifecycle.delete(type_, prior)
        block = self._schema.resources[type_]
        complete = fill(block, planned, self._origin(type_, planned))
        if prior is not None:
            return self._lifecycle.update(type_, prior, complete)
        new = self._new(type_, planned, complete)
        outcome = self._lifecycle.create(new)
        if outcome.state is None:
            return outcome
        given = {"timeouts": planned["timeouts"]} if "timeouts" in planned else {}
        return Outcome({**outcome.state, **given}, outcome.error)

    def _new(self, type_: str, planned: dict[str, Any], complete: dict[str, Any]) -> CloudObject:
        if type_.startswith("azurerm_"):
            named = {k: None if v is UNKNOWN else v for k, v in planned.items()}
            made = azure_id(type_, named, self._subscription)
            if planned.get("name") is UNKNOWN:
                complete["name"] = made.rpartition("/")[2]
            return CloudObject(made, type_, {**without_timeouts(complete), "id": made})
        made = databricks_id(type_, planned)
        own = {OWN_ID[type_]: made} if type_ in OWN_ID else {}
        attributes = {**without_timeouts(complete), "id": made, **own}
        return CloudObject(made, type_, attributes, parent=self._workspace())

    def _workspace(self) -> str:
        """The Azure id of the Databricks workspace that the provider talks to."""
        if self._workspace_id:
            return self._workspace_id
        for found in self._cloud.all():
            if found.attributes.get("workspace_url") == self._workspace_url != "":
                return found.id
        return self._workspace_url

    def _origin(self, type_: str, attributes: dict[str, Any]) -> Origin:
        return Origin(type_, attributes, self._subscription)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _error(summary: str, attribute: str = "") -> Message:
    where = {"attribute": {"steps": [{"attribute_name": attribute}]}} if attribute else {}
    return {"severity": 1, "summary": summary, **where}


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Terraform passes a stop on by itself
    if "TF_PLUGIN_MAGIC_COOKIE" not in os.environ:
        sys.exit("This is a Terraform provider; `signoff sandbox` looks at what it has made.")
    from orchestration.sandbox.serve import serve

    root = Path(os.environ["SIGNOFF_SANDBOX_ROOT"])
    speed = float(os.environ.get("SIGNOFF_SANDBOX_SPEED") or 1)
    serve(Provider(Schema(sys.argv[1]), root, speed=speed))


if __name__ == "__main__":
    main()
