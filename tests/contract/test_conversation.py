"""What a turn leaves behind, and what a repeat of it does."""

from dataclasses import replace

import pytest

from orchestration.draft import Draft
from orchestration.errors import TemporaryError
from orchestration.outbox import CardRef
from orchestration.planner.desk import Answer, Verb
from orchestration.ports import DeploymentId, NotFound
from orchestration.redaction import HIDDEN
from orchestration.sessions import Session, turn_id
from orchestration.standing import standing
from tests.doubles.flaky import FlakyStore
from tests.doubles.house import THREAD, House, draft, said
from tests.doubles.mortal import Died
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


async def test_undo_on_a_card_that_was_submitted_meanwhile_changes_nothing(talk: Talk) -> None:
    await submitted(talk, "storage please")
    draft_then = (await talk.session()).draft
    told = await talk.clicks("ana", "undo")
    assert (await talk.session()).draft == draft_then and draft_then.steps
    assert any("say what to change and submit it again" in str(one) for one in told)


async def test_a_click_on_looks_good_that_comes_after_all_was_submitted_and_has_ended_makes_nothing(
    talk: Talk,
) -> None:
    id = await submitted(talk, "storage please")
    await talk.clicks("ana", "cancel", deployment=id)
    before = await talk.session()
    told = await talk.clicks("ana", "submit", draft=before.draft_key)
    assert (await talk.session()).deployments == before.deployments
    assert any("submitted already" in str(one) for one in told)
    assert await talk.says("ana", "go") == []
    assert len((await talk.session()).deployments) == 2, "who says it means it"


async def test_the_first_card_of_a_request_is_known_to_be_the_first(talk: Talk) -> None:
    firsts: list[bool] = []
    talk.watch = lambda one: firsts.append(one.first) if isinstance(one, CardRef) else None
    for text, wanted in (("one", draft("storage")), ("two", draft("storage", "databricks"))):
        talk.planner.answers[text] = Answer("Here it is.", wanted)
        await talk.says("ana", text)
    await talk.clicks("ana", "discard")
    talk.planner.answers["three"] = Answer("Here it is.", draft("storage"))
    await talk.says("ana", "three")
    assert firsts == [True, False, False, True]


async def test_nothing_is_known_of_the_cards_of_a_session_of_before(talk: Talk) -> None:
    """An older build does not say whether it has shown one."""
    cards: list[CardRef] = []
    talk.watch = lambda one: cards.append(one) if isinstance(one, CardRef) else None
    head = (await talk.heads.look(THREAD)).head
    await talk.heads.save(head, Session(THREAD), [])
    talk.planner.answers["one"] = Answer("Here it is.", draft("storage"))
    await talk.says("ana", "one")
    assert [card.first for card in cards] == [False]


async def test_a_click_about_a_deployment_that_does_not_exist_is_told(talk: Talk) -> None:
    for verb in ("cancel", "retry", "roll_back", "destroy"):
        told = await talk.clicks("ana", verb, deployment="d-000000000000")
        assert any("does not exist" in str(one) for one in told), verb


async def test_a_request_that_was_changed_and_whose_turn_is_repeated_is_changed_once(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = DeploymentId(await submitted(talk, "storage please"))
    changed = replace(draft("storage"), shared=said(team="ml", environment="dev", region="westus2"))
    talk.planner.answers["in West US 2"] = Answer("Changed.", changed)
    await talk.says("ana", "in West US 2")
    store = talk.home.store = FlakyStore(talk.home.store)
    store.fails_at = "hot:out:"
    with pytest.raises(TemporaryError):
        await talk.says("ana", "go")
    store.fails_at = None
    await talk.goes_on()
    assert (await talk.home.actions(id)).count("revised") == 1
    assert (await talk.session()).deployments == (id,)


async def test_how_a_turn_was_answered_is_kept_for_a_while(talk: Talk) -> None:
    call = {"tool": "propose", "arguments": "password=hunter22", "duration_ms": 1.5}
    talk.planner.answers["hi"] = Answer(
        "Hello.", Draft(), service="large (after 429)", tokens=812, audit=(call,)
    )
    await talk.says("ana", "hi")
    event = (await talk.session()).answered
    turn = await talk.home.store.get("threads", THREAD, turn_id(event))
    kept = {key: turn.body[key] for key in ("said", "text", "service", "tokens", "by")}
    assert kept == {
        "said": "hi",
        "text": "Hello.",
        "service": "large (after 429)",
        "tokens": 812,
        "by": "ana",
    }
    hidden = {"tool": "propose", "arguments": f"password={HIDDEN}", "duration_ms": 1.5}
    assert turn.body["tools"] == [hidden]
    talk.home.clock.advance(91 * 24 * 3600)
    with pytest.raises(NotFound):
        await talk.home.store.get("threads", THREAD, turn_id(event))


async def test_a_cancel_that_a_crash_repeats_is_silent(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = DeploymentId(await submitted(talk, "storage please"))
    talk.planner.wish("stop it", Verb.CANCEL)
    with monkeypatch.context() as dying:
        dying.setattr(talk.home.engine, "nudge", dies)
        with pytest.raises(Died):
            await talk.says("ana", "stop it")
    assert standing(await talk.home.get(id)) == "cancelled"
    assert await talk.goes_on() == []
    assert (await talk.home.actions(id)).count("cancelled") == 1
    assert "nothing" in (await talk.says("ana", "stop it"))[0]


async def dies(_: DeploymentId) -> None:
    raise Died
