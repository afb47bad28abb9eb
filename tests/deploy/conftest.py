"""deploy/azure, copied and planned once."""

import pytest

from tests.deploy.azure import TWO_REGIONS, Azure, Made, made


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Azure:
    return made(tmp_path_factory.mktemp("azure"))


@pytest.fixture(scope="session")
def example(azure: Azure) -> Made:
    return azure.planned({})


@pytest.fixture(scope="session")
def two_regions(azure: Azure) -> Made:
    return azure.planned(TWO_REGIONS)
