"""What only a tenant can do: guests, disabled accounts, groups, and Graph being slow or away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import aiohttp
import pytest

from approvals.principals import PrincipalId, Role
from orchestration.adapters.entra import credential as credentials
from orchestration.adapters.entra.credential import ClientSecret, Credential, ManagedIdentity
from orchestration.adapters.entra.directory import EntraConfig, EntraDirectory, open_entra
from orchestration.adapters.people_file import read_people
from orchestration.errors import TemporaryError
from orchestration.identity import EmailIdentity, EntraIdentity
from tests.clock import FakeClock
from tests.doubles.graph import CLIENT, SECRET, TENANT, Fault, GraphDouble, group, guid

ANA = EntraIdentity(TENANT, guid(1))
EVERYONE = frozenset(Role)
GROUPS = f'[groups]\n"{group(1)}" = "engineer"\n"{group(2)}" = "platform"\n'

Opens: TypeAlias = Callable[..., AbstractAsyncContextManager[EntraDirectory]]


@pytest.fixture
async def graph(clock: FakeClock) -> AsyncIterator[GraphDouble]:
    async with GraphDouble(clock) as double:
        double.add(1, "Ana", "ana@contoso.example")
        double.add(2, "Omar", "omar@contoso.example")
        double.groups = {group(1): [guid(1), guid(2)], group(2): [guid(2)]}
        yield double


@pytest.fixture
def opens(tmp_path: Path, graph: GraphDouble, clock: FakeClock) -> Opens:
    @asynccontextmanager
    async def opened(
        text: str = GROUPS, credential: Credential | None = None, timeout_s: float = 5.0
    ) -> AsyncIterator[EntraDirectory]:
        path = tmp_path / "people.toml"
        path.write_text(text, encoding="utf-8")
        known = credential or ClientSecret(TENANT, CLIENT, SECRET, graph.url)
        config = EntraConfig(TENANT, known, f"{graph.url}/v1.0", timeout_s)
        async with aiohttp.ClientSession() as session:
            people = read_people(path, groups_used=True)
            async with open_entra(config, people, session, clock) as directory:
                yield directory

    return opened


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
        assert (kim.id, kim.roles) == ("kim", {Role.SECURITY})
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


# ------------------------------------------------------------ when Graph says no


async def test_graph_is_left_alone_for_as_long_as_it_asks(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    graph.faults.extend([Fault(status=429, headers={"Retry-After": "30"})] * 2)
    async with opens() as directory:
        with pytest.raises(TemporaryError) as refused:
            await directory.identified(ANA)
        assert refused.value.retry_after_s == 30
        asked = len(graph.asked)
        clock.advance(29)
        with pytest.raises(TemporaryError) as still:
            await directory.identified(ANA)
        assert still.value.retry_after_s == 1
        assert len(graph.asked) == asked
        clock.advance(1)
        graph.faults.clear()
        assert await directory.identified(ANA) is not None


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=503, headers={"Retry-After": "soon"}),
        Fault(status=504, body="<html>"),
        Fault(status=200, body="[]"),
        Fault(status=200, body="{"),
        Fault(status=403),
        Fault(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        Fault(cut=True),
        Fault(delay_s=1.0),
    ],
    ids=str,
)
async def test_whatever_goes_wrong_is_temporary(
    opens: Opens, graph: GraphDouble, fault: Fault
) -> None:
    graph.faults.extend([fault] * 2)
    async with opens(timeout_s=0.3) as directory:
        with pytest.raises(TemporaryError):
            await directory.identified(ANA)
        graph.faults.clear()
        assert await directory.identified(ANA) is not None


async def test_pages_are_followed_at_graph_alone(opens: Opens, graph: GraphDouble) -> None:
    elsewhere = '{"value": [], "@odata.nextLink": "http://127.0.0.1:1/v1.0/more"}'
    graph.faults.extend([Fault(status=200, body=elsewhere)] * 2)
    async with opens() as directory:
        with pytest.raises(TemporaryError, match="continues at"):
            await directory.with_roles(EVERYONE)


# ------------------------------------------------------------ tokens


async def test_a_token_is_renewed_before_its_end(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    async with opens() as directory:
        for _ in range(55):
            await directory.identified(ANA)
            clock.advance(60)
        assert graph.tokens_given == 1
        await directory.identified(ANA)
        assert graph.tokens_given == 2


async def test_until_its_end_a_token_is_used_when_there_is_no_new_one(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    async with opens() as directory:
        await directory.identified(ANA)
        graph.token_status = 503
        clock.advance(3590)
        assert await directory.identified(ANA) is not None
        clock.advance(61)
        with pytest.raises(TemporaryError, match="503"):
            await directory.identified(ANA)


async def test_a_revoked_token_is_replaced_at_once(
    opens: Opens, graph: GraphDouble, clock: FakeClock
) -> None:
    async with opens() as directory:
        await directory.identified(ANA)
        graph.revoke_tokens()
        clock.advance(60)
        assert await directory.identified(ANA) is not None
        assert graph.tokens_given == 2


async def test_a_wrong_secret_is_said_in_the_log_and_is_in_no_text(
    opens: Opens, graph: GraphDouble, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = ClientSecret(TENANT, CLIENT, "hunter2", graph.url)
    async with opens(credential=wrong) as directory:
        with pytest.raises(TemporaryError, match="401 invalid_client") as refused:
            await directory.identified(ANA)
        with pytest.raises(TemporaryError):
            await directory.identified(ANA)
    assert refused.value.retry_after_s == 60
    assert "directory.no_token" in [record.getMessage() for record in caplog.records]
    seen = [str(record.__dict__) for record in caplog.records] + [str(refused.value), repr(wrong)]
    assert not any("hunter2" in each for each in seen)


async def test_a_container_shows_its_own_identity(opens: Opens, graph: GraphDouble) -> None:
    identity = ManagedIdentity(CLIENT, f"{graph.url}/msi/token", SECRET)
    async with opens(credential=identity) as directory:
        assert await directory.identified(ANA) is not None
    assert SECRET not in repr(identity)


async def test_a_machine_shows_its_own_identity(
    opens: Opens, graph: GraphDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{graph.url}/metadata/identity/oauth2/token"
    monkeypatch.setattr(credentials, "METADATA", address)
    async with opens(credential=ManagedIdentity()) as directory:
        assert await directory.identified(ANA) is not None
