"""How a Databricks cluster is sized: the decision rules, each with its reason in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from capabilities.azure.node_types import (
    GENERAL_4,
    GENERAL_8,
    T4,
    node_types,
    parse_node_type,
)
from capabilities.azure.parameters import Known, suggested
from capabilities.capability import Decided
from capabilities.values import Environment


class Workload(StrEnum):
    MACHINE_LEARNING = "machine_learning"
    DATA_SCIENCE = "data_science"
    DATA_ENGINEERING = "data_engineering"


@dataclass(frozen=True, slots=True)
class Size:
    """Workers, minutes without work until the cluster stops, and why."""

    min_workers: int
    max_workers: int
    autotermination_minutes: int
    because: str


SIZES: Mapping[Environment, Size] = {
    Environment.PRODUCTION: Size(
        2, 8, 60, "production: two workers survive the loss of one, eight carry a peak"
    ),
    Environment.STAGING: Size(1, 4, 45, "staging: half of what production has"),
    Environment.TEST: Size(1, 3, 30, "test: enough to run in parallel, and stops when idle"),
    Environment.DEV: Size(1, 2, 20, "dev: small, and stops soon when nobody works"),
}

_TELLING: Mapping[Workload, str] = {
    Workload.MACHINE_LEARNING: "ml ai mlops genai llm nlp vision cv dl learning ranking",
    Workload.DATA_SCIENCE: "science scientist scientists ds research stats",
}
"""Words in a team's name that tell what the team does."""


def workload_of(team: str) -> tuple[Workload, str]:
    """What a team with this name most likely does, and why."""
    words = frozenset(team.split("-"))
    for workload, telling in _TELLING.items():
        if words & set(telling.split()):
            return workload, f"the name of team {team} says {workload.value.replace('_', ' ')}"
    return Workload.DATA_ENGINEERING, "nothing says machine learning or data science"


def decide_cluster(known: Mapping[str, Any], shared: Known) -> dict[str, Decided]:
    """Workload, node type, runtime and workers, as far as what is known decides them."""
    return {
        **_workload(known, shared),
        **_nodes(known, shared),
        **_workers(known, shared),
    }


def _workload(known: Mapping[str, Any], shared: Known) -> dict[str, Decided]:
    workload = _effective_workload(known, shared)
    if workload is None:
        return {}
    if workload is not Workload.DATA_ENGINEERING:
        runtime = suggested(True, "machine learning and data science need the ML runtime")
    elif _wanted(workload, known):
        runtime = suggested(True, "GPUs need the ML runtime")
    else:
        runtime = suggested(False, "data engineering needs no machine learning libraries")
    decided = {"ml_runtime": runtime, "gpu": _gpu(workload, known)}
    if shared.team is not None:
        guess, why = workload_of(shared.team)
        decided["workload"] = suggested(guess.value, why)
    return decided


def _effective_workload(known: Mapping[str, Any], shared: Known) -> Workload | None:
    said = known.get("workload")
    if said in list(Workload):
        return Workload(said)
    return workload_of(shared.team)[0] if shared.team is not None else None


def _is_gpu(node_type: Any) -> bool:
    try:
        return node_types()[parse_node_type(node_type)].gpu
    except (ValueError, AttributeError):
        return False


def _nodes(known: Mapping[str, Any], shared: Known) -> dict[str, Decided]:
    workload = _effective_workload(known, shared)
    if workload is None or shared.environment is None:
        return {}
    return {"node_type": _node_type(_wanted(workload, known), shared.environment)}


def _gpu(workload: Workload, known: Mapping[str, Any]) -> Decided:
    """Whether the nodes have GPUs: a node type that was said decides, then the workload."""
    if known.get("node_type") is not None:
        return suggested(_is_gpu(known["node_type"]), "the node type says so")
    if workload is not Workload.MACHINE_LEARNING:
        return suggested(False, f"{workload.value.replace('_', ' ')} needs no GPU")
    if known.get("ml_runtime") is False:
        return suggested(False, "GPUs need the ML runtime")
    return suggested(True, "machine learning trains on GPUs")


def _wanted(workload: Workload, known: Mapping[str, Any]) -> bool:
    said = known.get("gpu")
    return said if isinstance(said, bool) else bool(_gpu(workload, known).value)


def _node_type(gpu: bool, environment: Environment) -> Decided:
    if gpu:
        return suggested(T4, "the T4 is the smallest GPU node that is not retired")
    if environment in (Environment.PRODUCTION, Environment.STAGING):
        return suggested(GENERAL_8, f"{environment.value}: eight cores a node, no GPU needed")
    return suggested(GENERAL_4, f"{environment.value}: four cores a node are enough")


def _workers(known: Mapping[str, Any], shared: Known) -> dict[str, Decided]:
    if shared.environment is None:
        return {}
    size = SIZES[shared.environment]
    most, least = _count(known.get("max_workers")), _count(known.get("min_workers"))
    return {
        "min_workers": suggested(
            size.min_workers if most is None else min(size.min_workers, most), size.because
        ),
        "max_workers": suggested(
            size.max_workers if least is None else max(size.max_workers, least), size.because
        ),
        "autotermination_minutes": suggested(size.autotermination_minutes, size.because),
    }


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
