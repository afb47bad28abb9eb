"""The contract on a folder, and what only files and their key can suffer."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestration.adapters.folder import FolderArtifacts, open_folder
from orchestration.adapters.key_file import KeyFile, made_if_missing, rotate
from orchestration.adapters.sealing import Sealer
from orchestration.errors import PermanentError
from orchestration.ports import ArtifactStore, Conflict
from tests.clock import FakeClock
from tests.contract.artifact_contract import ArtifactContract


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    return made_if_missing(tmp_path / "master.key")


@pytest.fixture
async def artifacts(
    tmp_path: Path, keys: KeyFile, clock: FakeClock
) -> AsyncIterator[FolderArtifacts]:
    async with open_folder(tmp_path / "artifacts", keys, clock) as opened:
        yield opened


class TestFolderArtifacts(ArtifactContract):
    pass


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_the_disk_holds_no_readable_byte_of_it(
    artifacts: ArtifactStore, tmp_path: Path
) -> None:
    await artifacts.put("a/b", b"password=hunter2" * 10)
    await artifacts.put("a/c", b"password=hunter2" * 10)
    assert not any(b"hunter2" in path.read_bytes() for path in files(tmp_path))
    one, two, key = files(tmp_path)
    assert one.read_bytes()[20:] != two.read_bytes()[20:]
    assert (key.name, key.stat().st_mode & 0o777) == ("master.key", 0o600)


async def test_a_touched_file_is_not_believed(artifacts: ArtifactStore, tmp_path: Path) -> None:
    await artifacts.put("a", b"content")
    await artifacts.put("b", b"content")
    path = tmp_path / "artifacts" / "files" / "a"
    good = path.read_bytes()
    for bad in (good[:-1], good[:30], b"", b"XXXX" + good[4:], good[:-1] + bytes([good[-1] ^ 1])):
        path.write_bytes(bad)
        os.utime(path, (4e9, 4e9))
        with pytest.raises(PermanentError, match="damaged"):
            await artifacts.get("a")
    path.write_bytes((path.parent / "b").read_bytes())
    os.utime(path, (4e9, 4e9))
    with pytest.raises(PermanentError, match="damaged"):
        await artifacts.get("a")


async def test_the_sweep_removes_what_expired_and_what_a_crash_left(
    artifacts: FolderArtifacts, clock: FakeClock, tmp_path: Path
) -> None:
    await artifacts.put("a/b", b"1", ttl_s=0)
    await artifacts.put("c", b"2")
    left = tmp_path / "artifacts" / "files" / "a" / ".new-1234"
    left.write_bytes(b"half")
    clock.advance(left.stat().st_ctime - clock.now().timestamp() + 60)
    assert await artifacts.sweep() == 1
    clock.advance(3600)
    assert await artifacts.sweep() == 1
    assert [path.name for path in files(tmp_path)] == ["c", "master.key"]


async def test_a_name_is_a_file_or_a_folder(artifacts: ArtifactStore) -> None:
    await artifacts.put("a/b", b"x")
    for name in ("a", "a/b/c"):
        with pytest.raises(Conflict):
            await artifacts.put(name, b"x")


async def test_of_processes_that_make_the_key_at_once_one_wins(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "keys" / "master.key"
    rings = await asyncio.gather(*(asyncio.to_thread(made_if_missing, path) for _ in range(8)))
    first, *others = [FolderArtifacts(tmp_path, keys, clock) for keys in rings]
    await first.put("a", b"1")
    assert {await other.get("a") for other in others} == {b"1"}


async def test_a_rotated_key_seals_what_is_new_and_opens_what_is_old(
    artifacts: ArtifactStore, tmp_path: Path
) -> None:
    await artifacts.put("old", b"1")
    key = rotate(tmp_path / "master.key")
    await artifacts.put("new", b"2")
    assert (await artifacts.get("old"), await artifacts.get("new")) == (b"1", b"2")
    await artifacts.put("old", b"1")
    stored = {path.name: path.read_bytes() for path in files(tmp_path / "artifacts")}
    assert (key.encode() in stored["new"], key.encode() in stored["old"]) == (True, False)


async def test_keys_added_at_the_same_time_are_all_kept(tmp_path: Path, keys: KeyFile) -> None:
    path = tmp_path / "master.key"
    added = await asyncio.gather(*(asyncio.to_thread(rotate, path) for _ in range(8)))
    assert path.stat().st_size == 9 * 32
    assert added


async def test_what_a_lost_key_has_sealed_says_which_key_that_was(
    artifacts: ArtifactStore, tmp_path: Path
) -> None:
    key = rotate(tmp_path / "master.key")
    await artifacts.put("a", b"1")
    (tmp_path / "master.key").write_bytes((tmp_path / "master.key").read_bytes()[:32])
    with pytest.raises(PermanentError, match=key):
        await artifacts.get("a")


async def test_what_was_sealed_before_keys_had_ids_still_opens(
    artifacts: ArtifactStore, tmp_path: Path
) -> None:
    await artifacts.put("a", b"made for its path and its time")
    [path] = files(tmp_path / "artifacts")
    path.write_bytes(Sealer((tmp_path / "master.key").read_bytes()).seal("a", b"before"))
    os.utime(path, (4e9, 4e9))
    rotate(tmp_path / "master.key")
    assert await artifacts.get("a") == b"before"
    path.write_bytes(Sealer(b"k" * 32).seal("a", b"before"))
    os.utime(path, (4e9, 4e9))
    with pytest.raises(PermanentError, match="damaged"):
        await artifacts.get("a")


@pytest.mark.parametrize(
    ("key", "mode", "why"),
    [(b"x", 0o600, "1 bytes"), (b"", 0o600, "0 bytes"), (b"x" * 32, 0o644, "chmod")],
)
def test_a_key_that_cannot_be_trusted_is_refused(
    tmp_path: Path, key: bytes, mode: int, why: str
) -> None:
    (tmp_path / "master.key").write_bytes(key)
    (tmp_path / "master.key").chmod(mode)
    for use in (made_if_missing, rotate):
        with pytest.raises(PermanentError, match=why):
            use(tmp_path / "master.key")


async def test_a_folder_that_cannot_be_made_is_refused(
    tmp_path: Path, keys: KeyFile, clock: FakeClock
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PermanentError, match="opening the artifacts"):
        async with open_folder(tmp_path / "file", keys, clock):
            pass
    with pytest.raises(PermanentError, match=r"making the master key '.*': Not a directory"):
        made_if_missing(tmp_path / "file" / "artifacts" / "master.key")
