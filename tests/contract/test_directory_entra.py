"""What only a tenant can do: guests, disabled accounts, groups, answers that hold for a while."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.principals import PrincipalId, Role
from orchestration.errors import TemporaryError
from orchestration.identity import EmailIdentity
from tests.clock import FakeClock
from tests.contract.tenant import ANA, EVERYONE, GROUPS, Opens, opener, two_people
from tests.doubles.graph import TENANT, Fault, GraphDouble, group, guid


@pytest.fixture
async def graph(clock: FakeClock) -> AsyncIterator[GraphDouble]:
    async with two_people(clock) as double:
        yield double


@pytest.fixture
def opens(tmp_path: Path, graph: GraphDouble, clock: FakeClock) -> Opens:
    return opener(tmp_path / "people.toml", graph, clock)


# ------------------------------------------------------------ who is nobody


@pytest.mark.parametrize(
    "changed",
    [{"userType": "Guest"}, {"accountEnabled": False}, {"accountEnabled": None}],
    ids=["guest", "disabled", "unknown"],
)
async def test_guests_and_disabled_accounts_are_nobody(
    opens: Opens, graph: GraphDouble, changed: dict[str, object]
) -> None:
    graph.users[guid(1)] |= changed
    named = f'[people.ana]\nname = "Ana"\nroles = "lead"\nentra = "{TENANT}/{guid(1)}"\n'
    for text in (GROUPS, named + GROUPS):
        async with opens(text) as directory:
            assert await directory.identified(ANA) is None
            assert await directory.identified(EmailIdentity("ana@contoso.example")) is None
            assert await directory.get(PrincipalId(guid(1))) is None
            assert await directory.get(PrincipalId("ana")) is None
            listed = await directory.with_roles(EVERYONE)
            assert [each.name for each in listed] == ["Omar"]


async def test_an_address_of_two_accounts_is_nobodys(opens: Opens, graph: GraphDouble) -> None:
    graph.users[guid(2)]["proxyAddresses"] = ["smtp:ana@contoso.example"]
    async with opens() as directory:
        assert await directory.identified(EmailIdentity("ana@contoso.example")) is None


async def test_the_address_of_a_disabled_account_goes_to_the_one_that_replaced_it(
    opens: Opens, graph: GraphDouble
) -> None:
    graph.users[guid(1)]["accountEnabled"] = False
    graph.add(3, "Ana", "ana@contoso.example")
    async with opens() as directory:
        found = await directory.identified(EmailIdentity("ana@contoso.example"))
        assert found is not None
        assert found.id == guid(3)


async def test_a_second_mail_that_people_set_themselves_proves_nothing(
    opens: Opens, graph: GraphDouble
) -> None:
    graph.add(3, "Mallory", otherMails=["ana@contoso.example"])
    async with opens() as directory:
        found = await directory.identified(EmailIdentity("ana@contoso.example"))
        assert found is not None
        assert found.id == guid(1)


async def test_a_member_of_the_tenant_without_a_group_is_known_but_may_not_ask(
    opens: Opens, graph: GraphDouble
) -> None:
    graph.add(3, "Nora", "nora@contoso.example")
    async with opens() as directory:
        nora = await directory.identified(EmailIdentity("nora@contoso.example"))
        assert nora is not None
        assert (nora.name, nora.may_ask()) == ("Nora", False)


async def test_without_the_permission_to_read_users_nobody_has_a_role(
    opens: Opens, graph: GraphDouble
) -> None:
    graph.blind = True
    async with opens() as directory:
        assert await directory.with_roles(EVERYONE) == ()


# ------------------------------------------------------------ who is one person


async def test_the_file_joins_somebody_whose_address_in_slack_is_another(opens: Opens) -> None:
    text = f"""
[people.ana]
name = "Ana A"
email = "ana@private.example"
entra = "{TENANT}/{guid(1)}"
{GROUPS}"""
    async with opens(text) as directory:
        found = [
            await directory.identified(identity)
            for identity in (
                ANA,
                EmailIdentity("ana@private.example"),
                EmailIdentity("ana@contoso.example"),
            )
        ]
        assert {(one.id, one.name) for one in found if one} == {("ana", "Ana A")}
        assert all(one and one.roles == {Role.ENGINEER} for one in found)
        by_object_id = await directory.get(PrincipalId(guid(1)))
        assert by_object_id == found[0]
        assert [each.id for each in await directory.with_roles(EVERYONE)] == ["ana", guid(2)]


async def test_somebody_outside_the_tenant_is_who_the_file_says(opens: Opens) -> None:
    text = f"""
