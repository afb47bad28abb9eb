"""A decision record says what was decided, why, and what was not chosen."""

from pathlib import Path

import pytest

from tests.architecture.repository import files, page, shown

RECORDS = [p for p in files(".md", under="docs/decisions") if p.name != "README.md"]
FIELDS = ("**Decided.**", "**Why.**", "**Not chosen.**")


@pytest.mark.parametrize("path", RECORDS, ids=shown)
def test_a_record_has_its_fields(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("# ")
    assert [text.count(field) >= 1 for field in FIELDS] == [True] * len(FIELDS)


def test_every_record_is_in_the_list() -> None:
    listed = page("docs/decisions/README.md")
    assert [p.name for p in RECORDS if f"]({p.name})" not in listed] == []
