"""Scopes of thousands of passages, which are too many to be listed: the same is found as if they were."""

from __future__ import annotations

import gc
import weakref

import pytest

from indexer.ports import Filter, PassageSnapshot, PassageStore
from tests.support.stored_passages import EMBEDDER, by_text, passage

ROWS = 3_600
SCOPES = {
    "every other one": frozenset(range(0, ROWS, 2)),
    "three of four, but the best": frozenset(no for no in range(ROWS) if no % 4),
    "two blocks far from each other": frozenset([*range(900), *range(ROWS - 900, ROWS)]),
    "scattered": frozenset(no for no in range(ROWS) if no * 2_654_435_761 % 4_093 < 1_950),
    "with numbers that no row has": frozenset(range(0, 2 * ROWS, 2)),
}


@pytest.fixture
def snapshot(store: PassageStore) -> PassageSnapshot:
    # Every fourth is the best by words and by meaning, so that a search has to look beyond them.
    rows = [
        passage(
            no,
            f"rule rule rule of {no % 7}"
            if no % 4 == 0
            else f"rule {no} of the house and its rooms {no % 5}",
        )
        for no in range(ROWS)
    ]
    return store.at(store.commit(rows, []))


@pytest.mark.parametrize("scope", SCOPES)
def test_a_crowd_of_passages_is_searched_as_if_it_were_listed(snapshot: PassageSnapshot, scope: str) -> None:
    wanted = SCOPES[scope]
    everything = by_text(snapshot, "rule", limit=ROWS)
    assert len(everything) == ROWS
    found = by_text(snapshot, "rule", Filter(passages=wanted), limit=100)
    assert found == [no for no in everything if no in wanted][:100]
    question = EMBEDDER.embed_query("rule rule rule of")
    every = [match.row_no for match in snapshot.search_vector(lambda: question, Filter(), ROWS)]
    near = [match.row_no for match in snapshot.search_vector(lambda: question, Filter(passages=wanted), 100)]
    assert near == [no for no in every if no in wanted][:100]
    where = Filter(passages=wanted)
    for match in snapshot.search_vector(lambda: question, where, 5, vectors=True):
        assert match.vector is not None
        assert match.score == pytest.approx(float(match.vector @ question), abs=1e-5)


def test_of_a_crowd_all_are_found_where_they_are_fewer_than_are_wanted(snapshot: PassageSnapshot) -> None:
    wanted = frozenset(range(0, ROWS, 2))
    assert set(by_text(snapshot, "rule", Filter(passages=wanted), limit=ROWS)) == wanted


def test_nothing_is_kept_of_a_crowd_that_nobody_has_any_more(snapshot: PassageSnapshot) -> None:
    wanted = frozenset(range(1, ROWS, 2))
    by_text(snapshot, "rule", Filter(passages=wanted), limit=1)
    gone = weakref.ref(wanted)
    del wanted
    gc.collect()
    assert gone() is None
