"""When Graph says no, and how Signoff shows it who it is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestration.adapters.entra import credential as credentials
from orchestration.adapters.entra.credential import (
    ClientSecret,
    ManagedIdentity,
    WorkloadIdentity,
)
from orchestration.errors import TemporaryError
from tests.clock import FakeClock
from tests.contract.tenant import ANA, EVERYONE, Opens, opener, two_people
from tests.doubles.graph import CLIENT, SECRET, TENANT, Fault, GraphDouble


@pytest.fixture
async def graph(clock: FakeClock) -> AsyncIterator[GraphDouble]:
    async with two_people(clock) as double:
        yield double


@pytest.fixture
def opens(tmp_path: Path, graph: GraphDouble, clock: FakeClock) -> Opens:
    return opener(tmp_path / "people.toml", graph, clock)


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


async def test_a_pod_shows_the_token_that_its_cluster_keeps_new(
    opens: Opens, graph: GraphDouble, clock: FakeClock, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    pod = WorkloadIdentity(TENANT, CLIENT, token, graph.url)
    async with opens(credential=pod) as directory:
        with pytest.raises(TemporaryError, match="token of the workload identity"):
            await directory.identified(ANA)
        for graph.cluster_token in ("first", "second"):
            token.write_text(f"{graph.cluster_token}\n", encoding="utf-8")
            assert await directory.identified(ANA) is not None
            clock.advance(3600)
        token.write_text("of another cluster", encoding="utf-8")
        with pytest.raises(TemporaryError, match="401 invalid_client"):
            await directory.identified(ANA)
    assert graph.tokens_given == 2


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
