"""The keys that are made at the first start."""

import stat
from pathlib import Path

import pytest

from bot.server_configs import pages_config
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
