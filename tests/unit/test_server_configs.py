"""The keys that are made at the first start."""

import stat
from pathlib import Path

import pytest

from bot.server_configs import pages_config, slack_config
from bot.settings import Settings
from orchestration.errors import UserError


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store")
    made = pages_config(settings).link_key
    assert len(made) == 32
    assert pages_config(settings).link_key == made
    assert stat.S_IMODE((tmp_path / "store" / "link.key").stat().st_mode) == 0o600
    assert [each.name for each in (tmp_path / "store").iterdir()] == ["link.key"]


@pytest.mark.parametrize("content", [b"", b"half of a key"])
def test_a_key_that_was_not_written_whole_signs_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "link.key").write_bytes(content)
    with pytest.raises(UserError, match=r"link\.key is damaged"):
        pages_config(Settings(store=tmp_path))


def test_a_key_that_is_set_is_the_same_for_whoever_has_it(tmp_path: Path) -> None:
    installed = {"slack_client_id": "1.2", "slack_client_secret": "s", "slack_teams": "T1"}
    given = {"slack_signing_secret": "s", "public_url": "https://a.example", "slack_key": "k" * 32}
    one, other = (
        slack_config(Settings(store=tmp_path / name, **installed, **given))  # type: ignore[arg-type]
        for name in ("one", "other")
    )
    assert one.sealing_key == other.sealing_key
    assert len(one.sealing_key) == 32
    assert not (tmp_path / "one").exists()


def test_who_shares_a_database_has_to_share_the_keys(tmp_path: Path) -> None:
    there = {"cosmos_url": "https://a.documents.azure.com", "public_url": "https://a.example"}
    settings = Settings(store=tmp_path, **there)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="set SIGNOFF_LINK_KEY to 64 random characters"):
        pages_config(settings)
    assert not [*tmp_path.iterdir()]
