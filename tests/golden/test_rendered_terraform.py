"""What is rendered, kept as files, so that a change to it is seen in a review.

UPDATE_GOLDEN=1 writes them again.
"""

import os
from pathlib import Path

import pytest

from capabilities.registry import catalogue
from capabilities.values import Environment
from tests.requests import rendered

KEPT = Path(__file__).parent / "terraform"


@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("capability", catalogue().ids())
def test_rendered_files_are_as_kept(capability: str, environment: Environment) -> None:
    folder = KEPT / capability / environment.value
    files = rendered(capability, environment=environment.value)
    if os.environ.get("UPDATE_GOLDEN"):
        write(folder, files)
    assert files == {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
