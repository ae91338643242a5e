"""Which document and version DOC and DOC@SEL mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.errors import AmbiguousError, NotFoundError, UsageError
from indexer.query.queries import Queries
from tests.support.library import DAY, Library, V


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data")
    library.write(
        "hr/leave-policy.md",
        [V(DAY, ["Leave 1."], title="Leave Policy"), V(2 * DAY, ["Leave 2."], title="Leave Policy")],
    )
    library.write("it/Backup plan.md", [V(DAY, ["Backup."])])
    library.write("it/readme.md", [V(DAY, ["It."])])
    library.write("hr/readme.md", [V(DAY, ["Hr."])])
    library.write("notes@home.md", [V(DAY, ["At home."])])
    library.write("readme.md", [V(DAY, ["Wiki."])], source="wiki")
    library.write("only.md", [V(DAY, ["Only."])], source="wiki")
    return library


def key_of(queries: Queries, reference: str) -> str:
    document = queries.history(reference).document
    return f"{document.source}:{document.key}"


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("hr/leave-policy.md", "policies:hr/leave-policy.md"),
        ("leave-policy.md", "policies:hr/leave-policy.md"),
        ("policies:hr/leave-policy.md", "policies:hr/leave-policy.md"),
        ("policies:leave-policy.md", "policies:hr/leave-policy.md"),
        ("Leave Policy", "policies:hr/leave-policy.md"),
        ("leave policy", "policies:hr/leave-policy.md"),
        ("Backup plan.md", "policies:it/Backup plan.md"),
        ("readme.md", "wiki:readme.md"),
        ("wiki:readme.md", "wiki:readme.md"),
        ("notes@home.md", "policies:notes@home.md"),
        ("notes@home.md@1", "policies:notes@home.md"),
        ("only.md@first", "wiki:only.md"),
    ],
)
def test_a_name_means_one_document(library: Library, reference: str, key: str) -> None:
    assert key_of(library.queries(), reference) == key


def test_an_id_a_prefix_of_it_and_a_citation_mean_the_document(library: Library) -> None:
    queries = library.queries()
    id_ = library.document_id("hr/leave-policy.md")
    citation = queries.show(id_).passages[0].citation
    for reference in (id_, id_[:8], citation):
        assert key_of(queries, reference) == "policies:hr/leave-policy.md"


def test_a_citation_selects_its_version(library: Library) -> None:
    queries = library.queries()
    citation = queries.show("leave-policy.md@1").passages[0].citation
    assert queries.show(citation).text == "Leave 1."


def test_part_of_a_path_component_means_nothing(library: Library) -> None:
    with pytest.raises(NotFoundError):
        library.queries().history("policy.md")


def test_an_ending_of_several_keys_is_ambiguous_and_lists_them(library: Library) -> None:
    with pytest.raises(AmbiguousError) as raised:
        library.queries().history("policies:readme.md")
    assert raised.value.code == "ambiguous-document"
    assert sorted(candidate["key"] for candidate in raised.value.candidates) == [
        "hr/readme.md",
        "it/readme.md",
    ]
    assert set(raised.value.candidates[0]) == {"id", "source", "key", "title"}


@pytest.mark.parametrize("reference", ["leave-polcy.md", "hr/leave_policy.md", "leave-polcy.md@2"])
def test_a_misspelt_name_is_answered_with_what_was_meant(library: Library, reference: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        library.queries().show(reference)
    assert raised.value.code == "no-such-document"
    assert "hr/leave-policy.md" in raised.value.remedy


def test_a_version_that_is_not_there_is_not_found(library: Library) -> None:
    with pytest.raises(NotFoundError) as raised:
        library.queries().show("leave-policy.md@7")
    assert raised.value.code == "no-such-version"


def test_an_empty_name_is_wrong_usage(library: Library) -> None:
    with pytest.raises(UsageError):
        library.queries().show("  ")


@pytest.fixture
def swapped(tmp_path: Path) -> Library:
    """Two documents that exchanged their names on day 3."""
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["First."]), V(3 * DAY, ["First."], key="b.md")])
    library.write("b.md", [V(DAY, ["Second."]), V(3 * DAY, ["Second."], key="a.md")])
    return library


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("a.md", "Second."),
        ("b.md", "First."),
        ("a.md@1", "First."),
        ("a.md@2", "Second."),
        ("a.md@date:1970-01-02", "First."),
        ("a.md@date:1970-01-09", "Second."),
        ("a.md@latest", "Second."),
    ],
)
def test_a_key_means_the_document_that_had_it_at_the_selected_version(
    swapped: Library, reference: str, text: str
) -> None:
    assert swapped.queries().show(reference).text == text


def test_a_key_that_two_documents_had_at_that_number_is_ambiguous(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["Old."]), V(2 * DAY, ["Old."], key="archive/a-old.md")])
    library.write("new/a.md", [V(DAY, ["New."], key="a.md")])
    with pytest.raises(AmbiguousError):
        library.queries().show("a.md@1")
    assert library.queries().show("a.md").text == "New."


def test_a_new_name_reaches_versions_from_before_the_rename(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["Old."]), V(2 * DAY, ["New."], key="b.md")])
    assert library.queries().show("b.md@1").text == "Old."
    assert library.queries().show("a.md@1").text == "Old."


def test_an_old_name_means_the_last_that_had_it(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["One."]), V(2 * DAY, ["One."], key="one.md")])
    library.write(
        "tmp.md", [V(DAY, ["Two."]), V(3 * DAY, ["Two."], key="a.md"), V(4 * DAY, ["Two."], key="two.md")]
    )
    assert key_of(library.queries(), "a.md") == "policies:two.md"


def test_a_deleted_document_is_found_unless_another_has_its_name(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["One."]), V(2 * DAY, "gone")])
    assert library.queries().history("a.md").document.deleted
    library.write("b.md", [V(DAY, ["Two."]), V(3 * DAY, ["Two."], key="a.md")])
    assert not library.queries().history("a.md").document.deleted


def test_a_document_that_was_not_known_yet_is_not_found(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("other.md", [V(DAY, ["Other."])], recorded=DAY)
    library.write("a.md", [V(DAY, ["One."])], recorded=9 * DAY)
    with pytest.raises(NotFoundError, match="known at"):
        library.queries().show("a.md", known_at="1970-01-05")


Ask = Callable[[Queries, str], object]


@pytest.mark.parametrize("ask", [Queries.history, Queries.show, Queries.blame, Queries.original])
def test_every_question_resolves_names_alike(library: Library, ask: Ask) -> None:
    with pytest.raises(AmbiguousError):
        ask(library.queries(), "policies:readme.md")
