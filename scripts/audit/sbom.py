"""The software bill of materials of what is shipped: the runtime lock, as CycloneDX."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts.audit.components import Component, by_name, normalised
from scripts.audit.licences import Rules
from scripts.audit.outcome import Outcome


def bill(
    locked: Mapping[str, Any], installed: Mapping[str, Any], rules: Rules
) -> tuple[dict[str, Any], list[str]]:
    """The bill, and what is installed in another version than is locked."""
    present, versions = by_name(installed), _versions(locked)
    problems = [
        f"{name} is {' or '.join(sorted(wanted))} in the lock and {here['version']} installed: "
        "make install-dev"
        for name, wanted in versions.items()
        if (here := present.get(name)) and here["version"] not in wanted
    ]
    components = [_component(lock, present, rules) for lock in locked["components"]]
    root = installed["metadata"]["component"]
    refs = {root["bom-ref"], *(one["bom-ref"] for one in components)}
    graph = [_within(edge, refs) for edge in installed["dependencies"] if edge["ref"] in refs]
    return {**installed, "components": components, "dependencies": graph}, problems


def _versions(locked: Mapping[str, Any]) -> Mapping[str, set[str]]:
    """More than one where another Python needs another."""
    versions: dict[str, set[str]] = {}
    for one in locked["components"]:
        versions.setdefault(normalised(one["name"]), set()).add(one["version"])
    return versions


def _component(lock: Component, present: Mapping[str, Component], rules: Rules) -> dict[str, Any]:
    name = normalised(lock["name"])
    here = present.get(name, {})
    hashes = [one for one in lock.get("externalReferences", []) if one.get("hashes")]
    told = here if here.get("version") == lock["version"] else {**lock, "description": ""}
    merged = {**told, "externalReferences": hashes}
    if licence := _read_by_a_person(name, rules):
        merged["licenses"] = [{"expression": licence, "acknowledgement": "concluded"}]
    elif said := here.get("licenses"):
        merged["licenses"] = said
    if carried := rules.carried.get(name):
        merged["components"] = [_carried(name, carried)]
    return merged


def _read_by_a_person(name: str, rules: Rules) -> str:
    return rules.reviewed.get(name, {}).get("is", "") or rules.elsewhere.get(name, "")


def _carried(carrier: str, carried: Mapping[str, str]) -> dict[str, Any]:
    """A program inside a wheel."""
    return {
        "type": "application",
        "bom-ref": f"{carrier}/{carried['name']}",
        "name": carried["name"],
        "version": carried["version"],
        "licenses": [{"license": {"id": carried["licence"]}}],
    }


def _within(edge: Mapping[str, Any], refs: set[str]) -> dict[str, Any]:
    return {**edge, "dependsOn": [one for one in edge.get("dependsOn", []) if one in refs]}


def sbom(bill: Mapping[str, Any], problems: list[str], path: Path) -> Outcome:
    """Write it, unless the schema of CycloneDX has something to say."""
    text = json.dumps(bill, indent=1)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        problems = [*problems, f"no valid CycloneDX: {str(error)[:300]}"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", "utf-8")
    return Outcome("sbom", f"{len(bill['components'])} components in {path}", tuple(problems))
