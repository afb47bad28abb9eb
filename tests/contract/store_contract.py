"""What every `Store` promises. A subclass gives the fixtures `store`, and `clock` that it obeys."""

import asyncio
from collections.abc import Iterable

import pytest

from orchestration.errors import PermanentError
from orchestration.paging import all_waiting
from orchestration.ports import (
    OVERWRITTEN,
    Conflict,
    Create,
    Delete,
    ETag,
    NotFound,
    Put,
    Replace,
    Stale,
    Store,
    StoreError,
    Write,
)
from tests.clock import FakeClock

ODD_PARTITIONS = ("ü ✓", "日本", "a/b\\c?d#e", "'; DROP TABLE d; --", "%_*", " ", "🦊", "a\x00b")


async def create(store: Store, id: str, body: dict[str, object], **more: int) -> ETag:
    (etag,) = await store.batch("c", "p", [Create(id, body, **more)], operation=f"create {id}")
    assert etag
    return etag


async def body(store: Store, id: str) -> object:
    return (await store.get("c", "p", id)).body


async def ids(store: Store, **options: object) -> list[str]:
    """All pages of a `find`, one after the other."""
    found: list[str] = []
    cursor = None
    while True:
        page = await store.find("c", "p", cursor=cursor, **options)  # type: ignore[arg-type]
        found += [document.id for document in page.documents]
        cursor = page.cursor
        if cursor is None:
            return found


