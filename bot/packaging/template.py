"""The manifests of the repository with this installation's values in them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, TypeAlias

MANIFESTS = Path(__file__).parents[2] / "manifest"

Manifest: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Installation:
    """`public_url` is "" when Slack connects by Socket Mode and there are no pages."""

    organisation: str
    version: str
    public_url: str
    app_id: str


def filled(name: str, values: Mapping[str, str]) -> Manifest:
    """The manifest `name`, such as "teams"; what stands for a value stands inside a text."""
    raw = json.loads((MANIFESTS / name / "manifest.json").read_text(encoding="utf-8"))
    found = _filled(raw, values)
    assert isinstance(found, dict)
    return found


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    match part:
        case str():
            return Template(part).substitute(values)
        case list():
            return [_filled(each, values) for each in part]
        case dict():
            return {key: _filled(value, values) for key, value in part.items()}
        case _:
            return part


def written(manifest: Manifest) -> bytes:
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
