"""Regions as people write them, and words that name several of them."""

from capabilities.regions import REGIONS, region_called

GROUPS = {
    "us": ("eastus", "eastus2", "westus2", "centralus"),
    "usa": ("eastus", "eastus2", "westus2", "centralus"),
    "europe": ("westeurope", "northeurope", "swedencentral"),
    "eu": ("westeurope", "northeurope", "swedencentral"),
    "asia": ("southeastasia", "eastasia", "japaneast"),
    "uk": ("uksouth", "ukwest"),
    "canada": ("canadacentral", "canadaeast"),
    "australia": ("australiaeast", "australiasoutheast"),
    "india": ("centralindia", "southindia"),
    "japan": ("japaneast", "japanwest"),
}
"""Always asked back, never guessed."""


def region_name(region: str) -> str:
    return REGIONS[region].display if region in REGIONS else region


def region_id(text: str) -> str | None:
    """The region that a person or a model means by `text`; None when it is no region's name."""
    found = region_called(text)
    return found.name if found else None


def spellings() -> dict[str, str]:
    """What people write, in lower case, to the region's id."""
    found: dict[str, str] = {}
    for region in REGIONS.values():
        for variant in (region.name, *region.aliases, *_variants(region.display.lower().split())):
            found.setdefault(variant, region.name)
    return found | {"eu west": "westeurope", "eu north": "northeurope"}


def _variants(words: list[str]) -> set[str]:
    """`east us 2`, `eastus2`, `us east 2`, `east usa 2`."""
    number = [words[-1]] if words[-1].isdigit() else []
    stem = words[: len(words) - len(number)]
    orders = [stem, list(reversed(stem))] if len(stem) == 2 else [stem]
    orders += [["usa" if word == "us" else word for word in order] for order in orders]
    return {" ".join([*order, *number]) for order in orders} | {
        " ".join(order) + "".join(number) for order in orders
    }
