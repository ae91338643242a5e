"""What a search finds by vector and by words, and in which order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.ports import Filter, PassageStore
from indexer.store.passages import words
from tests.support.stored_passages import EMBEDDER, by_text, lance, passage


def test_vectors_are_ranked_by_cosine_similarity_and_ties_by_row_number(store: PassageStore) -> None:
    rows = [passage(no, f"text {no % 5}") for no in range(1, 101)]
    store.commit(rows[50:], [])
    snapshot = store.at(store.commit(rows[:50], []))
    question = EMBEDDER.embed_query("text 3")
    matches = snapshot.search_vector(lambda: question, Filter(), 25)
    assert [match.row_no for match in matches[:20]] == list(range(3, 101, 5))
    assert matches[0].score == pytest.approx(1.0, abs=1e-6)
    assert snapshot.search_vector(lambda: question, Filter(), 7) == matches[:7]
    expected = sorted((float(stored.vector @ question) for stored in rows), reverse=True)[:25]
    assert [match.score for match in matches] == pytest.approx(expected, abs=1e-5)


def test_a_match_has_the_vector_of_its_row_where_that_is_asked_for(store: PassageStore) -> None:
    rows = {no: passage(no, f"wording {no % 3}") for no in range(1, 30)}
    store.commit(list(rows.values()), [])
    store.commit([], [replace(rows[no].row, valid_from=1) for no in (4, 7)])
    snapshot = store.at(store.compact())
    question = EMBEDDER.embed_query("wording 1")
    scopes = (Filter(), Filter(passages=frozenset(range(1, 20))))
    for where in scopes:
        for matches in (
            snapshot.search_vector(lambda: question, where, 7, vectors=True),
            snapshot.search_text("wording 1", where, 7, vectors=True),
        ):
            assert len(matches) == 7
            for match in matches:
                assert match.vector is not None
                assert match.vector.tolist() == rows[match.row_no].vector.tolist()
        assert snapshot.search_text("wording 1", where, 7)[0].vector is None


def test_a_limit_of_none_finds_none(store: PassageStore) -> None:
    snapshot = store.at(store.commit([passage(1, "wording")], []))
    assert snapshot.search_vector(lambda: EMBEDDER.embed_query("wording"), Filter(), 0) == []
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


def test_the_best_by_an_identifier_are_the_same_however_few_are_wanted(tmp_path: Path) -> None:
    store = lance(tmp_path)
    # What holds it whole is long, and by its words alone behind everything else.
    whole = [passage(no, f"ERR_ACCESS_DENIED {'and so on ' * no}") for no in range(1, 4)]
    pieces = [passage(no, f"denied access err access {'more ' * (no % 7)}") for no in range(4, 200)]
    snapshot = store.at(store.commit(whole + pieces, []))
    everything = snapshot.search_text("says ERR_ACCESS_DENIED", Filter(), 1000)
    assert len(everything) == 199
    assert {match.row_no for match in everything[:3]} == {1, 2, 3}
    for limit in (1, 3, 5, 8, 60):
        assert snapshot.search_text("says ERR_ACCESS_DENIED", Filter(), limit) == everything[:limit]
    scope = Filter(passages=frozenset({2, 9}))
    assert by_text(snapshot, "says ERR_ACCESS_DENIED", scope, limit=1) == [2]


def test_rows_that_the_index_does_not_cover_yet_weigh_the_same_however_few_are_wanted(tmp_path: Path) -> None:
    store = lance(tmp_path)
    pieces = [passage(no, f"denied access err access {'more ' * (22 + no % 7)}") for no in range(1, 120)]
    fillers = [passage(no, f"something else {no}") for no in range(120, 420)]
    whole = [passage(no, f"ERR_ACCESS_DENIED {'and so on ' * (no - 412)}") for no in range(420, 428)]
    store.commit([*pieces, *fillers, *whole[:3]], [])
    later = [passage(no, f"something new {no}") for no in range(430, 630)]
    snapshot = store.at(store.commit([*whole[3:], *later], []))
    for where in (Filter(), Filter(not_documents=frozenset({3}))):
        everything = snapshot.search_text("says ERR_ACCESS_DENIED", where, 1000)
        for limit in (1, 5, 8, 30):
            found = snapshot.search_text("says ERR_ACCESS_DENIED", where, limit)
            assert [match.row_no for match in found] == [match.row_no for match in everything[:limit]]
            expected = [match.score for match in everything[:limit]]
            assert [match.score for match in found] == pytest.approx(expected)


def test_an_identifier_that_very_many_passages_hold_counts_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = lance(tmp_path)
    rows = [passage(no, f"ERR_ACCESS_DENIED {'and more ' * (no % 9)}") for no in range(1, 60)]
    rows += [passage(no, f"denied access err {no}") for no in range(60, 100)]
    snapshot = store.at(store.commit(rows, []))
    few = snapshot.search_text("ERR_ACCESS_DENIED", Filter(), 80)
    monkeypatch.setattr(words, "_MOST_TOGETHER", 20)
    many = snapshot.search_text("ERR_ACCESS_DENIED", Filter(), 80)
    assert [match.row_no for match in many] == [match.row_no for match in few]
    assert [match.score for match in many] == pytest.approx([match.score for match in few])


def test_a_phrase_is_found_where_its_words_stand_side_by_side(store: PassageStore) -> None:
    rows = [
        passage(1, "it says ERR_ACCESS_DENIED at once"),
        passage(2, "denied access: err, access is denied, err"),
        passage(3, "err access denied, in words"),
    ]
    before = store.at(store.commit(rows, []))
    after = store.at(store.commit([passage(4, "again ERR_ACCESS_DENIED"), passage(5, "access denied")], []))
    for snapshot, holding in ((before, {1, 3}), (after, {1, 3, 4})):
        found = snapshot.search_phrase("Err_Access_Denied", Filter(), 10)
        assert {match.row_no for match in found} == holding
        assert found == sorted(found, key=lambda match: (-match.score, match.row_no))
        assert snapshot.search_phrase("ERR_ACCESS_DENIED", Filter(), 1) == found[:1]
    scope = Filter(passages=frozenset({2, 3, 5}))
    assert [match.row_no for match in after.search_phrase("ERR_ACCESS_DENIED", scope, 10)] == [3]
    assert after.search_phrase(" ", Filter(), 10) == []
    assert after.search_phrase("access", Filter(), 0) == []


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
    assert {match.row_no for match in snapshot.search_phrase(query, Filter(), 10)} <= {1}


def test_a_query_of_ten_thousand_words_is_answered(store: PassageStore) -> None:
    snapshot = store.at(store.commit([passage(no, f"word{no} and more") for no in range(1, 50)], []))
    found = by_text(snapshot, " ".join(f"word{no}" for no in range(20, 10_020)))
    assert set(found) == set(range(20, 50))


def test_texts_are_found_after_their_times_changed(store: PassageStore) -> None:
    store.commit([passage(no, f"wording number{no}") for no in range(1, 20)], [])
    version = store.commit([], [replace(passage(3).row, closed_recorded=9)])
    assert by_text(store.at(version), "number3") == [3]
    assert by_text(store.at(version), "number3", Filter(known_at=9)) == []
