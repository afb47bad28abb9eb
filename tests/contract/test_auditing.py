"""`signoff audit` reads who signed in as well, from the store that the pages write to."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from approvals.principals import PrincipalId
from bot.auditing import audit
from bot.parts import opened
from bot.settings import Settings
from bot.web.sessions import CONTAINER
from bot.web.sign_ins import SignIns
from orchestration import records
from orchestration.errors import UserError
from orchestration.index import CONTAINER as LISTS
from orchestration.ports import Delete, Replace
from tests.doubles.house import ORGANISATION, draft, house

_MORE_THAN_A_PAGE = 101


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(store=tmp_path)


async def signing_in(settings: Settings) -> None:
    async with opened(settings) as parts:
        record = SignIns(parts.store, parts.clock, settings.organisation)
        await record.signed_in(PrincipalId("omar"), "entra")
        await record.refused("entra", "nobody here has that address")
        await record.signed_out(PrincipalId("omar"))


async def audited(settings: Settings, of: str | None = "sign-ins", **how: bool) -> tuple[int, str]:
    out = io.StringIO()
    given: dict[str, Any] = {"verify": False, "as_json": False, **how}
    return await audit(settings, of, out=out, **given), out.getvalue()


@pytest.mark.parametrize("of", ["sign-ins", None])
async def test_who_signed_in_and_who_was_refused_is_written(
    settings: Settings, of: str | None
) -> None:
    await signing_in(settings)
    code, text = await audited(settings, of)
    lines = text.splitlines()
    assert code == 0
    assert "omar signed in contoso (by=entra)" in lines[0]
    assert "signoff sign-in refused contoso (by=entra, why=nobody here" in lines[1]
    assert "omar signed out contoso" in lines[2]
    assert lines[3] == "sign-ins: 3 events, the chain is whole"


async def test_as_json_it_is_one_object_with_the_last_hash(settings: Settings) -> None:
    await signing_in(settings)
    record = json.loads((await audited(settings, as_json=True))[1])
    assert (record["record"], record["intact"]) == ("sign-ins", True)
    assert record["events"][-1]["hash"].startswith("sha256:")


async def test_all_are_all_that_there_are_whatever_the_lists_say(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ids = []
        for _ in range(_MORE_THAN_A_PAGE):
            ids.append(await home.submit(draft("storage")))
            home.clock.advance(1)
        for line in (await home.store.find(LISTS, ORGANISATION, limit=1000)).documents:
            gone = Delete(line.id)
            await home.store.batch(LISTS, ORGANISATION, [gone], operation=f"losing {line.id}")
    ours = Settings(store=tmp_path, organisation=ORGANISATION, prices_live=False)
    code, text = await audited(ours, None, verify=True)
    assert code == 0
    assert text == "".join(f"{id}: 1 events, the chain is whole\n" for id in ids)
    assert await audited(replace(ours, organisation="other"), None) == (0, "")


async def test_one_broken_chain_among_whole_ones_is_said_with_exit_code_1(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ids = [await home.submit(draft("storage")) for _ in range(3)]
        head = await home.store.get(records.CONTAINER, ids[1], "d:head")
        cut = Replace("d:head", {**head.body, "chain_head": "sha256:0"}, head.etag)
        await home.store.batch(records.CONTAINER, ids[1], [cut], operation="meddling")
    ours = Settings(store=tmp_path, organisation=ORGANISATION, prices_live=False)
    code, text = await audited(ours, None, verify=True)
    said = {line.partition(":")[0]: line for line in text.splitlines()}
    assert code == 1
    assert {id for id in ids if "is whole" in said[id]} == {ids[0], ids[2]}
    assert await audited(ours, ids[0], verify=True) == (0, f"{said[ids[0]]}\n")


async def test_what_does_not_exist_is_said(settings: Settings) -> None:
    with pytest.raises(UserError, match="there is no deployment 'd-gone'"):
        await audited(settings, "d-gone")


@pytest.mark.parametrize("cut", ["altered", "removed"])
async def test_what_was_meddled_with_is_said_with_exit_code_1(settings: Settings, cut: str) -> None:
    await signing_in(settings)
    async with opened(settings) as parts:
        where = (CONTAINER, settings.organisation)
        name = "audit:00000001" if cut == "altered" else "head"
        found = await parts.store.get(*where, name)
        changed = {"actor": "mia"} if cut == "altered" else {"last": "0" * 64}
        write = Replace(name, {**found.body, **changed}, found.etag)
        await parts.store.batch(*where, [write], operation="meddling")
    code, text = await audited(settings, verify=True)
    assert code == 1
    assert text.startswith("sign-ins: entry ")


async def test_where_nobody_signed_in_all_records_are_none(settings: Settings) -> None:
    assert await audited(settings, None) == (0, "")
    assert await audited(settings) == (0, "sign-ins: 0 events, the chain is whole\n")
