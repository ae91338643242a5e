"""What a search may see: exactly the rows that its filter lets in, as in a brute-force model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.ports import Filter, PassageStore
from tests.support.memory_passages import visible
from tests.support.stored_passages import (
    TIMES,
    by_text,
    by_vector,
    passage,
    random_filter,
    random_row,
    seeded,
)


@pytest.mark.parametrize("tended", [False, True])
def test_a_search_sees_exactly_the_rows_that_its_filter_lets_in(store: PassageStore, tended: bool) -> None:
    pick = seeded(7)
    rows = [random_row(no, pick) for no in range(36)]
    store.commit(rows[:28], [])
    if tended:  # indexes for some rows, none for the others
        store.compact()
    snapshot = store.at(store.commit(rows[28:], []))
    for _ in range(60):
        where = random_filter(pick)
        expected = {stored.row.no for stored in rows if visible(stored.row, where)}
        assert by_vector(snapshot, where) == expected, where
        assert set(by_text(snapshot, "passage", where)) == expected, where


@pytest.mark.parametrize("tended", [False, True])
def test_that_nothing_was_recorded_later_changes_no_result(store: PassageStore, tended: bool) -> None:
    pick = seeded(8)
    rows = [random_row(no, pick) for no in range(28)]
    store.commit(rows, [])
    newest = store.compact() if tended else store.newest()
    assert newest is not None
    snapshot = store.at(newest)
    last = max(stored.row.recorded_from for stored in rows)
    for valid_at in (None, *TIMES):
        for every_version in (False, True):
            where = Filter(known_at=last, valid_at=valid_at, every_version=every_version)
            assert by_vector(snapshot, replace(where, latest=True)) == by_vector(snapshot, where)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_the_model_sees_what_the_truth_table_of_time_says(data: st.DataObject) -> None:
    def pick(choices: Iterable[int]) -> int:
        return data.draw(st.sampled_from(list(choices)))

    row, known, valid = random_row(1, pick).row, pick(TIMES), pick(TIMES)
    believed = row.recorded_from <= known and known < row.recorded_to
    closed = row.closed_recorded <= known
    effective = row.valid_from <= valid and (valid < row.valid_to or not closed)
    assert visible(row, Filter(known_at=known)) == (believed and not closed)
    assert visible(row, Filter(known_at=known, valid_at=valid)) == (believed and effective)
    assert visible(row, Filter(known_at=known, valid_at=valid, every_version=True)) == believed
    assert visible(row, Filter(valid_at=valid))


@pytest.mark.parametrize(
    "where", [Filter(documents=frozenset()), Filter(sources=frozenset()), Filter(passages=frozenset())]
)
def test_an_empty_set_matches_nothing(store: PassageStore, where: Filter) -> None:
    snapshot = store.at(store.commit([passage(1, "wording")], []))
    assert by_vector(snapshot, where) == set()
    assert by_text(snapshot, "wording", where) == []
    assert by_vector(snapshot, replace(where, or_passages=frozenset({1}))) == set()


def test_passages_can_be_let_in_although_time_excludes_them(store: PassageStore) -> None:
    closed = passage(1, "wording", closed_recorded=2)
    snapshot = store.at(store.commit([closed, passage(2, "wording", closed_recorded=2)], []))
    where = Filter(known_at=5, or_passages=frozenset({1}))
    assert by_vector(snapshot, where) == {1}
    assert by_text(snapshot, "wording", where) == [1]
    assert by_text(snapshot, "wording", replace(where, not_documents=frozenset({1}))) == []


def test_large_sets_of_numbers_filter_exactly(store: PassageStore) -> None:
    rows = [passage(no, "wording", document_no=no) for no in range(1, 60)]
    snapshot = store.at(store.commit(rows, []))
    scattered = frozenset(range(1, 40_000, 2))
    assert by_vector(snapshot, Filter(documents=scattered)) == set(range(1, 60, 2))
    assert by_vector(snapshot, Filter(not_documents=scattered)) == set(range(2, 60, 2))
    assert by_vector(snapshot, Filter(documents=frozenset(range(10, 20_000)))) == set(range(10, 60))
