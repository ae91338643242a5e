"""Evaluations of a small index, from questions to figures."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from indexer.evaluation.running import Given, evaluate
from indexer.evaluation.summing import by_group, compare, summarise
from indexer.evaluation.values import Case, Verdict, Wanted
from indexer.query.results import Question
from indexer.query.view import View
from tests.support.fake_clock import FakeClock
from tests.support.library import DAY, Library, V


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data")
    library.write(
        "leave.md",
        [V(DAY, ["Carry over five days."], labels=("v1.0",)), V(2 * DAY, ["Carry over eight days."])],
    )
    library.write("pay.md", [V(DAY, ["Pay day is the last of the month."])])
    return library


def run(library: Library, *cases: Case, **options: Any) -> list[Verdict]:
    with library.catalog.snapshot() as snapshot:
        return evaluate(library.queries(), View(snapshot, UTC), cases, FakeClock(), **options)


CARRY = Case(1, Question("carry over days"), Wanted("leave.md", "v1.0", "five days"), "first")
PAY = Case(2, Question("pay day"), Wanted("pay.md"), "second")


def test_the_present_answers_unless_the_version_is_given(library: Library) -> None:
    plain, told = run(library, CARRY, PAY), run(library, CARRY, PAY, given=Given.DOCUMENT)
    assert [one.version_right for one in plain] == [False, None]
    assert plain[0].why == "another version of the document came first"
    assert [one.version_right for one in told] == [True, None]
    assert [one.why for one in told] == [None, None]
    differing = compare(plain, told)
    assert [len(differing.better), len(differing.worse), differing.equal] == [1, 0, 1]


def test_a_version_without_a_document_is_given_to_all(library: Library) -> None:
    (found,) = run(library, CARRY, given=Given.VERSION)
    assert found.asked.result is not None
    assert found.asked.result.scope.documents_with == 1
    assert found.why is None


def test_groups_are_measured_by_themselves(library: Library) -> None:
    groups = by_group(run(library, CARRY, PAY))
    figures = {name: summarise(verdicts) for name, verdicts in groups.items()}
    assert [(name, f.questions, f.misses) for name, f in figures.items()] == [
        ("first", 1, 1),
        ("second", 1, 0),
    ]
    assert (figures["first"].version.value, figures["second"].version.value) == (0.0, None)
    assert (figures["second"].mrr, figures["second"].ndcg, figures["second"].recall[1]) == (1, 1, 1)


def test_settings_go_before_what_a_line_says(library: Library) -> None:
    (found,) = run(library, CARRY, settings={"k": 1})
    assert found.asked.result is not None
    assert len(found.asked.result.hits) == 1


def test_what_the_index_has_not_got_is_counted_and_nothing_else_is_lost(library: Library) -> None:
    cases = [
        Case(1, Question("days"), Wanted("none.md")),
        Case(2, Question("days"), Wanted("leave.md", "v9")),
        Case(3, Question("days", document="none.md"), Wanted("leave.md")),
        Case(4, Question("days"), Wanted(relevant={"leave.md": 1, "none.md": 1})),
    ]
    found = run(library, *cases)
    figures = summarise(found)
    assert (figures.unknown, figures.refused, figures.misses) == (2, 1, 3)
    assert found[2].why is not None
    assert found[2].why.startswith('it was refused: there is no document "none.md"')
    assert (found[3].places, len(found[3].grades)) == ({1: 1}, 2)
