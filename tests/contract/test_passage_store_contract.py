"""What every implementation of `ports.PassageStore` does, against a brute-force model of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.clock import SystemClock
from indexer.embedding.hashing import HashingEmbedder
from indexer.errors import DamagedStoreError, StorageFullError, StoreError
from indexer.model import FOREVER, Row
from indexer.ports import Filter, PassageSnapshot, PassageStore, StoredPassage, VersionGoneError
from indexer.store.passages import LancePassages, UpkeepBounds
from tests.support.memory_passages import MemoryPassages, visible

EMBEDDER = HashingEmbedder()
EAGER = UpkeepBounds(files=3, unindexed_rows=1, number_index_rows=20, vector_index_rows=300)
"""Bounds so low that a few commits bring out all of upkeep."""
TIMES = range(6)


def passage(no: int, text: str = "", **columns: int) -> StoredPassage:
    text = text or f"passage number{no}"
    row = Row(
        no=no,
        passage_no=columns.pop("passage_no", no),
        document_no=columns.pop("document_no", 1),
        source_no=columns.pop("source_no", 1),
        embed_no=columns.pop("embed_no", no),
        valid_from=columns.pop("valid_from", 0),
        valid_to=columns.pop("valid_to", FOREVER),
        recorded_from=columns.pop("recorded_from", 0),
        recorded_to=columns.pop("recorded_to", FOREVER),
        closed_recorded=columns.pop("closed_recorded", FOREVER),
    )
    assert not columns
    return StoredPassage(row, text, EMBEDDER.embed_query(text))


def rows_of(snapshot: PassageSnapshot) -> dict[int, Row]:
    return {stored.row.no: stored.row for batch in snapshot.scan() for stored in batch}


def texts_of(snapshot: PassageSnapshot) -> dict[int, str]:
    return {stored.row.no: stored.embedded for batch in snapshot.scan() for stored in batch}


def by_vector(snapshot: PassageSnapshot, where: Filter, limit: int = 1000) -> set[int]:
    return {match.row_no for match in snapshot.search_vector(EMBEDDER.embed_query("passage"), where, limit)}


def by_text(
    snapshot: PassageSnapshot, query: str, where: Filter | None = None, limit: int = 100
) -> list[int]:
    return [match.row_no for match in snapshot.search_text(query, where or Filter(), limit)]


@pytest.fixture(params=["memory", "lance"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PassageStore:
    if request.param == "memory":
        return MemoryPassages()
    return lance(tmp_path)


def lance(folder: Path, bounds: UpkeepBounds = EAGER) -> LancePassages:
    return LancePassages(
        folder / "passages", EMBEDDER.fingerprint, EMBEDDER.dimension, bounds=bounds, retention=0
    )


# --- commits and versions --------------------------------------------------------------------


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


# --- what a search may see -------------------------------------------------------------------


def random_row(no: int, pick: Callable[[Iterable[int]], int]) -> StoredPassage:
    ends = [*TIMES, FOREVER]
    return passage(
        no,
        passage_no=no // 2,
        document_no=pick(range(4)),
        source_no=pick(range(2)),
        valid_from=pick(TIMES),
        valid_to=pick(ends),
        recorded_from=pick(TIMES),
        recorded_to=pick(ends),
        closed_recorded=pick(ends),
    )


def random_filter(pick: Callable[[Iterable[int]], int]) -> Filter:
    def some(numbers: range) -> frozenset[int] | None:
        return None if pick(range(3)) else frozenset(n for n in numbers if pick(range(2)))

    return Filter(
        known_at=pick(TIMES) if pick(range(4)) else None,
        valid_at=pick(TIMES) if pick(range(2)) else None,
        every_version=not pick(range(4)),
        documents=some(range(4)),
        not_documents=some(range(4)),
        sources=some(range(2)),
        passages=some(range(12)),
        or_passages=some(range(12)) or frozenset(),
    )


def seeded(seed: int) -> Callable[[Iterable[int]], int]:
    generator = np.random.default_rng(seed)

    def pick(choices: Iterable[int]) -> int:
        among = list(choices)
        return among[generator.integers(len(among))]

    return pick


def test_a_search_sees_exactly_the_rows_that_its_filter_lets_in(store: PassageStore) -> None:
    pick = seeded(7)
    rows = [random_row(no, pick) for no in range(24)]
    store.commit(rows[:16], [])
    snapshot = store.at(store.commit(rows[16:], []))
    for _ in range(60):
        where = random_filter(pick)
        expected = {stored.row.no for stored in rows if visible(stored.row, where)}
        assert by_vector(snapshot, where) == expected, where
        assert set(by_text(snapshot, "passage", where)) == expected, where


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


# --- search results --------------------------------------------------------------------------


def test_vectors_are_ranked_by_cosine_similarity_and_ties_by_row_number(store: PassageStore) -> None:
    rows = [passage(no, f"text {no % 5}") for no in range(1, 101)]
    store.commit(rows[50:], [])
    snapshot = store.at(store.commit(rows[:50], []))
    question = EMBEDDER.embed_query("text 3")
    matches = snapshot.search_vector(question, Filter(), 25)
    assert [match.row_no for match in matches[:20]] == list(range(3, 101, 5))
    assert matches[0].score == pytest.approx(1.0, abs=1e-6)
    assert snapshot.search_vector(question, Filter(), 7) == matches[:7]
    expected = sorted((float(stored.vector @ question) for stored in rows), reverse=True)[:25]
    assert [match.score for match in matches] == pytest.approx(expected, abs=1e-5)


def test_a_limit_of_none_finds_none(store: PassageStore) -> None:
    snapshot = store.at(store.commit([passage(1, "wording")], []))
    assert snapshot.search_vector(EMBEDDER.embed_query("wording"), Filter(), 0) == []
    assert by_text(snapshot, "wording", limit=0) == []


IDENTIFIERS = {
    1: "the call fails with ERR_ACCESS_DENIED at once",
    2: "see § 4.2 for the exceptions, and § 2.4 for the rule",
    3: "assert.partialDeepStrictEqual(actual, expected)",
    4: "To be, or not to be: that is the question",
    5: "Der Urlaub verfällt am Jahresende; Übertrag nach Café-Regelung",
    6: "年次有給休暇の繰り越し",
    7: "carry-over of leave days",
    8: "a name of one hundred letters " + "x" * 100,
}


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("ERR_ACCESS_DENIED", 1),
        ("err access denied", 1),
        ("§ 4.2", 2),
        ("assert.partialDeepStrictEqual", 3),
        ("to be or not to be", 4),
        ("CAFÉ", 5),
        ("有給休暇", 6),
        ("carry-over", 7),
        ("x" * 100, 8),
    ],
)
def test_identifiers_stop_words_and_other_scripts_are_found_as_they_stand(
    tmp_path: Path, query: str, best: int
) -> None:
    store = lance(tmp_path)
    first = [passage(no, text) for no, text in IDENTIFIERS.items()]
    indexed = store.at(store.commit(first, []))
    assert by_text(indexed, query)[0] == best
    # Rows that the index does not cover yet are found too.
    later = [passage(no + 100, text) for no, text in IDENTIFIERS.items()]
    assert set(by_text(store.at(store.commit(later, [])), query)[:2]) == {best, best + 100}


def test_an_identifier_as_a_whole_ranks_before_its_pieces(tmp_path: Path) -> None:
    store = lance(tmp_path)
    rows = [
        passage(1, "denied access: err, access is denied, err"),
        passage(2, "it says ERR_ACCESS_DENIED " * 1),
    ]
    filler = [passage(no, f"something else {no}") for no in range(3, 30)]
    assert by_text(store.at(store.commit(rows + filler, [])), "ERR_ACCESS_DENIED")[0] == 2


def test_a_table_made_anew_is_not_taken_for_the_one_whose_versions_it_repeats(store: PassageStore) -> None:
    first = store.commit([passage(1, "the former wording")], [])
    assert by_text(store.at(first), "wording") == [1]
    store.drop()
    anew = store.commit([passage(2, "the new wording")], [])
    assert by_text(store.at(anew), "wording") == [2]


def test_a_word_is_found_in_its_other_forms(tmp_path: Path) -> None:
    store = lance(tmp_path)
    rows = [passage(1, "unused days are carried over"), passage(2, "the policies of the house")]
    snapshot = store.at(store.commit(rows, []))
    assert by_text(snapshot, "carrying") == [1]
    assert by_text(snapshot, "policy") == [2]


def test_a_hyphen_between_words_of_prose_weighs_nothing(tmp_path: Path) -> None:
    store = lance(tmp_path)
    rows = [passage(1, "a boundary-layer and other things"), passage(2, "the layer at the boundary")]
    snapshot = store.at(store.commit(rows, []))
    scores = [
        {match.passage_no: match.score for match in snapshot.search_text(query, Filter(), 10)}
        for query in ("boundary-layer", "boundary layer")
    ]
    assert scores[0] == scores[1]


@pytest.mark.parametrize(
    "query",
    ["", " ", "§", '"', "wording AND (", "wor* OR ~3 ^2", "'; DROP TABLE passages; --", "\x00", "\ud800", "[1,2]{}", "a.b.c.d.e_f", "._.", "🙂 wording", "a" * 100_000],
)  # fmt: skip
def test_any_words_are_legal_in_a_query(store: PassageStore, query: str) -> None:
    snapshot = store.at(store.commit([passage(1, "wording of the policy")], []))
    assert by_text(snapshot, query) in ([], [1])
    assert by_text(snapshot, f"{query} wording") == [1]


def test_a_query_of_ten_thousand_words_is_answered(store: PassageStore) -> None:
    snapshot = store.at(store.commit([passage(no, f"word{no} and more") for no in range(1, 50)], []))
    found = by_text(snapshot, " ".join(f"word{no}" for no in range(20, 10_020)))
    assert set(found) == set(range(20, 50))


def test_texts_are_found_after_their_times_changed(store: PassageStore) -> None:
    store.commit([passage(no, f"wording number{no}") for no in range(1, 20)], [])
    version = store.commit([], [replace(passage(3).row, closed_recorded=9)])
    assert by_text(store.at(version), "number3") == [3]
    assert by_text(store.at(version), "number3", Filter(known_at=9)) == []


# --- a long life, against the model ----------------------------------------------------------


def test_a_long_life_with_upkeep_and_recovery_equals_the_model(tmp_path: Path) -> None:
    pick = seeded(11)
    real, model = lance(tmp_path), MemoryPassages()
    published: list[tuple[int, int]] = []
    next_no = 0
    for step in range(40):
        add = [random_row(next_no + place, pick) for place in range(pick(range(12)))]
        next_no += len(add)
        known = (
            [stored.row for batch in model.at(published[-1][1]).scan() for stored in batch]
            if published
            else []
        )
        change = [
            replace(row, valid_to=pick(TIMES), closed_recorded=pick(TIMES))
            for row in known
            if not pick(range(6))
        ]
        versions = (real.commit(add, change), model.commit(add, change))
        if published and not pick(range(5)):
            versions = (real.restore(published[-1][0]), model.restore(published[-1][1]))
        if real.upkeep_due() and pick(range(2)):
            versions = (real.compact(), versions[1])
        published.append(versions)
        if step % 7 == 6:
            real.prune([version for version, _ in published[-2:]])
    assert not (real.compact(), real.upkeep_due())[1]
    for mine, models in published[-2:]:
        got, wanted = real.at(mine), model.at(models)
        assert rows_of(got) == rows_of(wanted)
        assert texts_of(got) == texts_of(wanted)
        for _ in range(20):
            where = random_filter(pick)
            assert by_vector(got, where) == by_vector(wanted, where)
            assert set(by_text(got, "passage", where, 1000)) == set(by_text(wanted, "passage", where, 1000))


def test_versions_stay_for_the_retention_period_after_they_were_superseded(tmp_path: Path) -> None:
    class Later(SystemClock):
        hours = 0

        def now(self) -> int:
            return super().now() + self.hours * 3_600_000_000

    clock = Later()
    store = LancePassages(tmp_path / "p", EMBEDDER.fingerprint, EMBEDDER.dimension, clock=clock)
    versions = [store.commit([passage(no)], []) for no in range(1, 5)]
    store.prune([versions[-1]])
    assert store.at(versions[0]).count() == 1
    clock.hours = 2
    store.prune([versions[-1]])
    with pytest.raises(VersionGoneError):
        store.at(versions[0])
    assert store.at(versions[-1]).count() == 4


def test_a_reader_outlives_compaction_and_pruning_of_other_versions(tmp_path: Path) -> None:
    store = lance(tmp_path)
    for no in range(1, 40, 4):
        store.commit([passage(no + place, f"wording number{no + place}") for place in range(4)], [])
    published = store.newest()
    assert published is not None
    held = store.at(published)
    for _ in range(3):
        store.commit([passage(99)], [replace(passage(1).row, valid_to=3)])
        store.compact()
        store.prune([published])
    assert held.count() == store.at(published).count() == 40
    assert by_text(held, "number17") == [17]
    assert by_vector(store.at(published), Filter()) == set(range(1, 41))


def test_what_no_version_names_leaves_the_disk_with_the_next_merge(tmp_path: Path) -> None:
    store = lance(tmp_path)
    for no in range(1, 31):
        store.commit([passage(no, f"wording {no} " * 200)], [])
    files = partial(tmp_path.glob, "passages/*.lance/data/*.lance")
    before = len(list(files()))
    store.prune([store.compact()])
    store.commit([passage(31)], [])
    store.commit([passage(32)], [])
    published = store.compact()
    assert len(list(files())) < before / 2
    assert store.at(published).count() == 32


def test_the_vector_index_finds_what_an_exact_search_finds(tmp_path: Path) -> None:
    store = lance(tmp_path)
    generator = np.random.default_rng(5)
    raw = generator.standard_normal((600, EMBEDDER.dimension)).astype(np.float32)
    raw /= np.linalg.norm(raw, axis=1, keepdims=True)
    store.commit([replace(passage(no, document_no=no % 50), vector=raw[no]) for no in range(500)], [])
    exact = store.at(store.commit([], []))
    store.compact()
    indexed = store.at(
        store.commit(
            [replace(passage(no, document_no=no % 50), vector=raw[no]) for no in range(500, 600)], []
        )
    )
    hits = 0
    for where in (Filter(), Filter(not_documents=frozenset(range(25)))):
        for question in raw[480:500]:
            wanted = {m.row_no for m in exact.search_vector(question, where, 10)}
            got = {m.row_no for m in indexed.search_vector(question, where, 20)}
            hits += len(wanted & got)
    assert hits >= 0.95 * 400


# --- damage ----------------------------------------------------------------------------------


@pytest.mark.parametrize("damaged", ["_versions/*.manifest", "data/*.lance"])
def test_a_damaged_table_says_so_and_what_to_do(tmp_path: Path, damaged: str) -> None:
    version = lance(tmp_path).commit([passage(1, "wording")], [])
    for file in tmp_path.glob(f"passages/*.lance/{damaged}"):
        file.write_bytes(b"not what it was")
    with pytest.raises(DamagedStoreError, match="indexer rebuild"):
        rows_of(lance(tmp_path).at(version))


def test_a_folder_without_a_version_is_no_table_and_the_first_commit_goes_on_with_it(tmp_path: Path) -> None:
    store = lance(tmp_path)
    store.commit([passage(1)], [])
    for file in tmp_path.glob("passages/*.lance/_versions/*"):
        file.unlink()
    after_crash = lance(tmp_path)
    assert after_crash.newest() is None
    after_crash.drop()
    assert set(rows_of(after_crash.at(after_crash.commit([passage(2)], [])))) == {2}


@pytest.mark.parametrize("hint", [None, b"", b"garbage", b'{"version":1}'])
def test_a_version_hint_that_a_power_loss_left_wrong_is_harmless(tmp_path: Path, hint: bytes | None) -> None:
    store = lance(tmp_path)
    store.commit([passage(1)], [])
    version = store.commit([passage(2)], [])
    (file,) = tmp_path.glob("passages/*.lance/_versions/latest_version_hint.json")
    if hint is None:
        file.unlink()
    else:
        file.write_bytes(hint)
    after = lance(tmp_path)
    assert after.newest() == version
    assert set(rows_of(after.at(after.commit([passage(3)], [])))) == {1, 2, 3}


def test_a_vector_of_another_length_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    store = lance(tmp_path)
    with pytest.raises(ValueError, match="length 64"):
        store.commit([replace(passage(1), vector=np.ones(3, dtype=np.float32))], [])
    assert store.newest() is None


def test_a_failed_merge_is_reported_and_leaves_the_published_version_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = lance(tmp_path)
    store.commit([passage(1)], [])
    version = store.commit([passage(2)], [])
    (data,) = (tmp_path / "passages").glob("*.lance/data")
    data.chmod(0o700)
    moved = data.rename(data.with_name("away"))
    with pytest.raises(StoreError):
        store.compact()
    moved.rename(data)
    assert set(rows_of(lance(tmp_path).at(version))) == {1, 2}


def test_everything_a_commit_made_is_synced_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    real = os.fsync

    def record(descriptor: int) -> None:
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    store = lance(tmp_path)
    seen: set[str] = set()
    actions: list[Callable[[], object]] = [
        lambda: store.commit([passage(1, "wording")], []),
        lambda: store.commit([passage(no) for no in range(2, 30)], [replace(passage(1).row, valid_to=3)]),
        lambda: store.commit([passage(31)], []),
        store.compact,
        lambda: store.restore(2),
    ]
    for action in actions:
        synced.clear()
        action()
        made = {str(path) for path in tmp_path.rglob("*")} - seen
        assert made
        assert made <= synced
        assert {str(Path(path).parent) for path in made} <= synced
        seen |= made


def test_a_full_disk_is_told_from_other_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = lance(tmp_path)
    version = store.commit([passage(1)], [])

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageFullError, match="the disk is full"):
            store.commit([passage(2)], [])
    # What was committed in the table but never published is discarded by the next writer.
    assert set(rows_of(store.at(store.restore(version)))) == {1}
