"""Every capability has a page that names all its parameters and outputs, and nothing else."""

import re
from pathlib import Path

import pytest

from capabilities.registry import catalogue

PAGES = Path(__file__).parent.parent.parent / "docs" / "capabilities"


@pytest.mark.parametrize("capability", catalogue().ids())
def test_the_page_names_every_parameter_and_output(capability: str) -> None:
    text = (PAGES / f"{capability}.md").read_text("utf-8")
    chosen = catalogue()[capability]
    table = "\n".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", table)) == set(chosen.parameters.model_fields)
    outputs = text.partition("## Outputs")[2].partition("##")[0]
    assert re.findall(r"`(\w+)`", outputs) == [output.name for output in chosen.outputs]


def test_every_page_is_of_a_capability() -> None:
    assert {path.stem for path in PAGES.iterdir()} == set(catalogue().ids())
