"""Master keys in Key Vault: the real SDK, over TLS, against a strict double."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.adapters.azure.key_vault import LOOKED_FOR, VaultKeys, open_vault_keys
from orchestration.adapters.envelope import seal, unseal
from orchestration.adapters.folder import open_folder
from orchestration.adapters.key_file import made_if_missing
from orchestration.adapters.sealing import Sealer
from orchestration.errors import PermanentError, TemporaryError
from tests.clock import FakeClock
from tests.contract.artifact_contract import ArtifactContract
from tests.doubles.key_vault import DOMAIN, Fault, Person, Vault

KEY = "artifacts"


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    async with Vault(tmp_path / "tls") as double:
        double.add(KEY)
        yield double


@pytest.fixture
async def person() -> Person:
    return Person()


@pytest.fixture
async def keys(vault: Vault, person: Person, clock: FakeClock) -> AsyncIterator[VaultKeys]:
    url = f"{vault.url}/keys/{KEY}"
    async with open_vault_keys(url, person, clock, transport=vault.transport()) as opened:
        yield opened


class TestArtifactsUnderTheVault(ArtifactContract):
    @pytest.fixture
    async def artifacts(
        self, tmp_path: Path, keys: VaultKeys, clock: FakeClock
    ) -> AsyncIterator[object]:
        async with open_folder(tmp_path / "artifacts", keys, clock) as opened:
            yield opened


async def test_what_it_seals_only_the_vault_opens(keys: VaultKeys, vault: Vault) -> None:
    sealed = [await seal(keys, "a", b"content") for _ in range(3)]
    assert [await unseal(keys, "a", one) for one in sealed] == [b"content"] * 3
    verbs = [asked.partition(" ")[0] for asked in vault.asked]
    assert verbs.count("POST") == 3, "sealing takes the public half, opening asks the vault"
    assert verbs.count("GET") == 2
    with pytest.raises(PermanentError, match="damaged"):
        await unseal(keys, "b", sealed[0])


async def test_the_token_is_for_the_vault_alone(keys: VaultKeys, person: Person) -> None:
    await seal(keys, "a", b"1")
    assert set(person.asked) == {f"https://{DOMAIN}/.default"}


async def test_a_vault_that_asks_for_another_ones_token_gets_none(
    keys: VaultKeys, vault: Vault, person: Person
) -> None:
    vault.resource = "https://graph.microsoft.com"
    with pytest.raises(PermanentError, match="sealing 'a'"):
        await seal(keys, "a", b"1")
    assert person.asked == []


async def test_a_new_version_seals_what_is_new_and_the_old_one_still_opens(
    keys: VaultKeys, vault: Vault, clock: FakeClock
) -> None:
    [first] = vault.keys[KEY]
    old = await seal(keys, "a", b"old")
    second = vault.add(KEY)
    assert first.id.encode() in await seal(keys, "a", b"not yet")
    clock.advance(LOOKED_FOR / timedelta(seconds=1))
    new = await seal(keys, "a", b"new")
    assert (first.id.encode() in old, second.id.encode() in new) == (True, True)
    assert [await unseal(keys, "a", one) for one in (old, new)] == [b"old", b"new"]


async def test_no_access_is_for_somebody_to_put_right(
    keys: VaultKeys, vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    sealed = await seal(keys, "a", b"1")
    vault.keys[KEY][0].enabled = False
    with pytest.raises(TemporaryError, match=r"no access \(Forbidden\)") as refused:
        await unseal(keys, "a", sealed)
    assert refused.value.retry_after_s == 60
    assert "azure.no_access" in caplog.text
    assert "secret-in-a-message" not in f"{refused.value}{caplog.text}"


async def test_artifacts_are_not_there_while_their_vault_is_away(
    keys: VaultKeys, vault: Vault, tmp_path: Path, clock: FakeClock
) -> None:
    async with open_folder(tmp_path / "artifacts", keys, clock) as artifacts:
        await artifacts.put("a", b"1")
        await artifacts.check()
        vault.faults.extend([Fault(503)] * 3)
        with pytest.raises(TemporaryError, match=r"reading the key .* 503 Injected"):
            await artifacts.check()
        vault.keys[KEY][0].enabled = False
        with pytest.raises(TemporaryError, match="no access"):
            await artifacts.check()


async def test_a_version_that_has_gone_is_named(keys: VaultKeys, vault: Vault) -> None:
    sealed = await seal(keys, "a", b"1")
    [gone] = vault.keys.pop(KEY)
    with pytest.raises(PermanentError, match=f"{gone.id}.*404 KeyNotFound"):
        await unseal(keys, "a", sealed)


async def test_a_busy_vault_is_asked_again_when_it_says(keys: VaultKeys, vault: Vault) -> None:
    busy = Fault(429, headers={"Retry-After": "0"})
    vault.faults.append(busy)
    sealed = await seal(keys, "a", b"1")
    assert await unseal(keys, "a", sealed) == b"1"
    vault.faults.extend([busy, busy])
    assert await unseal(keys, "a", sealed) == b"1"
    vault.faults.extend([busy, busy, Fault(503)])
    with pytest.raises(TemporaryError, match="503 Injected"):
        await unseal(keys, "a", sealed)


@pytest.mark.parametrize("attributes", [{"exp": 1}, {"nbf": 4_000_000_000}, {"enabled": False}])
async def test_a_key_out_of_its_time_seals_nothing(
    vault: Vault, clock: FakeClock, attributes: dict[str, int]
) -> None:
    vault.add("over", attributes=attributes)
    url = f"{vault.url}/keys/over"
    async with open_vault_keys(url, Person(), clock, transport=vault.transport()) as keys:
        with pytest.raises(TemporaryError, match="before its time") as refused:
            await seal(keys, "a", b"1")
    assert refused.value.retry_after_s == 60


async def test_a_key_that_what_is_stored_names_is_not_asked_for(
    keys: VaultKeys, vault: Vault
) -> None:
    """Whoever can write there cannot send us, with our token, somewhere else."""
    other = vault.add("other")
    sealed = await seal(keys, "a", b"1")
    id = vault.keys[KEY][0].id
    for wrong in (other.id.ljust(len(id), "0"), id.replace("house", "mouse"), "x" * len(id)):
        with pytest.raises(PermanentError, match="opening 'a'"):
            await unseal(keys, "a", sealed.replace(id.encode(), wrong.encode()[: len(id)]))
    assert not any("POST" in asked for asked in vault.asked)


async def test_what_a_key_file_sealed_says_so(keys: VaultKeys, tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="sealed with a key file"):
        await unseal(keys, "a", Sealer(b"k" * 32).seal("a", b"1"))
    file = made_if_missing(tmp_path / "master.key")
    with pytest.raises(PermanentError, match="opening 'a'"):
        await unseal(keys, "a", await seal(file, "a", b"1"))


@pytest.mark.parametrize("url", ["", "vault", "https://v.vault.azure.net", "https://v/secrets"])
async def test_what_is_no_key_is_refused(url: str, clock: FakeClock) -> None:
    with pytest.raises(PermanentError, match="opening the key vault"):
        async with open_vault_keys(url, Person(), clock):
            pass
