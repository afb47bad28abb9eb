"""Azure OpenAI models: versions, deployment types and the meters that are charged for them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

SKUS = ("GlobalStandard", "DataZoneStandard", "Standard")


@dataclass(frozen=True, slots=True)
class Model:
    """`meters`: by deployment type, the input and (unless it only embeds) the output meter."""

    name: str
    versions: tuple[str, ...]
    meters: Mapping[str, tuple[str, ...]]
    smaller: str | None = None


@cache
def models() -> Mapping[str, Model]:
    text = files("capabilities.azure").joinpath("openai_models.toml").read_text("utf-8")
    return {name: _model(name, table) for name, table in tomllib.loads(text).items()}


def _model(name: str, table: Mapping[str, Any]) -> Model:
    meters = {sku: tuple(table[sku]) for sku in SKUS if sku in table}
    return Model(name, tuple(table["versions"]), meters, table.get("smaller"))


def parse_model(text: str) -> str:
    """The model's name; `GPT-4o` and `gpt 4o` will do.

    Raises: ValueError - there is no such model to deploy; the message names the nearest.
    """
    name = "-".join(text.strip().lower().split())
    if name in models():
        return name
    near = get_close_matches(name, models(), n=3) or list(models())[:3]
    raise ValueError(f"not a model that can be deployed; nearest: {', '.join(near)}")
