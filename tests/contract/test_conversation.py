"""What a turn leaves behind, and what a repeat of it does."""

import pytest

from orchestration.planner.desk import Answer, Verb
from orchestration.standing import standing
from tests.doubles.house import House, draft
from tests.doubles.talk import Talk


@pytest.fixture
def talk(home: House) -> Talk:
    return Talk(home)


async def submitted(talk: Talk, text: str) -> str:
    talk.planner.answers[text] = Answer("Here it is.", draft("storage"))
    talk.planner.wish("go", Verb.SUBMIT)
    await talk.says("ana", text)
    await talk.says("ana", "go")
    found = (await talk.session()).deployment
    assert found
    return found


async def test_a_spoken_wish_is_about_the_newest_deployment_whatever_was_clicked_before(
    talk: Talk,
) -> None:
    old = await submitted(talk, "storage please")
    await talk.clicks("ana", "cancel", deployment=old)
    new = await submitted(talk, "another storage please")
    assert new != old
    talk.planner.wish("stop it", Verb.CANCEL)
    assert await talk.says("ana", "stop it") == []
    assert standing(await talk.home.get((await talk.session()).deployments[-1])) == "cancelled"
