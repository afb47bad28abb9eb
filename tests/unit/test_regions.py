import pytest

from capabilities.regions import REGIONS, parse_region, region_called


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("eastus", "eastus"),
        ("East US", "eastus"),
        ("US east", "eastus"),
        ("us-east-2", "eastus2"),
        ("EASTUS2", "eastus2"),
        ("west europe", "westeurope"),
        ("Amsterdam", "westeurope"),
        ("London", "uksouth"),
        ("UK South", "uksouth"),
        ("Sweden", "swedencentral"),
        ("  north europe ", "northeurope"),
    ],
)
def test_regions_are_found_by_what_people_call_them(said: str, meant: str) -> None:
    found = region_called(said)
    assert found is not None
    assert found.name == meant


@pytest.mark.parametrize("said", ["", "mars", "us", "europe", "east", "north", "germany or france"])
def test_what_could_be_several_regions_is_none(said: str) -> None:
    assert region_called(said) is None


def test_a_mistyped_region_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean westeurope"):
        parse_region("westeurop")


def test_a_few_regions_are_named_when_nothing_is_near() -> None:
    with pytest.raises(ValueError, match=r"there are eastus, westus2, westeurope and \d+ more"):
        parse_region("mars")


def test_no_two_regions_share_a_name() -> None:
    for region in REGIONS.values():
        for called in (region.name, region.display, *region.aliases):
            found = region_called(called)
            assert found == region, called
