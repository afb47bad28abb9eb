"""Who may use the account, what it has to be like, and what is told of each call."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from orchestration.adapters.cosmos import Call, open_store
from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import Create, NotFound, Replace
from tests.clock import FakeClock
from tests.contract.cosmos_world import DATABASE, QUICK
from tests.doubles.certificates import Certificate
from tests.far.cosmos.account import AS_TERRAFORM_MAKES_IT, KEY
from tests.far.cosmos.double import CosmosDouble, cosmos_double


@pytest.fixture
async def double(clock: FakeClock) -> AsyncIterator[CosmosDouble]:
    async with cosmos_double(clock) as started:
        started.account.make(DATABASE, "c")
        yield started


class Identity:
    """What azure-identity gives, with a token of its own."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.scopes: list[str] = []

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes += scopes
        return AccessToken(self.token, 4_000_000_000)

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> "Identity":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


async def test_a_wrong_key_gives_no_access(double: CosmosDouble) -> None:
    wrong = KEY[:10].swapcase() + KEY[10:]
    with pytest.raises(TemporaryError, match=r"gives no access \(401\); check SIGNOFF_COSMOS_KEY"):
        async with open_store(double.url, DATABASE, wrong):
            pass


async def test_what_is_no_key_is_told(double: CosmosDouble) -> None:
    with pytest.raises(PermanentError, match="SIGNOFF_COSMOS_KEY is no account's key") as told:
        async with open_store(double.url, DATABASE, "not a key!", patience=QUICK):
            pass
    assert "not a key" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:9", Identity("good")),
        ("127.0.0.1:9", Identity("good")),
        ("127.0.0.1:9", KEY),
    ],
)
async def test_an_address_where_nothing_can_be_shown_is_not_tried(
    url: str, shown: Identity | str
) -> None:
    calls: list[Call] = []
    with pytest.raises(PermanentError, match=r"SIGNOFF_COSMOS_URL has to be https://.*KEY"):
        async with open_store(url, DATABASE, shown, on_call=calls.append):
            pass
    assert calls == []


async def test_a_managed_identity_shows_its_token(clock: FakeClock, tmp_path: Path) -> None:
    identity = Identity("good")
    tls = Certificate.made(tmp_path).server()
    async with cosmos_double(clock, tls=tls) as double:
        double.account.make(DATABASE, "c")
        double.account.tokens.add("good")
        async with open_store(double.url, DATABASE, identity, patience=QUICK) as store:
            await store.batch("c", "p", [Create("x", {})], operation="o")
            assert (await store.get("c", "p", "x")).body == {}
    assert set(identity.scopes) == {"https://127.0.0.1/.default"}


async def test_a_token_that_is_not_good_gives_no_access(clock: FakeClock, tmp_path: Path) -> None:
    tls = Certificate.made(tmp_path).server()
    async with cosmos_double(clock, tls=tls) as double:
        with pytest.raises(TemporaryError, match="no access"):
            async with open_store(double.url, DATABASE, Identity("bad")):
                pass


async def test_an_account_that_does_not_answer_is_a_matter_of_time(double: CosmosDouble) -> None:
    await double.site.down()
    with pytest.raises(TemporaryError, match="opening the store at"):
        async with open_store(double.url, DATABASE, KEY, patience=QUICK):
            pass


@pytest.mark.parametrize("level", ["Session", "Eventual"])
async def test_replicas_have_to_see_each_others_writes(clock: FakeClock, level: Any) -> None:
    async with cosmos_double(clock, consistency=level) as double:
        with pytest.raises(PermanentError, match=f"with consistency {level}.*BoundedStaleness"):
            async with open_store(double.url, DATABASE, KEY, patience=QUICK):
                pass


@pytest.mark.parametrize("name", ["other", DATABASE])
async def test_what_terraform_has_not_made_is_named(double: CosmosDouble, name: str) -> None:
    async with open_store(double.url, name, KEY, patience=QUICK) as store:
        with pytest.raises(PermanentError, match=f"container 'd' of '{name}'.*Terraform"):
            await store.get("d", "p", "x")
        with pytest.raises(PermanentError, match="Terraform"):
            await store.batch("d", "p", [Create("x", {})], operation="o")
        double.account.databases.setdefault(name, {})
        double.account.make_container(name, "d")
        with pytest.raises(NotFound):
            await store.get("d", "p", "x")


async def test_a_container_that_is_taken_away_is_told(double: CosmosDouble) -> None:
    async with open_store(double.url, DATABASE, KEY, patience=QUICK) as store:
        await store.batch("c", "p", [Create("x", {})], operation="o")
        del double.account.databases[DATABASE]["c"]
        with pytest.raises(TemporaryError, match=r"container .* Terraform"):
            await store.get("c", "p", "x")
        with pytest.raises(TemporaryError, match=r"container .* Terraform"):
            await store.find("c", "p")
        with pytest.raises(TemporaryError, match=r"container .* Terraform"):
            await store.batch("c", "p", [Create("y", {})], operation="o")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"partitionKey": {"paths": ["/pk"], "kind": "Hash"}}, "partition key is not /p"),
        ({"defaultTtl": None}, "cannot expire"),
        ({"indexingPolicy": {"indexingMode": "consistent"}}, "no composite index"),
    ],
)
async def test_a_container_made_otherwise_is_refused(
    double: CosmosDouble, change: Mapping[str, Any], why: str
) -> None:
    double.account.make_container(DATABASE, "d", {**AS_TERRAFORM_MAKES_IT, **change})
    async with open_store(double.url, DATABASE, KEY, patience=QUICK) as store:
        with pytest.raises(PermanentError, match=why):
            await store.find("d", "p")


async def test_each_call_is_told_with_its_charge(double: CosmosDouble) -> None:
    calls: list[Call] = []
    async with open_store(double.url, DATABASE, KEY, on_call=calls.append) as store:
        await store.batch("c", "p", [Create("x", {"s": "x" * 5000})], operation="o")
        calls.clear()
        found = await store.get("c", "p", "x")
        await store.batch("c", "p", [Replace("x", {}, found.etag)], operation="o2")
        await store.find("c", "p")
        with pytest.raises(NotFound):
            await store.get("c", "p", "y")
    assert all(call.container == "c" and call.seconds > 0 for call in calls)
    told = [(call.kind, call.status) for call in calls]
    assert told == [("read", 200), ("batch", 200), ("query", 200), ("read", 404)]
    assert [round(call.charge, 1) for call in calls] == [2.4, 11.1, 5.2, 1.0]


async def test_it_is_one_client_that_asks_the_account_once(double: CosmosDouble) -> None:
    calls: list[Call] = []
    async with open_store(double.url, DATABASE, KEY, on_call=calls.append) as store:
        for n in range(20):
            await store.batch("c", f"{n}", [Create("x", {})], operation="o")
            await store.get("c", f"{n}", "x")
    kinds = [call.kind for call in calls]
    assert kinds.count("container") == 1
    assert kinds.count("account") <= 3
    assert len(kinds) == 40 + kinds.count("account") + 1