class StoreContract:
    async def test_what_was_created_is_read_back(self, store: Store) -> None:
        value = {"s": "日本", "n": 1.5, "b": True, "z": None, "l": [1, {"a": []}], "big": 2**53}
        etag = await create(store, "x", value)
        document = await store.get("c", "p", "x")
        assert (document.id, document.body, document.etag) == ("x", value, etag)

    async def test_containers_and_partitions_are_apart(self, store: Store) -> None:
        await create(store, "x", {"n": 1})
        await store.batch("c", "q", [Create("x", {"n": 2})], operation="create x")
        await store.batch("d", "p", [Create("x", {"n": 3})], operation="create x")
        assert await body(store, "x") == {"n": 1}
        assert (await store.get("c", "q", "x")).body == {"n": 2}

    async def test_what_exists_is_not_created_again(self, store: Store) -> None:
        await create(store, "x", {"n": 1})
        with pytest.raises(Conflict, match="c/p/x"):
            await store.batch("c", "p", [Create("x", {"n": 2})], operation="again")
        assert await body(store, "x") == {"n": 1}

    @pytest.mark.parametrize("write", [Replace("x", {}, ETag("1")), Delete("x"), None])
    async def test_what_is_missing_is_named(self, store: Store, write: Write | None) -> None:
        with pytest.raises(NotFound, match="c/p/x"):
            if write:
                await store.batch("c", "p", [write], operation="o")
            else:
                await store.get("c", "p", "x")

    async def test_a_replace_needs_the_version_that_was_read(self, store: Store) -> None:
        first = await create(store, "x", {"n": 1})
        (second,) = await store.batch("c", "p", [Replace("x", {"n": 2}, first)], operation="2")
        assert second not in (None, first)
        with pytest.raises(Stale, match="c/p/x"):
            await store.batch("c", "p", [Replace("x", {"n": 3}, first)], operation="3")
        assert await body(store, "x") == {"n": 2}

    async def test_a_delete_can_need_the_version_that_was_read(self, store: Store) -> None:
        first = await create(store, "x", {"n": 1})
        (second,) = await store.batch("c", "p", [Put("x", {"n": 2})], operation="2")
        with pytest.raises(Stale):
            await store.batch("c", "p", [Delete("x", first)], operation="3")
        assert await store.batch("c", "p", [Delete("x", second)], operation="4") == (None,)
        with pytest.raises(NotFound):
            await store.get("c", "p", "x")

    async def test_a_version_never_comes_back(self, store: Store) -> None:
        first = await create(store, "x", {})
        await store.batch("c", "p", [Delete("x")], operation="2")
        await store.batch("c", "p", [Create("x", {})], operation="3")
        with pytest.raises(Stale):
            await store.batch("c", "p", [Replace("x", {}, first)], operation="4")

    async def test_a_batch_happens_as_a_whole(self, store: Store) -> None:
        head = await create(store, "head", {"n": 1})
        await create(store, "old", {})
        writes = [Replace("head", {"n": 2}, head), Create("a", {}), Put("b", {}), Delete("old")]
        etags = await store.batch("c", "p", writes, operation="all")
        assert [etag is None for etag in etags] == [False, False, False, True]
        assert await ids(store) == ["a", "b", "head"]

    @pytest.mark.parametrize(
        "bad", [Create("x", {}), Replace("x", {}, ETag("old")), Delete("y"), Delete("x", ETag("o"))]
    )
    async def test_a_batch_that_fails_leaves_nothing(self, store: Store, bad: Write) -> None:
        await create(store, "x", {"n": 1})
        with pytest.raises(StoreError):
            await store.batch("c", "p", [Create("a", {}), Put("b", {}), bad], operation="bad")
        assert await ids(store) == ["x"]
        assert await body(store, "x") == {"n": 1}
        await store.batch("c", "p", [Create("a", {})], operation="bad")
        assert await ids(store) == ["a", "x"]

    async def test_one_failing_batch_does_not_touch_its_neighbours(self, store: Store) -> None:
        async def put(n: int) -> None:
            bad: list[Write] = [Delete("missing")] if n % 2 else []
            await store.batch("c", "p", [Create(f"{n:02}", {}), *bad], operation=f"{n}")

        answers = await asyncio.gather(*map(put, range(40)), return_exceptions=True)
        assert [isinstance(answer, NotFound) for answer in answers] == [False, True] * 20
        assert await ids(store) == [f"{n:02}" for n in range(0, 40, 2)]

    async def test_a_repeated_operation_changes_nothing(
        self, store: Store, clock: FakeClock
    ) -> None:
        old = await create(store, "old", {})
        writes = [Create("x", {"n": 1}), Put("y", {}), Delete("old", old)]
        first = await store.batch("c", "p", writes, operation="once")
        clock.advance(24 * 3600)
        assert await store.batch("c", "p", writes, operation="once") == first
        assert await ids(store) == ["x", "y"]

    async def test_what_was_changed_since_is_known_to_be(self, store: Store) -> None:
        head = await create(store, "head", {"n": 1})
        writes = [Replace("head", {"n": 2}, head), Create("x", {})]
        _, made = await store.batch("c", "p", writes, operation="once")
        await store.batch("c", "p", [Put("head", {"n": 3})], operation="other")
        assert await store.batch("c", "p", writes, operation="once") == (OVERWRITTEN, made)
        assert await body(store, "head") == {"n": 3}
        with pytest.raises(Stale):
            late = Replace("head", {"n": 4}, OVERWRITTEN)
            await store.batch("c", "p", [late], operation="late")

    async def test_operations_repeated_at_once_happen_once(self, store: Store) -> None:
        async def once() -> object:
            return await store.batch("c", "p", [Create("x", {})], operation="once")

        assert len(set(await asyncio.gather(*(once() for _ in range(20))))) == 1

    async def test_an_operation_belongs_to_its_partition(self, store: Store) -> None:
        for partition in "pq":
            await store.batch("c", partition, [Create("x", {})], operation="once")
        assert (await store.get("c", "q", "x")).body == {}

    async def test_a_session_sees_what_it_has_written(self, store: Store) -> None:
        assert not (await store.find("c", "p", session=True)).documents
        for number in range(3):
            await store.batch("c", "p", [Create(f"{number}", {})], operation=f"{number}")
            page = await store.find("c", "p", session=True)
            assert [one.id for one in page.documents] == [f"{n}" for n in range(number + 1)]
        await store.batch("c", "p", [Delete("1")], operation="gone")
        page = await store.find("c", "p", session=True, descending=True)
        assert [one.id for one in page.documents] == ["2", "0"]

    @pytest.mark.parametrize("descending", [False, True])
    async def test_pages_come_in_order_of_id(self, store: Store, descending: bool) -> None:
        names = [f"{n:03}" for n in range(25)]
        await store.batch("c", "p", [Create(name, {}) for name in names], operation="all")
        await store.batch("c", "q", [Create("999", {})], operation="all")
        page = await store.find("c", "p", limit=25, descending=descending)
        assert page.cursor is None
        found = await ids(store, limit=10, descending=descending)
        assert found == sorted(names, reverse=descending)

    async def test_ids_are_ordered_by_their_bytes(self, store: Store) -> None:
        names: Iterable[str] = ["B", "a", "~", "a1", "a!", "a:", "a.", "a-", "_", "@", "%", "+"]
        await store.batch("c", "p", [Create(name, {}) for name in names], operation="all")
        assert await ids(store) == sorted(names, key=str.encode)

    @pytest.mark.parametrize(
        ("prefix", "found"),
        [
            ("a", ["a", "a!", "a:1", "a:2"]),
            ("a:", ["a:1", "a:2"]),
            ("~", ["~", "~~"]),
            ("%", []),
            ("_", []),
            ("A", []),
        ],
    )
    async def test_a_prefix_is_taken_literally(
        self, store: Store, prefix: str, found: list[str]
    ) -> None:
        names = ["a", "a:1", "a:2", "a!", "b", "~", "~~"]
        await store.batch("c", "p", [Create(name, {}) for name in names], operation="all")
        assert await ids(store, prefix=prefix) == found
        assert await ids(store, prefix=prefix, descending=True, limit=1) == found[::-1]

    async def test_pages_skip_and_repeat_nothing_while_others_write(self, store: Store) -> None:
        await store.batch("c", "p", [Create(f"{n}", {}) for n in range(6)], operation="all")
        first = await store.find("c", "p", limit=3)
        await store.batch("c", "p", [Delete("2"), Delete("1"), Create("00", {})], operation="o")
        rest = await store.find("c", "p", limit=3, cursor=first.cursor)
        assert [document.id for document in rest.documents] == ["3", "4", "5"]

    async def test_a_list_goes_on_after_an_id_that_is_not_there(self, store: Store) -> None:
        writes = [Create(id, {}) for id in ("a:1", "a:2", "a:4", "b:1")]
        await store.batch("c", "p", writes, operation="o")
        after = await store.find("c", "p", prefix="a:", cursor="a:3")
        assert [document.id for document in after.documents] == ["a:4"]
        before = await store.find("c", "p", prefix="a:", cursor="a:3", descending=True)
        assert [document.id for document in before.documents] == ["a:2", "a:1"]
        rest = await store.find("c", "p", prefix="a:", cursor="a:4")
        assert (rest.documents, rest.cursor) == ((), None)

    async def test_a_document_expires_on_time(self, store: Store, clock: FakeClock) -> None:
        etag = await create(store, "x", {}, ttl_s=10)
        await create(store, "y", {})
        clock.advance(9.9)
        assert await ids(store) == ["x", "y"]
        clock.advance(0.1)
        assert await ids(store) == ["y"]
        with pytest.raises(NotFound):
            await store.get("c", "p", "x")
        with pytest.raises(NotFound):
            await store.batch("c", "p", [Replace("x", {}, etag)], operation="late")
        await store.batch("c", "p", [Create("x", {"again": True})], operation="new")
        clock.advance(1e6)
        assert await body(store, "x") == {"again": True}

    async def test_a_later_write_sets_the_expiry_anew(self, store: Store, clock: FakeClock) -> None:
        etag = await create(store, "x", {}, ttl_s=10)
        await store.batch("c", "p", [Replace("x", {}, etag, ttl_s=100)], operation="longer")
        clock.advance(50)
        await store.batch("c", "p", [Put("x", {})], operation="for ever")
        clock.advance(1e6)
        assert await body(store, "x") == {}

    async def test_of_sixty_racing_writers_one_wins(self, store: Store) -> None:
        etag = await create(store, "x", {"n": -1})

        async def race(n: int) -> int | None:
            try:
                await store.batch("c", "p", [Replace("x", {"n": n}, etag)], operation=f"{n}")
            except Stale:
                return None
            return n

        (winner,) = [n for n in await asyncio.gather(*map(race, range(60))) if n is not None]
        assert await body(store, "x") == {"n": winner}

    @pytest.mark.parametrize("partition", ODD_PARTITIONS)
    async def test_partitions_may_hold_any_character(self, store: Store, partition: str) -> None:
        writes = [Create("x", {"p": partition}, waits="you")]
        await store.batch("c", partition, writes, operation=partition)
        assert (await store.get("c", partition, "x")).body == {"p": partition}
        page = await store.find("c", partition, prefix="x")
        assert [document.id for document in page.documents] == ["x"]
        assert await all_waiting(store, "c", "you") == (partition,)

    @pytest.mark.parametrize("id", ["", "x" * 256, "a/b", "a\\b", "a?b", "a#b", "é", "a b", "\n"])
    async def test_impossible_ids_are_refused(self, store: Store, id: str) -> None:
        with pytest.raises(PermanentError):
            await create(store, id, {})
        with pytest.raises(PermanentError):
            await store.get("c", "p", id)

    async def test_what_waits_is_found_over_all_partitions(
        self, store: Store, clock: FakeClock
    ) -> None:
        for partition in ("p", "q", "r"):
            writes = [Create("a", {}, waits="in"), Create("b", {}, waits="in"), Create("c", {})]
            await store.batch("c", partition, writes, operation="o")
        await store.batch("c", "s", [Put("a", {}, waits="out")], operation="o")
        await store.batch("d", "t", [Put("a", {}, waits="in", ttl_s=10)], operation="o")
        assert sorted(await all_waiting(store, "c", "in")) == ["p", "q", "r"]
        assert await all_waiting(store, "c", "out") == ("s",)
        assert await all_waiting(store, "d", "in") == ("t",)
        assert await all_waiting(store, "c", "nothing") == ()

    async def test_all_that_waits_is_found_in_pages(self, store: Store) -> None:
        for n in range(25):
            writes = [Create(id, {}, waits="in") for id in ("a", "b")]
            await store.batch("c", f"p{n:02}", writes, operation="o")
        found, cursor = list[str](), None
        while True:
            page = await store.waiting("c", "in", cursor=cursor, limit=4)
            assert len(page.found) <= 4
            found += page.found
            cursor = page.cursor
            if cursor is None:
                break
        assert sorted(set(found)) == [f"p{n:02}" for n in range(25)]

    async def test_what_waits_no_more_is_not_found(self, store: Store, clock: FakeClock) -> None:
        etag = await create(store, "a", {})
        (etag,) = await store.batch(  # type: ignore[assignment]
            "c", "p", [Replace("a", {}, etag, waits="in")], operation="2"
        )
        assert await all_waiting(store, "c", "in") == ("p",)
        await store.batch("c", "p", [Replace("a", {}, etag)], operation="3")
        assert await all_waiting(store, "c", "in") == ()
        await store.batch("c", "q", [Create("a", {}, waits="in")], operation="4")
        await store.batch("c", "q", [Delete("a")], operation="5")
        await store.batch("c", "r", [Create("a", {}, waits="in", ttl_s=5)], operation="6")
        clock.advance(5)
        assert await all_waiting(store, "c", "in") == ()

    async def test_one_document_of_every_partition_is_found(self, store: Store) -> None:
        for n in range(25):
            writes = [Create("head", {"n": n}), Create("part", {})]
            await store.batch("c", f"p{n:02}", writes, operation="o")
        await store.batch("c", "headless", [Create("part", {})], operation="o")
        found, cursor = [], None
        while True:
            page = await store.everywhere("c", "head", cursor=cursor, limit=10)
            found += [document.body["n"] for document in page.documents]
            cursor = page.cursor
            if cursor is None:
                break
        assert sorted(found) == list(range(25))

    @pytest.mark.parametrize("value", [{"n": float("nan")}, {"b": b"x"}, {"s": "\ud800"}])
    async def test_what_is_not_json_is_refused(
        self, store: Store, value: dict[str, object]
    ) -> None:
        with pytest.raises(PermanentError, match="c/p/x"):
            await create(store, "x", value)

    async def test_a_document_has_at_most_a_million_bytes(self, store: Store) -> None:
        most = 1_000_000 - len(b'{"s":""}')
        await create(store, "x", {"s": "x" * most})
        with pytest.raises(PermanentError, match="c/p/y: 1000001 bytes, at most 1000000"):
            await create(store, "y", {"s": "x" * (most + 1)})
        big = [Put(f"{n}", {"s": "x" * 900_000}) for n in range(3)]
        with pytest.raises(PermanentError, match="at most 2000000"):
            await store.batch("c", "p", big, operation="too big")

    async def test_a_batch_has_at_most_a_hundred_writes(self, store: Store) -> None:
        writes = [Put(f"{n}", {}) for n in range(101)]
        with pytest.raises(PermanentError, match="101 writes"):
            await store.batch("c", "p", writes, operation="o")
        with pytest.raises(PermanentError, match="0 writes"):
            await store.batch("c", "p", [], operation="o")
        with pytest.raises(PermanentError, match="two writes of one document"):
            await store.batch("c", "p", [Put("a", {}), Delete("a")], operation="o")
        assert len(await store.batch("c", "p", writes[:100], operation="o")) == 100

    async def test_a_caller_that_goes_away_harms_nobody(self, store: Store) -> None:
        tasks = [
            asyncio.create_task(store.batch("c", "p", [Create(f"{n}", {})], operation=f"{n}"))
            for n in range(20)
        ]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert set(await ids(store)) >= {f"{n}" for n in range(1, 20, 2)}
        for n in range(20):
            await store.batch("c", "p", [Create(f"{n}", {})], operation=f"{n}")
        assert len(await ids(store)) == 20
