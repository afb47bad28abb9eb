"""What every `ArtifactStore` promises, on the folder; and what only a folder can suffer."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestration.adapters.folder import FolderArtifacts, open_folder
from orchestration.errors import PermanentError
from orchestration.ports import ArtifactStore, Conflict, NotFound
from tests.clock import FakeClock

PLAN = b"\x00plan" * 50_000


@pytest.fixture
async def artifacts(tmp_path: Path, clock: FakeClock) -> AsyncIterator[FolderArtifacts]:
    async with open_folder(tmp_path / "artifacts", clock) as opened:
        yield opened


class TestArtifactStore:
    @pytest.mark.parametrize("content", [b"", b"x", PLAN])
    async def test_what_was_put_is_got(self, artifacts: ArtifactStore, content: bytes) -> None:
        await artifacts.put("d-1/network/plan.bin", content)
        assert await artifacts.get("d-1/network/plan.bin") == content

    async def test_what_was_never_put_is_not_found(self, artifacts: ArtifactStore) -> None:
        await artifacts.put("a/b", b"x")
        for name in ("x", "a", "a/b/c"):
            with pytest.raises(NotFound, match=repr(name)):
                await artifacts.get(name)

    async def test_the_same_again_is_a_no_op(self, artifacts: ArtifactStore) -> None:
        await artifacts.put("a/plan", PLAN)
        await artifacts.put("a/plan", PLAN)
        assert await artifacts.get("a/plan") == PLAN

    async def test_a_name_keeps_its_content(self, artifacts: ArtifactStore) -> None:
        await artifacts.put("a/plan", PLAN)
        with pytest.raises(Conflict, match="a/plan"):
            await artifacts.put("a/plan", PLAN + b"x")
        assert await artifacts.get("a/plan") == PLAN

    async def test_of_racing_contents_one_wins(self, artifacts: ArtifactStore) -> None:
        contents = [bytes([n]) * 1000 for n in range(12)]
        puts = (artifacts.put("a", content) for content in contents)
        answers = await asyncio.gather(*puts, return_exceptions=True)
        (winner,) = [n for n, answer in enumerate(answers) if answer is None]
        assert all(isinstance(answer, Conflict) for answer in answers if answer)
        assert await artifacts.get("a") == contents[winner]

    async def test_it_expires_on_time(self, artifacts: ArtifactStore, clock: FakeClock) -> None:
        await artifacts.put("a", b"1", ttl_s=10)
        await artifacts.put("b", b"2")
        clock.advance(9)
        assert await artifacts.get("a") == b"1"
        clock.advance(1)
        with pytest.raises(NotFound, match="expired"):
            await artifacts.get("a")
        await artifacts.put("a", b"other", ttl_s=10)
        assert (await artifacts.get("a"), await artifacts.get("b")) == (b"other", b"2")

    async def test_putting_it_again_never_shortens_its_life(
        self, artifacts: ArtifactStore, clock: FakeClock
    ) -> None:
        await artifacts.put("a", b"1", ttl_s=10)
        await artifacts.put("a", b"1", ttl_s=100)
        await artifacts.put("a", b"1", ttl_s=1)
        clock.advance(99)
        assert await artifacts.get("a") == b"1"

    @pytest.mark.parametrize(
        "name",
        ["", "/", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".", "..", ".new-1", "a/.b"],
    )
    async def test_a_name_cannot_leave_the_store(self, artifacts: ArtifactStore, name: str) -> None:
        await self.refuses(artifacts, name)

    @pytest.mark.parametrize("name", ["a\\b", "a\x00", "a b", "é", "a/b\n", "x" * 513, "y" * 201])
    async def test_a_name_is_plain(self, artifacts: ArtifactStore, name: str) -> None:
        await self.refuses(artifacts, name)

    async def refuses(self, artifacts: ArtifactStore, name: str) -> None:
        with pytest.raises(PermanentError):
            await artifacts.put(name, b"x")
        with pytest.raises(PermanentError):
            await artifacts.get(name)

    async def test_a_name_is_a_file_or_a_folder(self, artifacts: ArtifactStore) -> None:
        await artifacts.put("a/b", b"x")
        for name in ("a", "a/b/c"):
            with pytest.raises(Conflict):
                await artifacts.put(name, b"x")


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
