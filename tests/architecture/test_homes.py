"""Each vendor's package has one home: a contract in pyproject.toml says where it is imported."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.repository import PACKAGES, files, project

EVERYWHERE = {"pydantic", "typing_extensions"}
"""What values are written in; nobody's SDK."""


def test_every_package_that_is_imported_has_a_home() -> None:
    contracts = project()["tool"]["importlinter"]["contracts"]
    housed = {name for c in contracts for name in c.get("protected_modules", ())}
    assert imported() - housed - EVERYWHERE == set()


@cache
def imported() -> frozenset[str]:
    """The packages of others that the product imports by name."""
    ours = (path for package in PACKAGES for path in files(".py", under=package))
    found = {name for path in ours for name in _imports(path)}
    return frozenset(found - sys.stdlib_module_names - set(PACKAGES))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
