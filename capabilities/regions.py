"""Azure regions: their names, their display names, and what people call them.

Source: Microsoft Learn, "List of Azure regions" (public cloud, regions open to every customer).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

_LISTED = """
eastus=East US|eastus2=East US 2|centralus=Central US|northcentralus=North Central US
southcentralus=South Central US|westcentralus=West Central US|westus=West US|westus2=West US 2
westus3=West US 3|canadacentral=Canada Central|canadaeast=Canada East|mexicocentral=Mexico Central
brazilsouth=Brazil South|chilecentral=Chile Central|northeurope=North Europe
westeurope=West Europe|uksouth=UK South|ukwest=UK West|francecentral=France Central
germanywestcentral=Germany West Central|italynorth=Italy North|norwayeast=Norway East
polandcentral=Poland Central|spaincentral=Spain Central|swedencentral=Sweden Central
switzerlandnorth=Switzerland North|austriaeast=Austria East|belgiumcentral=Belgium Central
israelcentral=Israel Central|qatarcentral=Qatar Central|uaenorth=UAE North
southafricanorth=South Africa North|australiaeast=Australia East
australiasoutheast=Australia Southeast|australiacentral=Australia Central|eastasia=East Asia
southeastasia=Southeast Asia|japaneast=Japan East|japanwest=Japan West
koreacentral=Korea Central|koreasouth=Korea South|centralindia=Central India
southindia=South India|westindia=West India|indonesiacentral=Indonesia Central
malaysiawest=Malaysia West|newzealandnorth=New Zealand North
"""

_CALLED = {
    "eastus": ("virginia", "us east 1", "eus"),
    "eastus2": ("eus2",),
    "westus": ("california", "wus"),
    "westus2": ("washington", "wus2"),
    "westus3": ("arizona", "phoenix", "wus3"),
    "centralus": ("iowa", "cus"),
    "northcentralus": ("illinois", "chicago"),
    "southcentralus": ("texas", "scus"),
    "westeurope": ("netherlands", "amsterdam", "holland", "weu"),
    "northeurope": ("ireland", "dublin", "neu"),
    "uksouth": ("london",),
    "ukwest": ("cardiff", "wales"),
    "francecentral": ("france", "paris"),
    "germanywestcentral": ("germany", "frankfurt"),
    "italynorth": ("italy", "milan"),
    "norwayeast": ("norway", "oslo"),
    "polandcentral": ("poland", "warsaw"),
    "spaincentral": ("spain", "madrid"),
    "swedencentral": ("sweden", "stockholm", "gavle"),
    "switzerlandnorth": ("switzerland", "zurich"),
    "austriaeast": ("austria", "vienna"),
    "belgiumcentral": ("belgium", "brussels"),
    "israelcentral": ("israel",),
    "qatarcentral": ("qatar", "doha"),
    "uaenorth": ("dubai",),
    "southafricanorth": ("south africa", "johannesburg"),
    "australiaeast": ("sydney", "new south wales"),
    "australiasoutheast": ("melbourne", "victoria"),
    "australiacentral": ("canberra",),
    "eastasia": ("hong kong",),
    "southeastasia": ("singapore",),
    "japaneast": ("tokyo",),
    "japanwest": ("osaka",),
    "koreacentral": ("seoul",),
    "koreasouth": ("busan",),
    "centralindia": ("pune",),
    "southindia": ("chennai",),
    "westindia": ("mumbai",),
    "indonesiacentral": ("indonesia", "jakarta"),
    "malaysiawest": ("malaysia", "kuala lumpur"),
    "newzealandnorth": ("new zealand", "auckland"),
    "brazilsouth": ("brazil", "sao paulo"),
    "mexicocentral": ("mexico", "queretaro"),
    "chilecentral": ("chile", "santiago"),
    "canadacentral": ("toronto",),
    "canadaeast": ("quebec",),
}
"""Places and short forms. A country with several regions is nobody's name: it would be a guess."""


@dataclass(frozen=True, slots=True)
class Region:
    name: str
    display: str
    aliases: tuple[str, ...] = ()


def _catalogue() -> dict[str, Region]:
    pairs = (entry.split("=") for entry in _LISTED.replace("\n", "|").split("|") if entry)
    return {name: Region(name, display, _CALLED.get(name, ())) for name, display in pairs}


REGIONS: Mapping[str, Region] = MappingProxyType(_catalogue())
SUGGESTED = ("eastus", "westus2", "westeurope")
"""What a question about the region offers; any other region of the list can be said."""


def _words(text: str) -> tuple[str, ...]:
    """`US-East2` as ('2', 'east', 'us'): the order in which people say it does not matter."""
    return tuple(sorted(re.findall(r"[a-z]+|\d+", text.lower().replace("é", "e"))))


_BY_WORDS: Mapping[tuple[str, ...], str] = {
    _words(called): region.name
    for region in REGIONS.values()
    for called in (region.name, region.display, *region.aliases)
}


def region_called(text: str) -> Region | None:
    """The region that exactly this text names (`eastus`, `East US`, `us-east`, `Amsterdam`)."""
    name = _BY_WORDS.get(_words(text))
    return REGIONS[name] if name else None


def nearest(text: str, count: int = 3) -> tuple[Region, ...]:
    """Regions whose name resembles the text, best first."""
    squeezed = re.sub(r"[^a-z0-9]", "", text.lower())
    names = get_close_matches(squeezed, list(REGIONS), n=count, cutoff=0.6)
    return tuple(REGIONS[name] for name in names)


def parse_region(text: str) -> str:
    """The region's name.

    Raises: ValueError - no region is called so; the message names some.
    """
    found = region_called(text)
    if found is None:
        offered = ", ".join(region.name for region in nearest(text))
        others = f"there are {', '.join(SUGGESTED)} and {len(REGIONS) - len(SUGGESTED)} more"
        raise ValueError(
            f"not an Azure region; {f'did you mean {offered}?' if offered else others}"
        )
    return found.name
