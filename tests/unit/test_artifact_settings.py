"""What is chosen for artifacts, and what is refused; `signoff keys` and what the doctor finds."""

import io
from pathlib import Path

import pytest

from bot.artifacts import open_artifacts
from bot.cli import main
from bot.doctor.artifacts import artifacts as checked
from bot.keys import rotate
from bot.settings import BadSetting, Settings
from bot.terraform_state import accounts_of
from orchestration.adapters.folder import FolderArtifacts
from orchestration.errors import PermanentError, UserError
from tests.clock import FakeClock

VAULT_KEY = "https://house.vault.azure.net/keys/artifacts"


def test_blobs_need_an_address_and_a_key_that_all_processes_share() -> None:
    with pytest.raises(BadSetting, match="needs blob_url"):
        Settings(artifacts="blob")
    with pytest.raises(BadSetting, match="needs artifact_key_url, or artifact_key_file"):
        Settings(artifacts="blob", blob_url="https://a.blob.core.windows.net")


def test_state_accounts_are_one_for_all_or_by_environment() -> None:
    given = Settings(state_accounts="production=stprod stother")
    assert accounts_of(given) == {"production": "stprod", "*": "stother"}
    for bad in ("St_Upper", "prod=stprod", "https://st.blob.core.windows.net", "dev="):
        with pytest.raises(BadSetting, match="state_accounts cannot have"):
            Settings(state_accounts=bad)


async def test_by_default_it_is_the_folder_with_a_key_made_once(tmp_path: Path) -> None:
    async with open_artifacts(Settings(store=tmp_path), FakeClock()) as first:
        assert isinstance(first, FolderArtifacts)
        await first.put("a", b"1")
    async with open_artifacts(Settings(store=tmp_path), FakeClock()) as second:
        assert await second.get("a") == b"1"


async def test_a_key_file_that_is_named_is_never_made(tmp_path: Path) -> None:
    named = Settings(store=tmp_path, artifact_key_file=tmp_path / "shared.key")
    with pytest.raises(PermanentError, match=r"shared\.key"):
        async with open_artifacts(named, FakeClock()):
            pass
    assert not (tmp_path / "shared.key").exists()
    assert "shared.key" in (await checked(named)).found
    assert (await checked(named)).to_do
    rotate(named, io.StringIO())
    assert (await checked(named)).ok


def test_keys_are_rotated_by_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for size in (32, 64):
        assert main(["keys", "rotate", "--store", str(tmp_path)]) == 0
        assert (tmp_path / "artifacts" / "master.key").stat().st_size == size
    assert "what older keys have sealed still opens" in capsys.readouterr().out


def test_a_key_of_the_vault_is_rotated_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="rotated in its vault"):
        rotate(Settings(store=tmp_path, artifact_key_url=VAULT_KEY), io.StringIO())


def test_a_key_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "shared.key").write_bytes(b"short")
    (tmp_path / "shared.key").chmod(0o600)
    with pytest.raises(UserError, match="has 5 bytes"):
        rotate(Settings(artifact_key_file=tmp_path / "shared.key"), io.StringIO())


async def test_the_doctor_says_what_is_wrong_with_a_vault(tmp_path: Path) -> None:
    found = await checked(Settings(store=tmp_path, artifact_key_url="https://house/secrets/x/y/z"))
    assert "opening the key vault" in found.found
    assert found.to_do
