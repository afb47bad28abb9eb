"""From a reading to one `update_draft` call: which value goes to which step, and what is unclear."""

from dataclasses import dataclass, field
from typing import Any

from capabilities.capability import SHARED, Catalogue
from orchestration.planner.offline.parameters import choices_of
from orchestration.planner.offline.reading import Doubt, Reading, Said, Wanted
from orchestration.planner.offline.situation import Situation

_THINGS = {
    "workspace": "workspace_name", "cluster": "cluster_name", "pool": "pool_name",
    "storage account": "account_name", "storage": "account_name", "account": "account_name",
    "deployment": "deployment_name",
}  # fmt: skip
_OF = {"openai": "azure_openai"}


@dataclass(slots=True)
class DraftPlan:
    add: list[dict[str, Any]] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    set_values: list[dict[str, Any]] = field(default_factory=list)
    unset: list[dict[str, Any]] = field(default_factory=list)
    fresh: set[str] = field(default_factory=set)
    """Ids of the steps that this message adds."""
    doubts: list[Doubt] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    targets: dict[str, str] = field(default_factory=dict)
    """Ids of the steps there will be, to their capabilities."""

    @property
    def arguments(self) -> dict[str, Any]:
        parts = {
            "add": self.add,
            "remove": self.remove,
            "set_values": self.set_values,
            "unset": self.unset,
        }
        return {key: value for key, value in parts.items() if value}


def drafted(reading: Reading, situation: Situation, catalogue: Catalogue) -> DraftPlan:
    plan = DraftPlan(targets=dict(situation.steps))
    for key in reading.remove:
        _remove(key, plan)
    for wanted in reading.add:
        _add(wanted, reading, situation, plan, catalogue)
    for parameter in reading.unset:
        _unset(parameter, plan, catalogue)
    for said in reading.said:
        _set(said, reading, plan, catalogue)
    return plan


def _remove(key: str, plan: DraftPlan) -> None:
    held = [i for i, capability in plan.targets.items() if key in (i, capability)]
    if len(held) == 1 or key in held:
        gone = key if key in held and len(held) > 1 and "-" in key else held[0]
        plan.remove.append(gone)
        del plan.targets[gone]
    elif held:
        both = "; ".join(f"remove {step}" for step in held)
        plan.doubts.append(Doubt("Which of them?", (*(f"remove {s}" for s in held), both)))
    else:
        plan.remarks.append(f"There is no {key.replace('_', ' ')} in the draft.")


def _add(
    wanted: Wanted, reading: Reading, situation: Situation, plan: DraftPlan, catalogue: Catalogue
) -> None:
    present = [s for s, capability in plan.targets.items() if capability == wanted.capability]
    if present and wanted.count == 1 and not wanted.another:
        if not reading.said and not wanted.implied:
            title = catalogue[wanted.capability].title
            question = f"{title} is in the draft already. Do you want another one?"
            plan.doubts.append(Doubt(question, (f"add another {wanted.capability}",)))
        return
    for number in range(wanted.count):
        values = _labelled(wanted, number, reading, situation, catalogue)
        plan.add.append({"capability": wanted.capability, **({"values": values} if values else {})})
        step = _next_id(wanted.capability, plan.targets)
        plan.targets[step] = wanted.capability
        plan.fresh.add(step)


def _labelled(
    wanted: Wanted, number: int, reading: Reading, situation: Situation, catalogue: Catalogue
) -> dict[str, Any]:
    """A label becomes the name, with the team before it when it is known: `mlraw`."""
    if number >= len(wanted.labels):
        return {}
    team = reading.value("team") or situation.shared.get("team") or ""
    parameter = catalogue[wanted.capability].name_parameter
    joiner = "" if wanted.capability == "storage" else "-"
    prefix = str(team).replace("-", joiner)
    return {parameter: joiner.join(part for part in (prefix, wanted.labels[number]) if part)}


def _next_id(capability: str, taken: dict[str, str]) -> str:
    ids = (f"{capability}-{n}" if n > 1 else capability for n in range(1, 100))
    return next(candidate for candidate in ids if candidate not in taken)


def _unset(parameter: str, plan: DraftPlan, catalogue: Catalogue) -> None:
    if parameter in SHARED:
        plan.unset.append({"parameter": parameter})
    for step, capability in plan.targets.items():
        if parameter not in SHARED and parameter in catalogue[capability].parameters.model_fields:
            plan.unset.append({"parameter": parameter, "step": step})


