"""The contract of the directory, on a file, on a tenant, and on a tenant that a file adds to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestration.adapters.directory_file import FileDirectory, open_directory
from orchestration.adapters.entra.directory import EntraDirectory
from tests.clock import FakeClock
from tests.contract.directory_contract import DirectoryContract
from tests.contract.tenant import opener
from tests.doubles.graph import TENANT, GraphDouble, group, guid

PEOPLE = f"""
[people.ana]
name = "Ana"
roles = ["engineer"]
email = "Ana@Contoso.Example"
entra = "{TENANT}/{guid(1)}"

[people.omar]
name = "Omar"
roles = ["platform", "finance"]
email = "O'Mar@contoso.example"
entra = "{TENANT.upper()}/{guid(2).upper()}"

[people.vic]
name = "Vic"
roles = "viewer"
email = "vic@contoso.example"
entra = "{TENANT}/{guid(3)}"
"""

GROUPS = f"""
[groups]
"{group(1)}" = "engineer"
"{group(2).upper()}" = ["platform", "finance"]
"{group(3)}" = ["viewer"]
"""

NAMED = f"""
[people.omar]
name = "Omar"
email = "o'mar@contoso.example"
roles = ["finance"]

[people.vic]
name = "Vic"
entra = "{TENANT}/{guid(3)}"
email = "vic@contoso.example"

[groups]
"{group(1)}" = "engineer"
"{group(2)}" = "platform"
"{group(3)}" = "viewer"
"""


@pytest.fixture
async def graph(clock: FakeClock) -> AsyncIterator[GraphDouble]:
    async with GraphDouble(clock) as double:
        double.add(1, "Ana", "Ana@Contoso.example")
        double.add(
            2, "Omar", proxyAddresses=["SMTP:om@contoso.example", "smtp:O'mar@Contoso.example"]
        )
        double.add(3, "Vic", userPrincipalName="VIC@contoso.example", userType=None)
        double.groups = {group(1): [guid(1)], group(2): [group(9)], group(3): [guid(3)]}
        double.groups[group(9)] = [guid(2)]
        yield double


class TestFileDirectory(DirectoryContract):
    @pytest.fixture
    def directory(self, tmp_path: Path) -> FileDirectory:
        path = tmp_path / "people.toml"
        path.write_text(PEOPLE, encoding="utf-8")
        return open_directory(path)


class TestEntraDirectory(DirectoryContract):
    @pytest.fixture
    async def directory(
        self, tmp_path: Path, graph: GraphDouble, clock: FakeClock
    ) -> AsyncIterator[EntraDirectory]:
        async with opener(tmp_path / "people.toml", graph, clock)(GROUPS) as directory:
            yield directory


class TestEntraDirectoryWithPeopleOfAFile(DirectoryContract):
    """omar is named by the address alone, vic by account and by an address that is not there."""

    @pytest.fixture
    async def directory(
        self, tmp_path: Path, graph: GraphDouble, clock: FakeClock
    ) -> AsyncIterator[EntraDirectory]:
        graph.users[guid(3)]["userPrincipalName"] = "victor@contoso.example"
        async with opener(tmp_path / "people.toml", graph, clock)(NAMED) as directory:
            yield directory
