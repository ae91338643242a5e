"""Questions that are made from an index: what they are about, and what they never are about."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from indexer.evaluation.proposing import NAMED, VERSION_ONLY, propose
from indexer.evaluation.running import Given, evaluate
from indexer.evaluation.subjects import shared_words
from indexer.evaluation.values import Case, Wanted
from indexer.query.results import Question
from indexer.query.view import View
from tests.support.fake_clock import FakeClock
from tests.support.library import DAY, Library, V

STAYS = "Employees receive their salary monthly, together with a detailed payslip from accounting."
FIVE = "Unused holiday entitlement carries over into January, up to five weeks within 5 departments."
EIGHT = FIVE.replace(" 5 ", " 8 ")
NEW = "Parental absence requires notification towards supervisors several weeks beforehand, using forms."
TRAVEL = "Trains replace flights whenever distances remain below limits agreed with sustainability officers."


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def lines(library: Library, count: int = 100, seed: int = 0) -> list[dict[str, Any]]:
    with library.catalog.snapshot() as snapshot:
        return list(propose(View(snapshot, UTC), count, seed).lines)


def written(library: Library) -> list[dict[str, Any]]:
    library.write(
        "leave.md",
        [
            V(DAY, [STAYS, ("Leave", FIVE)], labels=("v1.0",)),
            V(2 * DAY, [STAYS, ("Leave", EIGHT)]),
            V(3 * DAY, [STAYS, ("Leave", EIGHT), NEW]),
        ],
    )
    library.write("travel.md", [V(DAY, [TRAVEL])])
    return lines(library)


def test_what_every_version_says_is_not_asked_for(library: Library) -> None:
    passages = {line["passage"] for line in written(library)}
    assert passages == {FIVE, EIGHT, NEW}


def test_the_version_that_is_named_holds_the_passage(library: Library) -> None:
    made = written(library)
    cases = [
        Case(no, Question(line["query"]), Wanted(line["document"], line["version"], line["passage"]))
        for no, line in enumerate(made)
    ]
    with library.catalog.snapshot() as snapshot:
        found = evaluate(library.queries(), View(snapshot, UTC), cases, FakeClock(), given=Given.DOCUMENT)
    assert [one.why for one in found] == [None] * len(found)


def test_half_of_the_questions_name_the_document(library: Library) -> None:
    made = written(library)
    groups = [line["group"] for line in made]
    assert groups[:20] == [NAMED, VERSION_ONLY] * 10
    assert all(('of "leave.md" say' in line["query"]) == (line["group"] == NAMED) for line in made)


def test_versions_go_by_label_and_by_number(library: Library) -> None:
    called = {(line["query"].split()[2], line["version"]) for line in written(library)}
    assert ("v1.0", "label:v1.0") in called
    assert ("version", "number:2") in called


def test_the_words_of_a_question_say_nothing_of_what_two_versions_differ_in(library: Library) -> None:
    about = [line["query"] for line in written(library) if line["passage"] in (FIVE, EIGHT)]
    assert about
    assert not any(character in "58" for query in about for character in query.partition("say about")[2])


def test_a_number_that_is_a_label_of_another_version_is_not_used(library: Library) -> None:
    library.write("leave.md", [V(DAY, [FIVE], labels=("2",)), V(2 * DAY, [NEW]), V(3 * DAY, [STAYS])])
    made = lines(library)
    assert {line["version"] for line in made} == {"number:1", "number:3"}


def test_words_that_another_document_has_as_well_name_no_subject_by_themselves(library: Library) -> None:
    for key in ("leave.md", "copy.md"):
        library.write(key, [V(DAY, [FIVE]), V(2 * DAY, [NEW])])
    assert {line["group"] for line in lines(library)} == {NAMED}


def test_the_same_seed_makes_the_same_questions_and_another_makes_others(library: Library) -> None:
    made = written(library)
    assert made == lines(library)
    assert made[:3] != lines(library, seed=1)[:3]
    assert lines(library, count=3) == made[:3]


def test_an_index_without_histories_gives_no_questions(library: Library) -> None:
    library.write("travel.md", [V(DAY, [TRAVEL])])
    assert lines(library) == []


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Up to five of 5 days may carry over", "Up to five of 8 days may carry over", True),
        ("Employees shall carry the card", "Employees shall not carry the card", True),
        ("Due on 3 March of each year here", "Due on 3 April of each year here", True),
        ("Employees carry the card", "Employees carry the badge", False),
        ("Employees carry the card", "Employees carry the card", False),
        ("Nothing of this stands there", "Trains replace flights", False),
    ],
)
def test_near_equal_is_what_differs_in_numbers_dates_or_negations_alone(
    one: str, other: str, *, near: bool
) -> None:
    assert (shared_words(one, other) is not None) is near
