"""What holds for every test."""

import pytest
from hypothesis import settings

settings.register_profile("signoff", deadline=None)  # how long it takes is a benchmark's question
settings.load_profile("signoff")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file run in one process, unless they say with which others they belong."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
