"""Which documents are editions of one work: by their names, as configured, and as `history` tells it."""

from __future__ import annotations

import re

from indexer.query.asking.works import Grouping
from indexer.query.results import Question
from tests.support.library import Library, V
from tests.unit.query.asking.shelf import ask, numbers, on


def hits(library: Library, text: str, grouping: Grouping) -> set[tuple[str, int | None]]:
    return numbers(library.queries(grouping).search(Question(text)))


def test_patterns_say_which_edition_of_which_work_a_document_is(library: Library) -> None:
    for edition in ("k7", "k8"):
        library.write(
            f"contracts/acme/paper-{edition}.txt", [V(on("2024-01-01"), [f"Acme pays by {edition}."])]
        )
    patterns = (re.compile(r"^contracts/(?P<work>[^/]+)/paper-(?P<edition>k\d)\.txt$"),)
    question = "What does version K7 of acme say about who pays?"
    assert hits(library, question, Grouping(patterns=patterns)) == {("contracts/acme/paper-k7.txt", 1)}
    assert hits(library, question, Grouping()) == set()


def test_documents_can_be_put_together_whatever_they_are_called(library: Library) -> None:
    library.write("holidays.md", [V(on("2020-01-01"), ["Twenty days of holidays."])])
    library.write("time-off.md", [V(on("2021-01-01"), ["Thirty days of holidays."])])
    together = Grouping(together=(("holidays.md", "time-off.md"),))
    family = library.queries(together).history("time-off.md").family
    assert family is not None
    assert [edition.document.key for edition in family.editions] == ["holidays.md", "time-off.md"]
    assert library.queries().history("time-off.md").family is None


def test_documents_can_be_kept_apart(library: Library) -> None:
    key = "hr/travel-policy_v2.docx"
    assert library.queries().history(key).family is not None
    assert library.queries(Grouping(apart=((key,),))).history(key).family is None


def test_without_families_every_document_stands_alone(library: Library) -> None:
    queries = library.queries(Grouping(enabled=False))
    assert queries.history("hr/travel-policy_v2.docx").family is None
    assert numbers(ask(library, "hotels in travel policy v2")) == {("hr/travel-policy_v2.docx", 1)}
    off = numbers(queries.search(Question("hotels in travel policy v2")))
    assert ("hr/travel-policy_v3.docx", 2) in off  # its own second version: no name makes it an edition


def test_a_history_shows_the_other_editions_and_which_one_it_is(library: Library) -> None:
    family = library.queries().history("hr/travel-policy_v2.docx").family
    assert family is not None
    assert (family.name, family.label) == ("travel-policy", "2")
    assert [edition.label for edition in family.editions] == ["1", "2", "3"]
    assert family.editions[0].document.deleted


def test_an_edition_that_was_deleted_gives_way_to_one_of_its_label(library: Library) -> None:
    library.write("hr/travel-policy_v1.md", [V(on("2021-01-01"), ["Hotels cost little."])])
    assert numbers(ask(library, "hotels in travel policy v1")) == {("hr/travel-policy_v1.md", 1)}
