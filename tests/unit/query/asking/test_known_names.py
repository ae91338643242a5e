"""Names are read once for all who ask, and after a commit only those of what it placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from indexer.query.asking.names import NameIndex
from indexer.query.kept import Kept
from indexer.query.queries import Queries
from indexer.query.results import Question
from indexer.store.catalog.catalog import Catalog
from tests.support.library import DAY, Library, V


def queries(library: Library, kept: Kept) -> tuple[Queries, list[str]]:
    """Queries of a thread of its own, and what they ask the catalog."""
    catalog = Catalog(library.catalog.path.parent)
    asked: list[str] = []
    catalog._sql.set_trace_callback(asked.append)
    table, embedder = library.table, library.embedder
    made = Queries(
        catalog,
        passages=lambda _: table,
        embedder=lambda: embedder,
        originals=lambda: pytest.fail("no originals are needed"),
        zone=UTC,
        kept=kept,
    )
    return made, asked


def read_documents(asked: list[str]) -> list[str]:
    """The statements that read what documents are called: all, or some by their numbers."""
    return [
        one for one in asked if "max(p.number)" in one and "JOIN source" in one and "GROUP BY d.no" in one
    ]


def test_who_asks_after_others_or_after_the_warming_up_reads_no_names(library: Library) -> None:
    kept = Kept()
    first, asked = queries(library, kept)
    first.warm()
    assert ["d.no IS NOT NULL" in one for one in read_documents(asked)] == [True]
    other, asked = queries(library, kept)
    other.search(Question("Which versions of nothing of that kind are there?"))
    assert not any("d.no IS NOT NULL" in one for one in read_documents(asked))


def test_after_a_commit_only_what_it_placed_is_read(library: Library) -> None:
    kept = Kept()
    made, asked = queries(library, kept)
    made.warm()
    library.write("quarry.md", [V(DAY, ["Stones."])])
    asked.clear()
    made.warm()
    (statement,) = read_documents(asked)
    assert f"d.no IN ({library.document_no('quarry.md')})" in statement
    answer = made.search(Question("Which versions of quarry.md are there?")).answer
    assert answer is not None
    assert "quarry.md has 1 version" in answer.text


def test_a_document_that_can_be_read_at_last_is_called_what_its_text_says(library: Library) -> None:
    kept = Kept()
    made, _ = queries(library, kept)
    library.write("scan-17.md", [V(DAY, None, origin="first")])
    question = Question("Which versions of the quarry rules are there?")
    assert "scan-17.md has" not in getattr(made.search(question).answer, "text", "")
    library.write("scan-17.md", [V(DAY, ["Stones."], origin="first", states={"title": "Quarry rules"})])
    assert "scan-17.md has 1 version" in getattr(made.search(question).answer, "text", "")


def test_a_question_that_began_before_a_commit_is_answered_as_of_then_whatever_names_came(
    library: Library,
) -> None:
    kept = Kept()
    early, _ = queries(library, kept)
    late, _ = queries(library, kept)
    with early._catalog.snapshot():  # what it asks inside sees this
        library.write("quarry.md", [V(DAY, ["Stones."])])
        question = Question("Which versions of quarry.md are there?")
        assert "quarry.md has 1 version" in getattr(late.search(question).answer, "text", "")
        assert "quarry.md has" not in getattr(early.search(question).answer, "text", "")
    assert "quarry.md has 1 version" in getattr(early.search(question).answer, "text", "")


@pytest.mark.parametrize("filters", [{"paths": ("*.md",)}, {"sources": ("policies",)}, {"under": "policies"}])
def test_who_asks_of_the_same_documents_again_reads_no_keys(
    library: Library, filters: dict[str, Any]
) -> None:
    made, asked = queries(library, Kept())
    question = Question("Which versions of leave.md are there?", **filters)
    first = made.search(question).answer
    assert first is not None
    asked.clear()
    assert made.search(question).answer == first
    assert not [one for one in asked if "SELECT DISTINCT document_no, source_no, key" in one]
    library.write("quarry.md", [V(DAY, ["Stones."])])
    answer = made.search(replace(question, text="Which versions of quarry.md are there?")).answer
    assert answer is not None
    assert "quarry.md has 1 version" in answer.text


def named(*names: str) -> NameIndex:
    index = NameIndex()
    for no, name in enumerate(names):
        index.put(no, [name])
    return index


def test_what_is_meant_best_is_found_though_most_names_share_a_word() -> None:
    index = named(
        *(f"guide {no} of place{no}" for no in range(300)), "travel guide", "travel guide of the north"
    )
    assert [meant.no for meant in index.meant("what does the travel guide say", 0.7)] == [300]
    assert [meant.no for meant in index.meant("the travel guide of the north", 0.7)] == [301]
    assert [meant.no for meant in index.meant("guide place7 7", 0.7)] == [7]
    assert index.meant("a guide to something", 0.7) == []


def test_of_names_that_fit_equally_well_all_are_meant_unless_they_are_left_out() -> None:
    index = named("leave policy", "pay day", "leave policy")
    assert [meant.no for meant in index.meant("leave policy")] == [0, 2]
    assert [meant.no for meant in index.meant("leave policy", among={1, 2})] == [2]
    assert index.meant("nothing of that kind") == []
