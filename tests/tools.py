"""Programs that come with the packages for development, beside the Python that runs."""

import sys
from pathlib import Path

import pytest


def tool(name: str) -> str:
    """Its path. Where its package has nothing for this machine, the test is skipped."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        pytest.skip(f"{name} has no package for this machine")
    return str(path)
