"""Writing a table anew: what is left out is gone from every file, and what stays is found as before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.errors import DamagedStoreError
from indexer.model import Row
from indexer.ports import Filter, PassageStore, VersionGoneError
from tests.support.data_folder import found_in
from tests.support.stored_passages import by_text, by_vector, lance, passage, rows_of, texts_of


def kept(row: Row) -> list[Row]:
    return [] if row.no == 2 else [row]


def test_rows_stay_go_and_are_replaced_with_their_texts_and_vectors(store: PassageStore) -> None:
    first = store.commit([passage(no, f"leave {no}") for no in (1, 2, 3)], [])
    three = rows_of(store.at(first))[3]
    pieces = [replace(three, no=4, valid_to=5), replace(three, no=5, valid_from=7)]

    made = store.rewrite(first, lambda row: pieces if row.no == 3 else kept(row))

    assert sorted(rows_of(store.at(first))) == [1, 2, 3]  # nothing is published or deleted by it
    assert sorted(rows_of(store.at(made.version))) == [1, 4, 5]
    assert texts_of(store.at(made.version)) == {1: "leave 1", 4: "leave 3", 5: "leave 3"}
    before = {p.row.no: p.vector for batch in store.at(first).scan() for p in batch}
    after = {p.row.no: p.vector for batch in store.at(made.version).scan() for p in batch}
    assert (after[4] == before[3]).all()


def test_only_its_files_are_kept_and_readers_of_others_are_refused(store: PassageStore) -> None:
    first = store.commit([passage(no, f"leave {no}") for no in (1, 2, 3)], [])
    reader = store.at(first)
    made = store.rewrite(first, kept)

    store.keep_only(made.files)

    assert store.newest() == made.version
    with pytest.raises(VersionGoneError):
        store.at(first)
    assert reader is not None
    assert sorted(by_text(store.at(made.version), "leave")) == [1, 3]
    assert by_vector(store.at(made.version), Filter()) == {1, 3}
    again = store.commit([passage(6, "leave 6")], [])
    assert sorted(rows_of(store.at(again))) == [1, 3, 6]


def test_a_table_of_which_nothing_stays_can_be_written_to_again(store: PassageStore) -> None:
    first = store.commit([passage(1, "leave")], [])
    made = store.rewrite(first, lambda row: [])
    store.keep_only(made.files)
    assert rows_of(store.at(made.version)) == {}
    again = store.commit([passage(2, "travel")], [])
    assert by_text(store.at(again), "travel") == [2]


def test_a_version_that_is_gone_cannot_be_written_anew(store: PassageStore) -> None:
    first = store.commit([passage(1, "leave")], [])
    made = store.rewrite(first, lambda row: [row])
    store.keep_only(made.files)
    with pytest.raises(VersionGoneError):
        store.rewrite(first, lambda row: [row])


def test_a_rewriting_that_was_never_published_is_taken_back(store: PassageStore) -> None:
    first = store.commit([passage(no, f"leave {no}") for no in (1, 2, 3)], [])
    store.rewrite(first, kept)
    restored = store.restore(first)
    assert sorted(rows_of(store.at(restored))) == [1, 2, 3]


def test_no_file_holds_what_was_left_out(tmp_path: Path) -> None:
    store = lance(tmp_path)
    version = store.commit(
        [passage(no, f"leave {no} quizzaciously" if no == 2 else f"leave {no}") for no in (1, 2)], []
    )
    version = store.commit([passage(3, "leave 3")], [])
    version = store.compact()
    assert found_in(tmp_path, "quizzaciously") != {}
    store.keep_only(store.rewrite(version, kept).files)
    assert found_in(tmp_path, "quizzaciously") == {}


def test_a_table_that_cannot_be_read_is_told_from_one_that_cannot_be_written(tmp_path: Path) -> None:
    store = lance(tmp_path)
    version = store.commit([passage(1, "leave")], [])
    for file in tmp_path.rglob("data/*.lance"):
        file.write_bytes(b"nothing")
    with pytest.raises(DamagedStoreError, match="cannot be read"):
        lance(tmp_path).rewrite(version, lambda row: [row])
