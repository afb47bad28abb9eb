"""From a reading to one `update_draft` call: which value goes to which step, and what is unclear."""

import re
from dataclasses import dataclass, field
from typing import Any

from capabilities.capability import SHARED, Catalogue
from orchestration.planner.offline.parameters import choices_of
from orchestration.planner.offline.purposes import PURPOSES
from orchestration.planner.offline.reading import Doubt, Reading, Said, Wanted
from orchestration.planner.offline.situation import Situation
from orchestration.planner.wording import label

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
        _remove(key, plan, _certain(key, reading, situation))
    for wanted in reading.add:
        _add(wanted, reading, plan, catalogue)
    for parameter in reading.unset:
        _unset(parameter, plan, catalogue)
    for said in reading.said:
        _set(said, reading, situation, plan, catalogue)
    return plan


def _certain(key: str, reading: Reading, situation: Situation) -> bool:
    """Whether a step is meant by its id: one was named so, or offered so on a button."""
    said = [part for choice in situation.offered for part in choice.split("; ")]
    return key in reading.steps or "-" in key or f"remove {key}" in said


def _remove(key: str, plan: DraftPlan, certain: bool) -> None:
    held = [i for i, capability in plan.targets.items() if key in (i, capability)]
    if len(held) == 1 or (key in held and certain):
        gone = key if key in held else held[0]
        plan.remove.append(gone)
        del plan.targets[gone]
    elif held:
        both = "; ".join(f"remove {step}" for step in held)
        plan.doubts.append(Doubt("Which of them?", (*(f"remove {s}" for s in held), both)))
    else:
        plan.remarks.append(f"There is no {key.replace('_', ' ')} in the draft.")


def _add(wanted: Wanted, reading: Reading, plan: DraftPlan, catalogue: Catalogue) -> None:
    present = [s for s, capability in plan.targets.items() if capability == wanted.capability]
    if present and wanted.count == 1 and not wanted.another:
        if not reading.said and not wanted.implied:
            title = catalogue[wanted.capability].title
            question = f"{title} is in the draft already. Do you want another one?"
            plan.doubts.append(Doubt(question, (f"add another {wanted.capability}",)))
        return
    for number in range(wanted.count):
        values = _labelled(wanted, number, catalogue)
        plan.add.append({"capability": wanted.capability, **({"values": values} if values else {})})
        step = _next_id(wanted.capability, plan.targets)
        plan.targets[step] = wanted.capability
        plan.fresh.add(step)


def _labelled(wanted: Wanted, number: int, catalogue: Catalogue) -> dict[str, Any]:
    """A label is what the step is for, which goes into its suggested names."""
    fields = catalogue[wanted.capability].parameters.model_fields
    if number >= len(wanted.labels) or "purpose" not in fields:
        return {}
    return {"purpose": wanted.labels[number]}


def _next_id(capability: str, taken: dict[str, str]) -> str:
    ids = (f"{capability}-{n}" if n > 1 else capability for n in range(1, 100))
    return next(candidate for candidate in ids if candidate not in taken)


def _unset(parameter: str, plan: DraftPlan, catalogue: Catalogue) -> None:
    if parameter in SHARED:
        plan.unset.append({"parameter": parameter})
    for step, capability in plan.targets.items():
        if parameter not in SHARED and parameter in catalogue[capability].parameters.model_fields:
            plan.unset.append({"parameter": parameter, "step": step})


def _set(
    said: Said, reading: Reading, situation: Situation, plan: DraftPlan, catalogue: Catalogue
) -> None:
    if said.parameter in SHARED:
        plan.set_values.append({"parameter": said.parameter, "value": said.value})
        return
    parameters = {s: _parameter(said, c, catalogue) for s, c in plan.targets.items()}
    holders = {step: parameter for step, parameter in parameters.items() if parameter}
    meant = _meant(holders, said, reading, plan, catalogue)
    if len(meant) == 1 or (meant and _for_all(said, reading)):
        for step, parameter in meant.items():
            _put(parameter, said.value, step, reading.text, plan, situation)
    elif meant:
        choices = [f"set {p} to {_plain(said.value)} for {s}" for s, p in meant.items()]
        thing = label(next(iter(meant.values())))
        every = () if thing.endswith("name") or thing == "resource group" else ("; ".join(choices),)
        plan.doubts.append(Doubt(f"Which step is the {thing} for?", (*choices, *every)))
    else:
        _homeless(said, plan, catalogue)


_EACH = re.compile(
    r"\b(?:both|each|every\w*|any ?where|all (?:of )?(?:them|these|those|the|steps?|accounts?|two|three))\b"
)
_MORE = re.compile(r"\b(?:also|too|as well|additionally|in addition|plus|add|another|more)\b")
_INSTEAD_OF = {
    "node_type": "gpu",
    "gpu": "node_type",
    "allowed_ip_ranges": "public_network_access",
    "public_network_access": "allowed_ip_ranges",
}
"""Two values of which the later one may take the earlier one back."""


def _for_all(said: Said, reading: Reading) -> bool:
    """Tags are for everything unless a step is named; other values when `both` or `all` is said."""
    unique = said.parameter.startswith("name:") or said.parameter in ("resource_group", "purpose")
    return not unique and (said.parameter == "tags" or bool(_EACH.search(reading.text)))


def _put(
    parameter: str, value: Any, step: str, text: str, plan: DraftPlan, situation: Situation
) -> None:
    present = situation.values.get(step, {})
    if parameter == "tags":
        value = {**present.get("tags", {}), **value}
    if isinstance(value, list) and _MORE.search(text) and present.get(parameter):
        value = list(dict.fromkeys([*present[parameter], *value]))
    if parameter == "account_name" and value in PURPOSES:
        parameter = "purpose"
    other = _INSTEAD_OF.get(parameter, "")
    if other in situation.said.get(step, ()) and _against(parameter, value, present.get(other)):
        plan.unset.append({"parameter": other, "step": step})
    plan.set_values.append({"parameter": parameter, "value": value, "step": step})


def _against(parameter: str, value: Any, other: Any) -> bool:
    """Whether a value and the other one of its pair cannot both hold."""
    if parameter == "allowed_ip_ranges":
        return bool(other)
    if parameter == "public_network_access":
        return bool(value) or any(str(each).endswith("/0") for each in other or ())
    return True


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
    if said.of in reading.steps:
        return {s: p for s, p in holders.items() if s == said.of}
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
    name = label(known or said.parameter.removeprefix("name:"))
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