[people.kim]
name = "Kim"
roles = "security"
email = "kim@partner.example"
{GROUPS}"""
    async with opens(text) as directory:
        kim = await directory.identified(EmailIdentity("kim@partner.example"))
        assert kim is not None
        assert kim.id == "kim"
        assert kim.roles == {Role.SECURITY}
        assert kim in await directory.with_roles(frozenset({Role.SECURITY}))


async def test_roles_of_more_groups_than_fit_one_request_add_up(
    opens: Opens, graph: GraphDouble
) -> None:
    lines = [f'"{group(n)}" = "viewer"' for n in range(3, 50)]
    graph.groups[group(49)] = [guid(1)]
    async with opens(GROUPS + "\n".join(lines)) as directory:
        ana = await directory.identified(ANA)
        assert ana is not None
        assert ana.roles == {Role.ENGINEER, Role.VIEWER}
        assert sum("checkMemberGroups" in path for path in graph.asked) == 3


async def test_a_mapped_group_that_is_gone_is_logged_and_empty(
    opens: Opens, graph: GraphDouble, caplog: pytest.LogCaptureFixture
) -> None:
    del graph.groups[group(2)]
    async with opens() as directory:
        assert len(await directory.with_roles(EVERYONE)) == 2
    assert [r.getMessage() for r in caplog.records] == ["directory.no_such_group"]


async def test_groups_of_many_pages_are_read_whole(opens: Opens, graph: GraphDouble) -> None:
    graph.groups[group(1)] = [graph.add(n, f"P{n:02d}") for n in range(10, 31)]
    async with opens() as directory:
        assert len(await directory.with_roles(frozenset({Role.ENGINEER}))) == 21


async def test_two_of_the_same_name_are_not_found_by_it(opens: Opens, graph: GraphDouble) -> None:
    graph.users[guid(2)]["displayName"] = "ana"
    async with opens() as directory:
        assert await directory.named("Ana") is None
        assert len(await directory.with_roles(EVERYONE)) == 2


# ------------------------------------------------------------ how long an answer holds


async def test_somebody_is_asked_for_once_a_minute(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    async with opens() as directory:
        await asyncio.gather(*(directory.identified(ANA) for _ in range(50)))
        assert len(graph.asked) == 2, "the account and its groups"
        clock.advance(59)
        await directory.identified(ANA)
        assert len(graph.asked) == 2
        graph.groups[group(1)] = []
        clock.advance(1)
        ana = await directory.identified(ANA)
        assert ana is not None
        assert ana.roles == set()


async def test_strangers_are_remembered_as_well(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    async with opens() as directory:
        for _ in range(20):
            assert await directory.identified(EmailIdentity("x@y.example")) is None
        assert len(graph.asked) == 1
        graph.add(3, "X", "x@y.example")
        clock.advance(60)
        assert await directory.identified(EmailIdentity("x@y.example")) is not None


async def test_everybody_is_asked_for_once_a_minute(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    async with opens() as directory:
        await asyncio.gather(*(directory.with_roles(EVERYONE) for _ in range(50)))
        assert len(graph.asked) == 2, "one for each group"
        graph.groups[group(2)] = []
        clock.advance(59)
        assert len(await directory.with_roles(frozenset({Role.PLATFORM}))) == 1
        clock.advance(1)
        assert await directory.with_roles(frozenset({Role.PLATFORM})) == ()


async def test_whom_the_file_names_is_listed_as_of_the_last_minute_as_well(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    named = f'[people.omar]\nname = "Omar"\nentra = "{TENANT}/{guid(2)}"\n'
    async with opens(named + GROUPS) as directory:
        await directory.with_roles(EVERYONE)
        clock.advance(59)
        await directory.get(PrincipalId("omar"))
        clock.advance(0.5)
        await directory.get(PrincipalId("omar"))
        graph.groups[group(2)] = []
        clock.advance(0.5)
        assert await directory.with_roles(frozenset({Role.PLATFORM})) == ()


async def test_everybody_is_still_known_for_ten_minutes_when_graph_is_down(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    async with opens() as directory:
        before = await directory.with_roles(EVERYONE)
        graph.down = True
        clock.advance(300)
        assert await directory.with_roles(EVERYONE) == before
        asked = len(graph.asked)
        assert await directory.with_roles(EVERYONE) == before
        assert len(graph.asked) == asked, "it is left alone for a while"
        with pytest.raises(TemporaryError, match="503"):
            await directory.identified(ANA)
        clock.advance(300)
        with pytest.raises(TemporaryError, match="503"):
            await directory.with_roles(EVERYONE)
        graph.down = False
        assert await directory.with_roles(EVERYONE) == before


async def test_names_do_not_wait_for_a_slow_graph(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    async with opens(timeout_s=30.0) as directory:
        before = await directory.with_roles(EVERYONE)
        clock.advance(61)
        graph.faults.extend([Fault(delay_s=25.0)] * 2)
        async with asyncio.timeout(4):
            assert await directory.with_roles(EVERYONE) == before
            assert await directory.with_roles(EVERYONE) == before


async def test_who_stops_waiting_does_not_stop_the_others(opens: Opens, graph: GraphDouble) -> None:
    graph.faults.extend([Fault(delay_s=0.2)] * 2)
    async with opens() as directory:
        impatient = asyncio.create_task(directory.identified(ANA))
        patient = asyncio.create_task(directory.identified(ANA))
        await asyncio.sleep(0.05)
        impatient.cancel()
        assert await patient is not None
        assert len(graph.asked) == 2
