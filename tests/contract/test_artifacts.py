"""The contract on a folder, and what only files can suffer."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestration.adapters.folder import FolderArtifacts, open_folder
from orchestration.errors import PermanentError
from orchestration.ports import ArtifactStore
from tests.clock import FakeClock
from tests.contract.artifact_contract import ArtifactContract


@pytest.fixture
async def artifacts(tmp_path: Path, clock: FakeClock) -> AsyncIterator[FolderArtifacts]:
    async with open_folder(tmp_path / "artifacts", clock) as opened:
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


async def test_another_process_reads_it_with_the_same_key(tmp_path: Path, clock: FakeClock) -> None:
    opened = [asyncio.to_thread(FolderArtifacts, tmp_path, clock) for _ in range(8)]
    first, *others = await asyncio.gather(*opened)
    await first.put("a", b"1")
    assert {await other.get("a") for other in others} == {b"1"}


@pytest.mark.parametrize(
    ("key", "mode", "why"), [(b"x", 0o600, "1 bytes"), (b"x" * 32, 0o644, "chmod")]
)
async def test_a_key_that_cannot_be_trusted_is_refused(
    tmp_path: Path, clock: FakeClock, key: bytes, mode: int, why: str
) -> None:
    (tmp_path / "master.key").write_bytes(key)
    (tmp_path / "master.key").chmod(mode)
    with pytest.raises(PermanentError, match=why):
        async with open_folder(tmp_path, clock):
            pass


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PermanentError, match="opening the artifacts"):
        async with open_folder(tmp_path / "file", clock):
            pass