def _set(said: Said, reading: Reading, plan: DraftPlan, catalogue: Catalogue) -> None:
    if said.parameter in SHARED:
        plan.set_values.append({"parameter": said.parameter, "value": said.value})
        return
    if said.parameter == "tags" and not said.of:
        plan.set_values += [
            {"parameter": "tags", "value": said.value, "step": step} for step in plan.targets
        ]
        return
    parameters = {s: _parameter(said, c, catalogue) for s, c in plan.targets.items()}
    holders = {step: parameter for step, parameter in parameters.items() if parameter}
    meant = _meant(holders, said, reading, plan, catalogue)
    if len(meant) == 1:
        step, parameter = next(iter(meant.items()))
        plan.set_values.append({"parameter": parameter, "value": said.value, "step": step})
    elif meant:
        choices = [f"set {p} to {_plain(said.value)} for {s}" for s, p in meant.items()]
        thing = next(iter(meant.values())).replace("_", " ")
        every = () if thing.endswith("name") or thing == "resource group" else ("; ".join(choices),)
        plan.doubts.append(Doubt(f"Which step is the {thing} for?", (*choices, *every)))
    else:
        _homeless(said, plan, catalogue)


def _parameter(said: Said, capability: str, catalogue: Catalogue) -> str:
    """The capability's parameter that is meant, empty when it has none such."""
    fields = catalogue[capability].parameters.model_fields
    if not said.parameter.startswith("name:"):
        return said.parameter if said.parameter in fields else ""
    thing = said.parameter.removeprefix("name:")
    if thing in ("it", "this", "that one"):
        return catalogue[capability].name_parameter
    if thing.startswith("storage") and capability != "storage":
        return ""
    wanted = _THINGS.get(thing, "")
    return wanted if wanted in fields else ""


def _meant(
    holders: dict[str, str], said: Said, reading: Reading, plan: DraftPlan, catalogue: Catalogue
) -> dict[str, str]:
    """The steps that a value can be for, narrowed by the step or capability named with it."""
    if len(holders) < 2:
        return holders
    if any(wanted.another for wanted in reading.add):
        holders = {s: p for s, p in holders.items() if s in plan.fresh} or holders
    named = {_OF.get(said.of, said.of)} if said.of else {w.capability for w in reading.add}
    narrowed = {s: p for s, p in holders.items() if s in named}
    if not (said.of and narrowed):
        narrowed = {s: p for s, p in holders.items() if plan.targets[s] in named}
    return narrowed or _allowing(holders, said.value, plan, catalogue) or holders


def _allowing(
    holders: dict[str, str], value: Any, plan: DraftPlan, catalogue: Catalogue
) -> dict[str, str]:
    """The steps whose parameter has that value among its choices, or has no fixed choices."""
    result = {}
    for step, parameter in holders.items():
        schema = catalogue[plan.targets[step]].parameters.model_json_schema()
        choices = choices_of(schema["properties"][parameter])
        if not choices or value in choices:
            result[step] = parameter
    return result


def _homeless(said: Said, plan: DraftPlan, catalogue: Catalogue) -> None:
    """No step takes the value: offer to add the capability that would."""
    able = [c for c in catalogue.ids() if _parameter(said, c, catalogue)]
    known = able and _parameter(said, able[0], catalogue)
    name = (known or said.parameter.removeprefix("name:")).replace("_", " ")
    plan.remarks.append(f"Nothing in the draft takes the {name}.")
    if able and not plan.doubts:
        choices = tuple(
            f"add {c}; set {_parameter(said, c, catalogue)} to {_plain(said.value)} for {c}"
            for c in able
        )
        plan.doubts.append(Doubt("What is it for?", choices[:3]))


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def scaled(factor: float, situation: Situation) -> list[Doubt]:
    """`double the workers` shows what it would come to, for every cluster there is."""
    sizes = {
        step: (
            max(1, round(values["min_workers"] * factor)),
            max(1, round(values["max_workers"] * factor)),
        )
        for step, values in situation.values.items()
        if factor and isinstance(values.get("max_workers"), int) and "min_workers" in values
    }
    choices = tuple(
        f"set min_workers to {low} for {step}; set max_workers to {high} for {step}"
        for step, (low, high) in sizes.items()
    )
    return [Doubt("Is this what you mean?", choices)] if choices else []
