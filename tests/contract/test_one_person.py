"""A person is one, whatever surface they come from: their approval counts once.

In production above $1,000 a month platform and finance have to agree. omar could for both.
"""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.principals import Principal
from orchestration.adapters.directory_file import open_directory
from orchestration.deployment import Awaiting
from orchestration.identity import EmailIdentity, EntraIdentity
from orchestration.ports import Directory
from tests.contract.tenant import opener
from tests.doubles.graph import TENANT, GraphDouble, group, guid
from tests.doubles.house import House, draft

ROLES = {group(1): "engineer", group(2): "platform", group(3): "finance"}
GROUPS = "[groups]\n" + "\n".join(f'"{id}" = "{role}"' for id, role in ROLES.items())
FILE = "".join(
    f'[people.{name}]\nname = "{name}"\nroles = {roles}\n'
    f'email = "{name}@contoso.example"\nentra = "{TENANT}/{guid(number)}"\n'
    for number, name, roles in (
        (1, "ana", ["engineer"]),
        (2, "omar", ["platform", "finance"]),
        (3, "mia", ["finance"]),
    )
)


@pytest.fixture
async def tenant(home: House, tmp_path: Path) -> AsyncIterator[Directory]:
    async with GraphDouble(home.clock) as graph:
        for number, name in enumerate(("ana", "omar", "mia"), 1):
            graph.add(number, name, f"{name}@contoso.example")
        graph.groups = {group(1): [guid(1)], group(2): [guid(2)], group(3): [guid(2), guid(3)]}
        async with opener(tmp_path / "people.toml", graph, home.clock)(GROUPS) as directory:
            yield directory


@pytest.fixture
def file(tmp_path: Path) -> Directory:
    path = tmp_path / "people.toml"
    path.write_text(FILE, encoding="utf-8")
    return open_directory(path)


async def in_teams(home: House, number: int) -> Principal:
    found = await home.people.identified(EntraIdentity(TENANT, guid(number)))
    assert found is not None
    return found


async def in_slack(home: House, name: str) -> Principal:
    found = await home.people.identified(EmailIdentity(f"{name}@contoso.example"))
    assert found is not None
    return found


async def counts_once(home: House) -> None:
    ana = await in_teams(home, 1)
    id = await home.submit(draft("databricks", environment="production"), by=ana.id)
    await home.worker().run(id)
    own = await home.click((await in_slack(home, "ana")).id, id)
    assert (own.counted, "someone other than the requester" in own.refusal) == ([], True)

    first = await home.click((await in_teams(home, 2)).id, id)
    again = await home.click((await in_slack(home, "omar")).id, id)
    assert (len(first.counted), again.counted) == (1, [])
    assert "a person counts once" in again.refusal
    assert isinstance((await home.get(id)).steps[0].state, Awaiting)

    await home.click((await in_slack(home, "mia")).id, id)
    assert not isinstance((await home.get(id)).steps[0].state, Awaiting)


async def test_two_clicks_of_one_person_on_two_surfaces_count_once(
    home: House, file: Directory
) -> None:
    await counts_once(dataclasses.replace(home, people=file))


async def test_so_they_do_for_people_of_a_tenant(home: House, tenant: Directory) -> None:
    await counts_once(dataclasses.replace(home, people=tenant))
