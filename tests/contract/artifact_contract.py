"""What every `ArtifactStore` promises. A subclass gives the fixture `artifacts`."""

import asyncio

import pytest

from orchestration.errors import PermanentError
from orchestration.ports import ArtifactStore, Conflict, NotFound
from tests.clock import FakeClock

PLAN = b"\x00plan" * 50_000


class ArtifactContract:
    @pytest.mark.parametrize("content", [b"", b"x", PLAN])
    async def test_what_was_put_is_got(self, artifacts: ArtifactStore, content: bytes) -> None:
        await artifacts.put("d-1/network/plan.bin", content)
        assert await artifacts.get("d-1/network/plan.bin") == content

    async def test_they_are_there(self, artifacts: ArtifactStore) -> None:
        await artifacts.check()

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

    async def test_of_racing_puts_of_the_same_all_win(self, artifacts: ArtifactStore) -> None:
        await asyncio.gather(*(artifacts.put("a", PLAN, ttl_s=n) for n in range(10, 22)))
        assert await artifacts.get("a") == PLAN

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
        [
            "",
            "/",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "a/",
            ".",
            "..",
            ".new-1",
            "a/.b",
            "a.",
        ],
    )
    async def test_a_name_cannot_leave_the_store(self, artifacts: ArtifactStore, name: str) -> None:
        await self.refuses(artifacts, name)

    @pytest.mark.parametrize(
        "name", ["a.", "a\\b", "a\x00", "a b", "é", "a/b\n", "x" * 513, "y" * 201]
    )
    async def test_a_name_is_plain(self, artifacts: ArtifactStore, name: str) -> None:
        await self.refuses(artifacts, name)

    async def refuses(self, artifacts: ArtifactStore, name: str) -> None:
        with pytest.raises(PermanentError):
            await artifacts.put(name, b"x")
        with pytest.raises(PermanentError):
            await artifacts.get(name)
