"""What one process tells another through the store."""

import asyncio

from orchestration.backlog import Place
from orchestration.news import News
from orchestration.ports import Store

PLACE = Place("deployments", "d-1")


async def _told(news: News, place: Place) -> None:
    before = asyncio.all_tasks()
    news.tell(place)
    await asyncio.gather(*(asyncio.all_tasks() - before))


async def test_a_place_that_was_told_of_is_heard_once(store: Store) -> None:
    worker, chat = News(store), News(store)
    await _told(worker, PLACE)
    assert await chat.heard() == [PLACE]
    assert await chat.heard() == []


async def test_a_place_that_is_told_of_again_is_heard_again(store: Store) -> None:
    worker, chat = News(store), News(store)
    await _told(worker, PLACE)
    await chat.heard()
    await _told(worker, PLACE)
    assert await chat.heard() == [PLACE]


async def test_nothing_is_heard_where_nothing_was_told(store: Store) -> None:
    assert await News(store).heard() == []
