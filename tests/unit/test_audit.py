from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.audit import (
    GENESIS,
    Broken,
    Entry,
    Event,
    Intact,
    chain,
    from_json,
    link,
    to_json,
    verify,
)
from approvals.principals import PrincipalId
from tests.clock import START

EVENTS = st.builds(
    Event,
    at=st.datetimes(timezones=st.just(UTC)),
    actor=st.sampled_from(["ana", "ben"]).map(PrincipalId),
    action=st.sampled_from(["approved", "rejected"]),
    subject=st.text("abc/", max_size=4),
    detail=st.dictionaries(st.text("xy", max_size=2), st.integers() | st.text("é", max_size=2)),
)
CHAINS = st.lists(EVENTS, min_size=2, max_size=8).map(chain)


def event(action: str = "approved", **detail: Any) -> Event:
    return Event(START, PrincipalId("ana"), action, "d-1/network", detail)


@given(CHAINS)
def test_an_untouched_chain_is_intact(entries: tuple[Entry, ...]) -> None:
    head = entries[-1].hash
    assert verify(entries) == verify(entries, head=head) == Intact(len(entries), head)


def test_an_empty_chain_ends_at_its_beginning() -> None:
    assert verify([]) == Intact(0, GENESIS)


@given(CHAINS, st.data())
def test_an_altered_event_is_found_where_it_is(
    entries: tuple[Entry, ...], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    old = entries[index].event
    new = data.draw(EVENTS.filter(lambda event: to_json(event) != to_json(old)))
    altered = [*entries]
    altered[index] = replace(altered[index], event=new)
    assert verify(altered) == Broken(index, verify(altered).why)  # type: ignore[union-attr]


@given(CHAINS, st.data())
def test_an_event_altered_with_its_own_hash_breaks_the_next(
    entries: tuple[Entry, ...], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(entries) - 2))
    previous = entries[index - 1].hash if index else GENESIS
    forged = replace(entries[index].event, action="forged")
    altered = [*entries]
    altered[index] = Entry(forged, link(previous, forged))
    verdict = verify(altered)
    assert isinstance(verdict, Broken)
    assert verdict.at_index == index + 1


@given(CHAINS, st.data())
def test_a_removed_entry_is_missed(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 2))
    verdict = verify(entries[:index] + entries[index + 1 :])
    assert isinstance(verdict, Broken)
    assert verdict.at_index == index


@given(CHAINS, EVENTS, st.data())
def test_an_inserted_entry_shows(
    entries: tuple[Entry, ...], new: Event, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    previous = entries[index - 1].hash if index else GENESIS
    inserted = (*entries[:index], Entry(new, link(previous, new)), *entries[index:])
    assert isinstance(verify(inserted), Broken)
    assert isinstance(verify((*entries, entries[-1])), Broken)


@given(CHAINS, st.data())
def test_entries_that_changed_places_show(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    one, two = data.draw(st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2))
    moved = [*entries]
    moved[one], moved[two] = moved[two], moved[one]
    assert isinstance(verify(moved), Intact if one == two else Broken)


@given(CHAINS, st.data())
def test_entries_cut_off_the_end_are_told_by_the_head(
    entries: tuple[Entry, ...], data: st.DataObject
) -> None:
    kept = entries[: data.draw(st.integers(0, len(entries) - 1))]
    assert isinstance(verify(kept), Intact)
    verdict = verify(kept, head=entries[-1].hash)
    assert isinstance(verdict, Broken)
    assert verdict.at_index == len(kept)


@given(EVENTS)
def test_an_event_is_read_back_as_it_was_stored(event: Event) -> None:
    assert from_json(to_json(event)) == event


def test_the_same_moment_in_another_zone_is_the_same_event() -> None:
    there = START.astimezone(timezone(timedelta(hours=5)))
    assert link(GENESIS, event()) == link(GENESIS, replace(event(), at=there))


def test_a_chain_goes_on_where_it_stopped() -> None:
    first, second = event("submitted"), event(n=1.0)
    whole = chain([first, second])
    assert whole == (*chain([first]), *chain([second], after=chain([first])[-1].hash))


def test_the_hash_never_changes_from_one_version_to_the_next() -> None:
    expected = "sha256:3b1a60b951529d1acec326d6969b838b3ea137e791465ccdcec5d141449cf0e4"
    assert link(GENESIS, event(cost=12.0, reason="größer")) == expected


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(event(), at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_detail_that_is_no_object_is_refused() -> None:
    with pytest.raises(TypeError):
        from_json({**to_json(event()), "detail": []})
