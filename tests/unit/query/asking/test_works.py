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


def page(library: Library, key: str, day: str, text: str, **states: str) -> None:
    library.write(key, [V(on(day), [text], states=states)])


def test_documents_that_state_versions_beside_one_title_are_editions(library: Library) -> None:
    page(
        library,
        "it/backup-old.md",
        "2024-01-01",
        "Tapes are kept five years.",
        title="Backup policy",
        version="2.1",
    )
    page(
        library,
        "it/backup.md",
        "2024-01-01",
        "Tapes are kept ten years.",
        title="Backup policy",
        version="2.2",
    )
    page(library, "hr/backup.md", "2024-01-01", "Deputies are named.", title="Backup policy", version="7")
    result = ask(library, "What does version 2.1 of the backup policy say about tapes?")
    assert numbers(result) == {("it/backup-old.md", 1)}
    family = library.queries().history("it/backup.md").family
    assert family is not None
    assert [edition.label for edition in family.editions] == ["2.1", "2.2"]


def test_documents_that_state_dates_beside_the_title_of_something_that_is_revised_are_editions(
    library: Library,
) -> None:
    for title in ("Parking policy", "Weekly minutes"):
        name = title.split()[1]
        page(library, f"{name}-a.md", "2024-01-01", "Two places.", title=title, date="2023-05-01")
        page(library, f"{name}-b.md", "2024-01-01", "Three places.", title=title, date="2024-02-01")
    family = library.queries().history("policy-a.md").family
    assert family is not None
    assert [edition.label for edition in family.editions] == ["2023-05-01", "2024-02-01"]
    assert library.queries().history("minutes-a.md").family is None


def test_an_edition_that_states_another_version_is_another_edition_then(library: Library) -> None:
    page(library, "a.md", "2024-01-01", "Old.", title="Backup policy", version="1")
    page(library, "b.md", "2024-01-01", "New.", title="Backup policy", version="2")
    queries = library.queries()
    family = queries.history("b.md").family
    assert family is not None
    library.write(
        "b.md",
        [
            V(on("2024-01-01"), ["New."], states={"title": "Backup policy", "version": "2"}),
            V(on("2024-02-01"), ["Newer."], states={"title": "Backup policy", "version": "3"}),
        ],
    )
    changed = queries.history("b.md").family
    assert changed is not None
    assert [edition.label for edition in changed.editions] == ["1", "3"]


def test_one_title_without_versions_makes_no_editions(library: Library) -> None:
    page(library, "a.md", "2024-01-01", "One.", title="Backup policy")
    page(library, "b.md", "2024-01-01", "Two.", title="Backup policy")
    page(library, "c.md", "2024-01-01", "Three.", title="Backup policy", version="3")
    assert library.queries().history("c.md").family is None


def test_several_files_of_one_edition_are_told_and_are_one_step(library: Library) -> None:
    for name, text in (
        ("rota_v1.md", "Two."),
        ("rota_v2.md", "Three."),
        ("rota_v2.txt", "Three."),
        ("rota_v3.md", "Four."),
    ):
        library.write(name, [V(on("2024-01-01"), [f"{text[:-1]} people are on call."])])
    result = ask(library, "What does rota v2 say about people on call?")
    assert numbers(result) == {("rota_v2.md", 1), ("rota_v2.txt", 1)}
    assert "2 files are edition 2 of rota: rota_v2.md, rota_v2.txt" in result.scope.resolved_by
    before = ask(library, "What did the version before v3 of rota say about people on call?")
    assert numbers(before) == {("rota_v2.md", 1)}
    changed = ask(library, "What changed in rota v2?").answer
    assert changed is not None
    assert changed.text.startswith("1 of 1 changes from 1 to 2 of rota")
    last = ask(library, "When was rota last changed?").answer
    assert last is not None
    assert last.text.startswith("1 of 1 changes from 2 to 3 of rota, 2024-01-01 12:00")
