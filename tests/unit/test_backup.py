"""`signoff backup`: what it copies, and what it refuses."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot.backup import backup
from bot.server_configs import pages_config, slack_config
from bot.settings import Settings
from orchestration.adapters.sqlite import open_store
from orchestration.errors import UserError
from orchestration.ports import Create
from tests.clock import FakeClock


async def test_the_store_is_copied_while_it_is_written_and_locks_are_left_out(
    tmp_path: Path,
) -> None:
    folder, to = tmp_path / "store", tmp_path / "copy"
    clock = FakeClock()
    async with open_store(folder / "store.db", clock) as store:
        await store.batch("c", "p", [Create("before", {})], operation="1")
        for name in ("state/a.tfstate", "state/.a.lock.info", "artifacts/key", "work/x"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(name)
        assert await backup(Settings(store=folder), to, StringIO()) == 0
        await store.batch("c", "p", [Create("after", {})], operation="2")
    copied = {str(one.relative_to(to)) for one in to.rglob("*") if one.is_file()}
    assert copied == {"store.db", "state/a.tfstate", "artifacts/key"}
    assert [oct(one.stat().st_mode & 0o777) for one in (to, to / "store.db")] == ["0o700", "0o600"]
    with closing(sqlite3.connect(to / "store.db")) as found:
        assert found.execute("SELECT id FROM documents").fetchall() == [("before",)]


async def test_the_keys_that_were_made_here_come_along_and_stay_closed(tmp_path: Path) -> None:
    folder, to = tmp_path / "store", tmp_path / "copy"
    slack: dict[str, Any] = {"slack_client_id": "1", "slack_client_secret": "s", "slack_teams": "T"}
    made = Settings(store=folder, slack_signing_secret="s" * 32, public_url="https://a", **slack)
    async with open_store(folder / "store.db", FakeClock()):
        links, sealing = pages_config(made).link_key, slack_config(made).sealing_key
        await backup(made, to, StringIO())
    again = replace(made, store=to)
    assert (pages_config(again).link_key, slack_config(again).sealing_key) == (links, sealing)
    assert {one.name: one.stat().st_mode & 0o777 for one in to.glob("*.key")} == {
        "link.key": 0o600,
        "slack.key": 0o600,
    }


@pytest.mark.parametrize(
    ("settings", "to", "why"),
    [
        ({}, "copy", "there is no store in"),
        ({"cosmos_url": "https://a"}, "copy", "keeps its own backup"),
    ],
)
async def test_what_cannot_be_copied_is_refused(
    settings: dict[str, str], to: str, why: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=why):
        await backup(Settings(store=tmp_path / "s", **settings), tmp_path / to, StringIO())  # type: ignore[arg-type]


async def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    async with open_store(tmp_path / "s" / "store.db", FakeClock()):
        with pytest.raises(UserError, match="mine' is there already"):
            await backup(Settings(store=tmp_path / "s"), tmp_path / "mine", StringIO())


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("s/copy", "copy' is in the store folder itself"),
        ("link/copy", "copy' is in the store folder itself"),
        ("file/copy", "copy' cannot be made: Not a directory; name another folder"),
    ],
)
async def test_where_no_copy_can_be_is_named(to: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("s")
    async with open_store(tmp_path / "s" / "store.db", FakeClock()):
        with pytest.raises(UserError, match=why):
            await backup(Settings(store=tmp_path / "s"), tmp_path / to, StringIO())
    assert not (tmp_path / to).exists()
