"""What a Databricks cluster uses in a month, and how it could use less."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from capabilities.azure.node_types import GENERAL_4, GENERAL_8, T4, node_types, smaller
from capabilities.capability import Option
from capabilities.cost import HOURS_PER_MONTH, Meter, Quantity
from capabilities.values import Environment

if TYPE_CHECKING:
    from capabilities.azure.databricks import DatabricksParameters

DBU_METER = "Premium All-purpose Compute DBU"

HOURS = {
    Environment.PRODUCTION: (HOURS_PER_MONTH, "around the clock"),
    Environment.STAGING: (260, "12 hours on working days"),
    Environment.TEST: (174, "8 hours on working days"),
    Environment.DEV: (174, "8 hours on working days"),
}
"""Hours a month that a cluster with auto-termination is assumed to run, 21.7 working days."""


def quantities(parameters: "DatabricksParameters") -> tuple[Quantity, ...]:
    hours, said = _hours(parameters)
    nodes = (parameters.min_workers + parameters.max_workers) / 2 + 1
    node = node_types()[parameters.node_type]
    assumption = (
        f"{nodes:g} nodes on average (driver and the mean of {parameters.min_workers} and "
        f"{parameters.max_workers} workers), {hours} hours a month: {said}"
    )
    machines = Quantity(
        f"{parameters.node_type} virtual machines",
        Meter("Virtual Machines", parameters.node_type, parameters.region),
        nodes * hours,
        f"{assumption}; without disks and network traffic",
    )
    units = Quantity(
        "Databricks units (DBU)",
        Meter("Azure Databricks", DBU_METER, parameters.region),
        nodes * hours * node.dbu_per_hour,
        f"{node.dbu_per_hour:g} DBU an hour and node, all-purpose compute; {assumption}",
    )
    return (machines,) if parameters.sku == "trial" else (machines, units)


def _hours(parameters: "DatabricksParameters") -> tuple[int, str]:
    if parameters.autotermination_minutes == 0:
        return HOURS_PER_MONTH, "it never stops by itself"
    return HOURS[parameters.environment]


def cheaper(parameters: "DatabricksParameters") -> tuple[Option, ...]:
    return tuple(_cheaper(parameters))


def _cheaper(parameters: "DatabricksParameters") -> Iterator[Option]:
    stops_for, _ = HOURS[parameters.environment]
    if parameters.autotermination_minutes == 0 and stops_for < HOURS_PER_MONTH:
        yield Option(
            {"autotermination_minutes": 30},
            "stop the cluster after 30 idle minutes; it then takes some minutes to start again",
        )
    if parameters.max_workers > 1:
        least, most = max(1, parameters.min_workers // 2), max(1, parameters.max_workers // 2)
        yield Option(
            {"min_workers": least, "max_workers": most},
            f"{least}-{most} workers instead of {parameters.min_workers}-"
            f"{parameters.max_workers}; a peak takes longer",
        )
    below = smaller(parameters.node_type) or _smallest_gpu(parameters)
    if below:
        yield Option({"node_type": below}, f"{below} nodes: {_difference(parameters, below)}")
    if parameters.on_gpu:
        yield _without_gpu(parameters)


def _smallest_gpu(parameters: "DatabricksParameters") -> str | None:
    return T4 if parameters.on_gpu and parameters.node_type != T4 else None


def _difference(parameters: "DatabricksParameters", below: str) -> str:
    before, after = node_types()[parameters.node_type], node_types()[below]
    return (
        f"{after.vcpus} cores and {after.memory_gb:g} GB instead of {before.vcpus} and "
        f"{before.memory_gb:g} GB each"
    )


def _without_gpu(parameters: "DatabricksParameters") -> Option:
    large = node_types()[parameters.node_type].dbu_per_hour > node_types()[GENERAL_8].dbu_per_hour
    node_type = GENERAL_8 if large else GENERAL_4
    return Option(
        {"node_type": node_type},
        f"{node_type} nodes without GPU; training deep networks becomes much slower",
    )
