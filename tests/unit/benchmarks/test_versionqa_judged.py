"""Whether answers to the questions of VersionQA are judged as their judgements say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.versionqa import read_questions
from benchmarks.versionqa_judged import Judgement, holds, judge, read_judgements
from indexer.query.results import Answer, Change, ChangeKind, Hit, Scope, SearchResult
from tests.support.corpora import corpus, needs_corpus
from tests.unit.cli.samples import HIT

KIND = {
    "Content Retrieval": {"evidence"},
    "Content Retrieval Complex": {"evidence"},
    "Version-Specific Content Retrieval": {"file", "nothing"},
    "Version Listing & Inquiry": {"versions", "exists"},
    "Change Retrieval (i)": {"file"},
    "Change Retrieval (e)": {"file", "unchanged"},
}
"""One of which each judgement of a type has to say."""


def hit(text: str, key: str = "notes v2.md", heading: tuple[str, ...] = ()) -> Hit:
    return replace(HIT, text=text, heading=heading, document=replace(HIT.document, key=key))


def result(*hits: Hit, answer: tuple[str, str, dict[str, Any]] | None = None) -> SearchResult:
    return SearchResult("…", Scope("…"), hits, None if answer is None else Answer(*answer))


def right(judgement: Judgement, *hits: Hit, answer: tuple[str, str, dict[str, Any]] | None = None) -> bool:
    return judge(judgement, result(*hits, answer=answer)).right


def change(after: str | None) -> Change:
    return Change(ChangeKind.CHANGED, ("Limits",), "before", after)


OTHER = [hit("something else")] * 10
EVIDENCE = Judgement(evidence=("ten days",))
OF_VERSION = Judgement(evidence=("ten days",), file="notes v2")
INTRODUCED = Judgement(evidence=("ten days",), file="notes v2", introduced=("2", "5"))


# --- the judgements themselves ---------------------------------------------------------------


def test_there_is_a_judgement_for_each_of_a_hundred_questions() -> None:
    assert sorted(read_judgements()) == list(range(1, 101))


@needs_corpus("qa/versionqa")
def test_each_judgement_says_what_its_type_of_question_needs() -> None:
    judged = read_judgements()
    lacking = [
        number
        for number, (kind, _) in read_questions(corpus("qa/versionqa")).items()
        if all(getattr(judged[number], name) in (None, ()) for name in KIND[kind])
    ]
    assert lacking == []


# --- evidence --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "evidence", "there"),
    [
        ("up to\n  ten\u00a0days", "ten days", True),
        ("first a, then b", "a … b", True),
        ("first b, then a", "a … b", False),
        ("ten day", "ten days", False),
    ],
)
def test_evidence_is_held_in_its_order_whatever_the_blanks(text: str, evidence: str, *, there: bool) -> None:
    assert holds(text, [evidence]) is there


def test_content_is_right_with_the_evidence_in_the_first_five_hits() -> None:
    assert right(EVIDENCE, *OTHER[:4], hit("ten days"))
    assert not right(EVIDENCE, *OTHER[:5], hit("ten days"))


def test_headings_are_evidence_too() -> None:
    assert right(Judgement(evidence=("Leave … ten days",)), hit("ten days", heading=("Leave",)))


def test_half_of_a_question_is_right_and_said_to_be_half() -> None:
    asked = Judgement(evidence=("ten days", "no carry-over"), also=("no carry-over",))
    half = judge(asked, result(hit("ten days")))
    assert (half.right, half.whole) == (True, False)
    assert judge(asked, result(hit("ten days"), hit("no carry-over"))).whole


# --- versions --------------------------------------------------------------------------------


def test_another_edition_may_not_come_first() -> None:
    assert right(OF_VERSION, hit("else"), hit("ten days"))
    assert not right(OF_VERSION, hit("ten days", key="notes v3.md"), hit("ten days"))


def test_evidence_of_another_edition_is_none() -> None:
    assert not right(OF_VERSION, hit("else"), hit("ten days", key="notes v3.md"))


def test_nothing_in_a_version_has_to_be_said_without_passages() -> None:
    asked = Judgement(nothing="2.1")
    assert right(asked, answer=("nothing-in-version", "nothing in 2.1 about this", {}))
    assert not right(asked)
    assert not right(asked, hit("ten days"), answer=("nothing-in-version", "nothing in 2.1 about this", {}))
    assert not right(asked, answer=("nothing-in-version", "nothing in 2.2 about this", {}))


def test_a_listing_has_to_be_complete_and_hold_nothing_else() -> None:
    asked = Judgement(versions=("1.9", "1.10"))
    assert right(asked, answer=("versions", "…", {"value": ["1.9", "v1.10"]}))
    assert not right(asked, answer=("versions", "…", {"value": ["1.9"]}))
    assert not right(asked, answer=("versions", "…", {"value": ["1.9", "1.10", "1.10"]}))
    assert not right(asked, hit("1.9 and 1.10"))


def test_existence_has_to_be_answered() -> None:
    assert right(Judgement(exists=False), answer=("exists", "…", {"value": False}))
    assert not right(Judgement(exists=False), answer=("exists", "…", {"value": True}))
    assert not right(Judgement(exists=False))


# --- changes ---------------------------------------------------------------------------------


def test_a_wrong_introduction_is_wrong_whatever_the_passages_hold() -> None:
    assert right(INTRODUCED, answer=("introduced", "…", {"label": "v2"}))
    assert not right(INTRODUCED, hit("ten days"), answer=("introduced", "…", {"label": "1"}))


def test_without_an_answer_the_passages_of_the_right_edition_tell() -> None:
    assert right(INTRODUCED, hit("ten days"))
    assert not right(INTRODUCED, hit("ten days", key="notes v1.md"))


def test_changes_are_right_with_the_evidence_among_the_first_of_them() -> None:
    said = ("changes", "from 1 to v2", {"value": (change(None), change("now ten days"))})
    assert right(OF_VERSION, hit("else", key="notes v1.md"), answer=said)


def test_changes_of_other_versions_do_not_count() -> None:
    said = ("changes", "from 2 to 3", {"value": (change("ten days"),)})
    assert not right(Judgement(evidence=("ten days",), file="notes v4"), answer=said)


def test_who_denies_a_change_is_wrong_even_with_the_passage_at_hand() -> None:
    assert not right(OF_VERSION, hit("ten days"), answer=("changes", "nothing changed in v2", {"value": ()}))


def test_no_change_has_to_be_said_of_the_version() -> None:
    asked = Judgement(unchanged="5.3.5")
    assert right(asked, hit("else"), answer=("changes", "nothing changed to 5.3.5", {"value": ()}))
    assert not right(asked, answer=("changes", "2 changes to 5.3.5", {"value": (change("x"),)}))
    assert not right(asked, hit("else"))
