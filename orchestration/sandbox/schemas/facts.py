"""What schemas do not tell (what forces a new resource, defaults), from pulumi-azure's docstrings.

Pulumi names its classes otherwise; a resource's class is the one whose arguments agree most.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

_ARGUMENTS = re.compile(
    r"^class (\w+)Args:\n    def __init__\(__self__, \*,(.*?)\):\n(.*?)\"\"\"(.*?)\"\"\"",
    re.S | re.M,
)
_PARAMETER = re.compile(r":param [^:]*?(?:\[[^\n]*?\])? (\w+): (.*?)(?=\n        :param |\Z)", re.S)
_NOTE = re.compile(r"> \*\*|\.\. |!> ")
_FORCES = re.compile(r"[Cc]hanging (this|the \S+)( \w+)* forces? (a )?(new|re)")
_DEFAULT = re.compile(r"[Dd]efaults? (?:to|value is|is)\s+`([^`]*)`")
_SAME_NAME = 0.3
_AGREES = 0.75


@dataclass(frozen=True, slots=True)
class _Class:
    name: str
    documents: dict[str, str]
    """Argument to what is said about it."""

    def agreement(self, resource: str, arguments: set[str]) -> float:
        own = set(self.documents)
        shared = arguments & (own | {name.removesuffix("s") for name in own})
        short = resource.partition("_")[2].replace("_", "")
        name = self.name.lower()
        bonus = _SAME_NAME if name in short or short in name else 0.0
        return len(shared) / max(1, len(arguments | own)) + bonus


def facts(wheel: zipfile.ZipFile, resources: dict[str, Any]) -> dict[str, Any]:
    """`force_new` and `defaults` by resource, for those whose class is beyond doubt."""
    classes = [found for name in wheel.namelist() if (found := _read(wheel, name))]
    out: dict[str, Any] = {"force_new": {}, "defaults": {}}
    for resource, schema in resources.items():
        documents = _documents(resource, schema["block"], classes)
        attributes = schema["block"].get("attributes", {})
        if forcing := [name for name, text in documents.items() if _FORCES.search(_said(text))]:
            out["force_new"][resource] = forcing
        if defaults := _defaults(documents, attributes):
            out["defaults"][resource] = defaults
    return out


def _read(wheel: zipfile.ZipFile, name: str) -> _Class | None:
    stem = PurePosixPath(name).stem
    if not name.endswith(".py") or stem.startswith(("_", "get_", "outputs", "pulumi")):
        return None
    found = _ARGUMENTS.search(wheel.read(name).decode())
    if found is None:
        return None
    return _Class(found[1], {m[1]: " ".join(m[2].split()) for m in _PARAMETER.finditer(found[4])})


def _documents(resource: str, block: dict[str, Any], classes: list[_Class]) -> dict[str, str]:
    attributes = block.get("attributes", {})
    settable = {n for n, one in attributes.items() if one.get("required") or one.get("optional")}
    arguments = (settable | set(block.get("block_types", {}))) - {"id", "timeouts"}
    best = max(classes, key=lambda one: one.agreement(resource, arguments))
    return best.documents if best.agreement(resource, arguments) >= _AGREES else {}


def _said(text: str) -> str:
    """Without the notes, which talk about other attributes."""
    return _NOTE.split(text)[0]


def _defaults(documents: dict[str, str], attributes: dict[str, Any]) -> dict[str, Any]:
    out = {}
    for name, text in documents.items():
        schema = attributes.get(name, {})
        plain = schema and not schema.get("computed") and not schema.get("required")
        found = _DEFAULT.search(_said(text))
        if plain and found:
            out[name] = _value(found[1].strip().strip('"'), schema["type"])
    return {name: value for name, value in out.items() if value is not None}


def _value(text: str, type_: Any) -> Any:
    try:
        match type_:
            case "bool":
                return {"true": True, "false": False}[text.lower()]
            case "number":
                return float(text) if "." in text else int(text)
            case "string":
                return text
    except (KeyError, ValueError):
        pass
    return None
