"""What every `ports.PassageStore` does when passages are committed, and which versions of the table there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indexer.errors import DamagedStoreError
from indexer.ports import Filter, PassageStore, VersionGoneError
from tests.support.stored_passages import EMBEDDER, by_text, by_vector, passage, rows_of, texts_of


def test_there_is_no_table_before_the_first_commit(store: PassageStore) -> None:
    assert store.newest() is None
    assert store.vectors([1, 2]) == {}
    assert not store.upkeep_due()
    store.drop()


def test_a_commit_gives_the_newest_version_and_what_was_added(store: PassageStore) -> None:
    added = [passage(1, "first wording"), passage(2, "second wording")]
    version = store.commit(added, [])
    assert store.newest() == version
    snapshot = store.at(version)
    assert snapshot.count() == 2
    scanned = sorted((p for batch in snapshot.scan(1) for p in batch), key=lambda p: p.row.no)
    assert [(p.row, p.embedded) for p in scanned] == [(p.row, p.embedded) for p in added]
    for got, put in zip(scanned, added, strict=True):
        np.testing.assert_array_equal(got.vector, put.vector)


def test_one_commit_adds_rows_and_changes_the_times_of_others(store: PassageStore) -> None:
    store.commit([passage(1, "old wording"), passage(2)], [])
    closed = replace(passage(1).row, valid_to=5, closed_recorded=7)
    version = store.commit([passage(3, "new wording", valid_from=5)], [closed])
    snapshot = store.at(version)
    assert rows_of(snapshot)[1] == closed
    assert texts_of(snapshot)[1] == "old wording"
    assert set(rows_of(snapshot)) == {1, 2, 3}


def test_repeating_a_commit_has_no_further_effect(store: PassageStore) -> None:
    store.commit([passage(1), passage(2)], [])
    add, change = [passage(3), passage(4)], [replace(passage(1).row, valid_to=3, closed_recorded=4)]
    once = rows_of(store.at(store.commit(add, change)))
    twice = rows_of(store.at(store.commit(add, change)))
    assert twice == once


def test_a_row_that_is_added_and_changed_at_once_has_the_changed_times(store: PassageStore) -> None:
    closed = replace(passage(1).row, valid_to=3)
    assert rows_of(store.at(store.commit([passage(1)], [closed]))) == {1: closed}


def test_a_change_to_a_row_that_is_not_there_is_left_out(store: PassageStore) -> None:
    store.commit([passage(1)], [])
    version = store.commit([passage(2)], [passage(9).row])
    assert set(rows_of(store.at(version))) == {1, 2}


def test_a_commit_of_nothing_makes_no_version_of_a_table_that_exists(store: PassageStore) -> None:
    version = store.commit([passage(1)], [])
    assert store.commit([], []) == version
    assert store.newest() == version


def test_a_table_that_began_empty_is_searchable_once_it_has_rows(store: PassageStore) -> None:
    empty = store.commit([], [])
    snapshot = store.at(empty)
    assert (snapshot.count(), by_text(snapshot, "wording"), by_vector(snapshot, Filter())) == (0, [], set())
    assert by_text(store.at(store.commit([passage(1, "wording")], [])), "wording") == [1]


def test_a_snapshot_is_unaffected_by_later_commits_upkeep_and_restores(store: PassageStore) -> None:
    first = store.commit([passage(1, "old wording")], [])
    held = store.at(first)
    for no in range(2, 6):
        store.commit([passage(no, "new wording")], [replace(passage(1).row, valid_to=no)])
    store.compact()
    store.restore(first)
    for snapshot in (held, store.at(first)):
        assert rows_of(snapshot) == {1: passage(1).row}
        assert by_text(snapshot, "wording") == [1]
        assert by_vector(snapshot, Filter()) == {1}


def test_restoring_discards_later_commits(store: PassageStore) -> None:
    first = store.commit([passage(1), passage(2)], [])
    later = store.commit([passage(3)], [replace(passage(1).row, valid_to=5)])
    restored = store.restore(first)
    assert restored > later
    assert store.newest() == restored
    assert rows_of(store.at(restored)) == {1: passage(1).row, 2: passage(2).row}
    assert by_text(store.at(restored), "number3") == []
    assert set(store.vectors([1, 2, 3])) == {1, 2}
    again = store.commit([passage(4)], [])
    assert set(rows_of(store.at(again))) == {1, 2, 4}


def test_dropping_leaves_no_table_and_a_new_one_can_follow(store: PassageStore) -> None:
    store.commit([passage(1)], [])
    store.drop()
    assert store.newest() is None
    version = store.commit([passage(2)], [])
    assert set(rows_of(store.at(version))) == {2}


def test_a_version_that_never_was_means_damage(store: PassageStore) -> None:
    with pytest.raises(DamagedStoreError, match="rebuild"):
        store.at(1)
    version = store.commit([passage(1)], [])
    with pytest.raises(DamagedStoreError, match="rebuild"):
        store.at(version + 10)


def test_pruning_keeps_what_is_named_and_the_newest(store: PassageStore) -> None:
    versions = [store.commit([passage(no)], []) for no in range(1, 7)]
    held = store.at(versions[2])
    store.prune([versions[2], versions[4]])
    for gone in (versions[0], versions[1], versions[3]):
        with pytest.raises(VersionGoneError):
            store.at(gone)
    assert store.at(versions[2]).count() == held.count() == 3
    assert store.at(versions[4]).count() == 5
    assert store.newest() == versions[5]
    assert store.at(versions[5]).count() == 6


def test_vectors_of_the_newest_version_are_found_by_embedded_text(store: PassageStore) -> None:
    store.commit([passage(1, "a", embed_no=7), passage(2, "a", embed_no=7), passage(3, "b", embed_no=8)], [])
    found = store.vectors([7, 8, 9])
    assert set(found) == {7, 8}
    np.testing.assert_array_equal(found[7], EMBEDDER.embed_query("a"))
    assert store.vectors([]) == {}


def test_rows_that_are_removed_are_found_by_no_search_of_the_new_version(store: PassageStore) -> None:
    first = store.commit([passage(no, f"leave {no}") for no in range(30)], [])
    version = store.remove([3, 5, 29])
    left = set(range(30)) - {3, 5, 29}
    assert set(rows_of(store.at(version))) == left
    assert set(by_text(store.at(version), "leave")) == left
    assert by_vector(store.at(version), Filter()) == left
    assert store.vectors([3, 4]).keys() == {4}
    assert set(rows_of(store.at(first))) == set(range(30))
    again = store.commit([passage(3, "leave again")], [])
    assert set(by_text(store.at(again), "leave")) == left | {3}
    assert set(rows_of(store.at(store.compact()))) == left | {3}
