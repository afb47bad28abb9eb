"""Azure Databricks node types: which exist, which are retired, and what each uses an hour.

The list is `node_types.json`, made by scripts/build_prices.py.
Source: Azure Databricks pricing page, by way of lakebench 2.2.0 (MIT).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

T4 = "Standard_NC4as_T4_v3"
GENERAL_4 = "Standard_D4s_v5"
GENERAL_8 = "Standard_D8s_v5"


@dataclass(frozen=True, slots=True)
class NodeType:
    name: str
    series: str
    vcpus: int
    memory_gb: float
    dbu_per_hour: float
    """All-purpose compute without Photon."""

    @property
    def gpu(self) -> bool:
        return self.series.startswith(("NC", "ND", "NV"))


@dataclass(frozen=True, slots=True)
class Retirement:
    series: str
    sizes: str
    """A pattern of the lower-case names, without `standard_`."""
    on: str
    instead: str


A100 = "Standard_NC24ads_A100_v4"
RETIRED = (
    Retirement("NC", r"nc(6|12|24)r?", "2023-09-06", T4),
    Retirement("NC v2", r"nc(6|12|24)r?s_v2", "2023-09-06", A100),
    Retirement("NC v3", r"nc(6|12|24)r?s_v3", "2025-09-30", f"{T4} or {A100}"),
    Retirement("ND", r"nd(6|12|24)r?s", "2023-09-06", A100),
    Retirement("NV", r"nv(6|12|24)", "2023-09-06", T4),
)
"""Source: Microsoft Learn, "Retired Azure VM sizes"."""


@cache
def node_types() -> Mapping[str, NodeType]:
    text = files("capabilities.azure").joinpath("node_types.json").read_text("utf-8")
    return {name: NodeType(name, **row) for name, row in json.loads(text).items()}


def parse_node_type(text: str) -> str:
    """The node type's name as Azure writes it; `nc4as_t4_v3` will do.

    Raises: ValueError - retired, or unknown; the message says what to take instead.
    """
    bare = text.strip().lower().removeprefix("standard_")
    _refuse_retired(bare)
    known = {name.lower().removeprefix("standard_"): name for name in node_types()}
    if bare not in known:
        near = [known[match] for match in get_close_matches(bare, known, n=3)]
        offered = ", ".join(near or (GENERAL_4, GENERAL_8, T4))
        raise ValueError(f"not a Databricks node type in Azure; nearest: {offered}")
    return known[bare]


def _refuse_retired(bare: str) -> None:
    for gone in RETIRED:
        if re.fullmatch(gone.sizes, bare):
            raise ValueError(
                f"Azure retired the {gone.series} series on {gone.on}; use {gone.instead} instead"
            )


def smaller(name: str) -> str | None:
    """The next smaller node type of the same series that is not retired, if there is one."""
    node = node_types()[name]
    below = [
        other
        for other in node_types().values()
        if other.series == node.series
        and other.vcpus < node.vcpus
        and other.dbu_per_hour < node.dbu_per_hour
    ]
    return max(below, key=lambda other: other.vcpus).name if below else None
