"""What an answer is compared with, and what is said of one that is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from indexer.evaluation.judging import goes_by, judge, same_answer
from indexer.evaluation.summing import summarise
from indexer.evaluation.values import Asked, Case, Target, Verdict, Wanted
from indexer.query.results import Answer, Change, ChangeKind, Hit, Question, Scope, SearchResult
from tests.unit.cli.samples import CURRENT, DOCUMENT, HIT, entry, version

OTHER = replace(HIT, document=replace(DOCUMENT, id="d_other"))
NEWER = replace(HIT, version=CURRENT, citation=HIT.citation.replace("v_1a2b3c4d5e6f7g8h9j0k", "v_current"))
THERE = Target(DOCUMENT.id, HIT.version.version.id)


def verdict(wanted: Wanted, target: Target, *hits: Hit, answer: Answer | None = None) -> Verdict:
    case = Case(1, Question("x"), wanted)
    return judge(case, target, Asked(SearchResult("x", Scope("the present"), hits, answer), 0.01))


def test_the_first_hit_says_whether_the_version_is_right() -> None:
    wanted = Wanted("a", "3")
    assert verdict(wanted, THERE, HIT, NEWER).version_right is True
    assert verdict(wanted, THERE, NEWER, HIT).version_right is False
    assert verdict(wanted, THERE).version_right is False
    assert verdict(Wanted("a"), Target(DOCUMENT.id), NEWER).version_right is None


def test_what_is_wanted_stands_where_the_first_hit_is_that_fits_in_all_respects() -> None:
    words = replace(THERE, words="carry over")
    hits = (OTHER, NEWER, replace(HIT, text="No."), replace(HIT, text="Days  CARRY\nover."), HIT)
    found = verdict(Wanted("a", "3", "carry over"), words, *hits)
    assert (found.places, found.grades) == ({4: 1}, (1,))


def test_a_citation_is_of_a_passage_whatever_its_words() -> None:
    target = Target(DOCUMENT.id, HIT.version.version.id, passage_id="p_0123456789abcdefghjk")
    assert verdict(Wanted(passage="indexer:…"), target, HIT).places == {1: 1}
    assert verdict(Wanted(passage="indexer:…"), replace(target, passage_id="p_0"), HIT).places == {}


def test_whole_documents_rank_by_their_first_hits() -> None:
    wanted, target = Wanted(relevant={"a": 2, "b": 1}), Target(grades={DOCUMENT.id: 2, "d_missing": 1})
    found = verdict(wanted, target, OTHER, OTHER, HIT, HIT)
    assert (found.places, sorted(found.grades)) == ({2: 2}, [1, 2])
    assert verdict(Wanted("a"), Target(DOCUMENT.id), OTHER, OTHER, HIT).places == {2: 1}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("3", True), ("v3", True), ("v3.1", True), ("3.1", True), ("number:3", True), ("label:3", True),
     ("label:3.1", True), ("number:4", False), ("4", False), (version().id, True)],
)  # fmt: skip
def test_a_version_goes_by_its_labels_its_number_and_its_id(name: str, *, expected: bool) -> None:
    assert goes_by(version(), name) is expected


def test_a_label_is_no_number() -> None:
    assert not goes_by(version(labels=()), "label:3")
    assert not goes_by(version(labels=("7",)), "number:7")


VERSIONS = Answer("versions", "", {"value": ["v2.4.7", "3.3.4"]})
INTRODUCED = Answer("introduced", "", {"value": entry(), "label": "22.14.0"})
CHANGES = Answer("changes", "", {"value": (Change(ChangeKind.CHANGED, (), "five days", "Ten  days"),)})


@pytest.mark.parametrize(
    ("wanted", "answer", "expected"),
    [
        ({"kind": "versions", "value": ["3.3.4", "2.4.7"]}, VERSIONS, True),
        ({"kind": "versions", "value": ["3.3.4"]}, VERSIONS, False),
        ({"kind": "versions"}, VERSIONS, True),
        ({"kind": "exists", "value": True}, VERSIONS, False),
        ({"kind": "exists", "value": True}, Answer("exists", "", {"value": True}), True),
        ({"kind": "exists", "value": False}, Answer("exists", "", {"value": True}), False),
        ({"kind": "introduced", "value": "22.14.0"}, INTRODUCED, True),
        ({"kind": "introduced", "value": "v3"}, INTRODUCED, True),
        ({"kind": "introduced", "value": "4"}, INTRODUCED, False),
        ({"kind": "changes", "value": ["five days", "ten days"]}, CHANGES, True),
        ({"kind": "changes", "value": "eleven days"}, CHANGES, False),
    ],
)
def test_answers_are_compared_by_kind_and_value(
    wanted: dict[str, Any], answer: Answer, *, expected: bool
) -> None:
    assert same_answer(wanted, answer) is expected


NOTHING = Answer("nothing-in-version", "nothing in v3 about this")


def test_to_offer_nothing_is_right_where_there_is_nothing() -> None:
    absent = Wanted(absent=True)
    found = [
        verdict(absent, Target()),
        verdict(absent, Target(), answer=NOTHING),
        verdict(absent, Target(), HIT),
        verdict(Wanted("a"), Target(DOCUMENT.id)),
        verdict(Wanted("a"), Target(DOCUMENT.id), HIT),
        verdict(Wanted(answer={"kind": "nothing-in-version"}), Target(), answer=NOTHING),
    ]
    assert [one.why is None for one in found] == [True, True, False, False, True, True]
    figures = summarise(found)
    # Nothing was offered four times, once wrongly; nothing is there to be offered four times, and once something was.
    assert (figures.abstention_precision.value, figures.abstention_precision.questions) == (0.75, 4)
    assert (figures.abstention_recall.value, figures.abstention_recall.questions) == (0.75, 4)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (verdict(Wanted("a", "3"), THERE, NEWER), "another version of the document came first"),
        (verdict(Wanted("a", "3"), THERE, OTHER), "another document came first"),
        (verdict(Wanted("a", "3"), THERE, answer=NOTHING), "nothing was found: nothing in v3 about this"),
        (verdict(Wanted("a"), Target(unknown='there is no document "a"'), HIT), "the index has not got what is"),
        (verdict(Wanted("a"), Target(DOCUMENT.id), OTHER), "it is not among the 1 hits"),
        (verdict(Wanted("a", "3", "x"), replace(THERE, words="never"), HIT), "it is not among the 1 hits"),
        (verdict(Wanted(answer={"kind": "exists"}), Target()), "no answer of a kind was given"),
        (judge(Case(1, Question("x"), Wanted("a")), Target(DOCUMENT.id), Asked(None, 0.1, "no")), "it was refused: no"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(found: Verdict, expected: str) -> None:
    assert found.why is not None
    assert found.why.startswith(expected)


def test_what_stands_below_the_tenth_place_counts_as_missed() -> None:
    others = [replace(OTHER, document=replace(DOCUMENT, id=f"d_{no}")) for no in range(10)]
    assert verdict(Wanted("a"), Target(DOCUMENT.id), *others[:9], HIT).why is None
    assert verdict(Wanted("a"), Target(DOCUMENT.id), *others, HIT).why == "it stands at 11 only"
