"""What is logged reaches the log: `bot.telemetry` writes `extra={"fields": ...}` alone."""

import ast
from collections.abc import Iterator

from tests.architecture.repository import PACKAGES, files, shown

_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


def _logged() -> Iterator[tuple[str, ast.expr]]:
    for package in PACKAGES:
        for path in files(".py", under=package):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    extra = [k.value for k in node.keywords if k.arg == "extra"]
                    if node.func.attr in _METHODS and extra:
                        yield f"{shown(path)}:{node.lineno}", extra[0]


def test_data_is_logged_as_fields() -> None:
    found = dict(_logged())
    assert found
    assert [where for where, extra in found.items() if not _is_fields(extra)] == []


def _is_fields(extra: ast.expr) -> bool:
    keys = extra.keys if isinstance(extra, ast.Dict) else ()
    return [key.value for key in keys if isinstance(key, ast.Constant)] == ["fields"]
