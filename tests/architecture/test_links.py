"""Every relative link in a page leads to a file, and every anchor to a heading; every file that
a page names is there."""

import re
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, files, shown

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)
_NAMED = re.compile(r"`((?:[a-z_]+/)+[\w.-]+\.(?:py|md|tf|json|toml|sh|yml))`")
_ELSEWHERE = ("http://", "https://", "mailto:")


@pytest.mark.parametrize("path", files(".md"), ids=shown)
def test_every_relative_link_works(path: Path) -> None:
    assert [link for link in _links(path) if not _works(path, link)] == []


@pytest.mark.parametrize("path", files(".md"), ids=shown)
def test_every_file_that_a_page_names_is_there(path: Path) -> None:
    """Those in folders of this repository."""
    named = [name for name in _NAMED.findall(path.read_text("utf-8")) if _is_ours(name)]
    assert [name for name in named if not (ROOT / name).exists()] == []


def _is_ours(name: str) -> bool:
    return (ROOT / name.partition("/")[0]).is_dir()


def test_every_page_can_be_found_from_the_readme() -> None:
    found, new = set(), {ROOT / "README.md"}
    while new:
        found |= new
        linked = {_target(page, link) for page in new for link in _links(page)}
        new = {path for path in linked if path.suffix == ".md" and path.is_file()} - found
    assert [shown(path) for path in files(".md") if path not in found] == []


def _links(path: Path) -> list[str]:
    text = _CODE.sub("", path.read_text("utf-8"))
    return [link for link in _LINK.findall(text) if not link.startswith(_ELSEWHERE)]


def _target(path: Path, link: str) -> Path:
    name = link.partition("#")[0]
    return (path.parent / name).resolve() if name else path


def _works(path: Path, link: str) -> bool:
    target, anchor = _target(path, link), link.partition("#")[2]
    if not target.exists():
        return False
    return not anchor or anchor in {_anchor(h) for h in _headings(target)}


def _headings(path: Path) -> list[str]:
    return re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.M)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
