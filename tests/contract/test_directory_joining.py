"""However accounts and a file overlap: an account is one person, whichever way it is proved."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from approvals.principals import Principal, PrincipalId, Role
from orchestration.adapters.entra.directory import EntraDirectory
from orchestration.identity import EmailIdentity, EntraIdentity
from tests.clock import FakeClock
from tests.contract.tenant import GROUPS, opener
from tests.doubles.graph import TENANT, GraphDouble, group, guid

ADDRESSES = [f"{letter}@contoso.example" for letter in "abcd"]
EVERYONE = frozenset(Role)


@dataclass(frozen=True)
class Account:
    addresses: frozenset[str]
    active: bool
    groups: frozenset[int]


@dataclass(frozen=True)
class Named:
    email: str | None
    account: int | None


some_addresses = st.frozensets(st.sampled_from(ADDRESSES), max_size=3)
accounts = st.lists(
    st.builds(Account, some_addresses, st.booleans(), st.frozensets(st.sampled_from([1, 2]))),
    min_size=1,
    max_size=4,
)
people = st.lists(
    st.builds(Named, st.none() | st.sampled_from(ADDRESSES), st.none() | st.integers(0, 3)),
    max_size=3,
    unique_by=(lambda p: p.email or id(p), lambda p: id(p) if p.account is None else p.account),
)

_AB = Account(frozenset(ADDRESSES[:2]), True, frozenset({1}))


def file_of(named: list[Named]) -> str:
    text = ""
    for number, one in enumerate(named):
        text += f'[people.p{number}]\nname = "P{number}"\nroles = "finance"\n'
        text += f'email = "{one.email}"\n' if one.email else ""
        text += f'entra = "{TENANT}/{guid(one.account)}"\n' if one.account is not None else ""
    return text + GROUPS


@settings(max_examples=100, deadline=None, suppress_health_check=[*HealthCheck])
@given(accounts, people)
@example([_AB], [Named(ADDRESSES[0], None), Named(ADDRESSES[1], None)])
@example([_AB, _AB], [Named(ADDRESSES[0], 0), Named(ADDRESSES[1], None)])
def test_one_account_is_one_person(tenant: list[Account], named: list[Named]) -> None:
    asyncio.run(_holds(tenant, named))


async def _holds(tenant: list[Account], named: list[Named]) -> None:
    clock = FakeClock()
    async with GraphDouble(clock) as graph:
        graph.groups = {group(1): [], group(2): []}
        for number, account in enumerate(tenant):
            graph.add(number, f"A{number}", accountEnabled=account.active)
            graph.users[guid(number)]["proxyAddresses"] = [f"smtp:{a}" for a in account.addresses]
            for each in account.groups:
                graph.groups[group(each)].append(guid(number))
        with tempfile.TemporaryDirectory() as folder:
            open_ = opener(Path(folder) / "people.toml", graph, clock)
            async with open_(file_of(named)) as directory:
                await _checked(directory, tenant)


async def _checked(directory: EntraDirectory, tenant: list[Account]) -> None:
    listed = await directory.with_roles(EVERYONE)
    ids = [person.id for person in listed]
    assert len(ids) == len(set(ids))
    for person in listed:
        assert await directory.get(person.id) == person
    for number, account in enumerate(tenant):
        found = await _proved(directory, tenant, number)
        assert len({person.id for person in found}) <= 1
        if not account.active:
            assert await directory.identified(EntraIdentity(TENANT, guid(number))) is None
            assert guid(number) not in ids
        for person in found:
            assert await directory.get(person.id) == person
            assert not person.roles or person in listed


async def _proved(directory: EntraDirectory, tenant: list[Account], number: int) -> list[Principal]:
    """Whom the account and each address that is its alone stand for."""
    account = tenant[number]
    others = [a for n, a in enumerate(tenant) if n != number and a.active]
    own = [a for a in account.addresses if not any(a in other.addresses for other in others)]
    found = [await directory.identified(EntraIdentity(TENANT, guid(number)))]
    found += [await directory.identified(EmailIdentity(each)) for each in own]
    found.append(await directory.get(PrincipalId(guid(number))))
    return [person for person in found if person]
