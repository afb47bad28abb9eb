"""What a request to a model costs, where its price is known."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from capabilities.azure.openai_models import models
from capabilities.cost import Meter
from orchestration.ports import PriceSource

Tariff: TypeAlias = Mapping[str, tuple[float, float]]
"""USD per 1,000 tokens sent and answered, by model."""

_SKU = "GlobalStandard"
_REGION = "eastus"
"""A global deployment costs the same everywhere."""
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


async def tariff(prices: PriceSource) -> Tariff:
    """Of the models that have a price for what is sent and for what is answered."""
    meters = {name: _meters(model.meters.get(_SKU, ())) for name, model in models().items()}
    found = await prices.prices([meter for each in meters.values() for meter in each])
    return {
        name: (found[each[0]].usd, found[each[1]].usd)
        for name, each in meters.items()
        if len(each) == 2 and all(meter in found for meter in each)
    }


def _meters(names: Sequence[str]) -> list[Meter]:
    return [Meter("Azure OpenAI", name, _REGION) for name in names]


def cost(tariff: Tariff, model: str, sent: int, answered: int) -> float | None:
    """In USD; `model` is what the service says that answered, e.g. `gpt-5-mini-2025-08-07`."""
    price = tariff.get(_DATED.sub("", model))
    return (sent * price[0] + answered * price[1]) / 1000 if price else None
