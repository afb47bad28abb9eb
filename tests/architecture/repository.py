"""The files of this repository, as they are committed or about to be."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "orchestration", "approvals", "capabilities")
_MADE = {"__pycache__", "build", "node_modules"}
_BINARY = {".gz", ".npz", ".png"}


def files(suffix: str = "", *, under: str = ".") -> list[Path]:
    """Files below a folder, without hidden folders (but `.ci`) and what tools leave behind."""
    return sorted(path for path in _walk(ROOT / under) if path.name.endswith(suffix))


def _walk(top: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(top):
        folders[:] = [f for f in folders if _ours(f)]
        yield from (Path(folder) / name for name in names if name != ".git")


def _ours(folder: str) -> bool:
    hidden = folder.startswith(".") and folder != ".ci"
    return not hidden and folder not in _MADE and not folder.endswith(".egg-info")


def texts() -> Iterator[tuple[Path, str]]:
    for path in files():
        if path.suffix not in _BINARY:
            yield path, path.read_text("utf-8")


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def first_column(text: str) -> list[str]:
    """The first cell of every table row, without headings and rules."""
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")]
    return [cell for cell in rows if cell.startswith("`")]
