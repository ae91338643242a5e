"""What `show` says of a document as a whole, and of versions that a source counts and does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import DamagedStoreError, NotFoundError
from indexer.query.results import Description
from tests.support.library import DAY, Library, V
from tests.unit.query.searching import ask


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data")
    library.write("leave", [V(DAY, ["Word."])], recorded=2 * DAY)
    return library


def test_a_document_is_shown_with_what_its_source_says_of_it(library: Library) -> None:
    assert library.queries().show("leave").description == Description()
    library.describe(
        "leave",
        {
            "label": ("hr", "Policy"),
            "path": ("HR/Leave", "Human Resources/Leave"),
            "access": ('{"view":["a"]}',),
        },
        recorded=3 * DAY,
    )
    assert library.queries().show("leave").description == Description(
        ("Policy", "hr"), "HR/Leave", {"view": ["a"]}
    )
    assert library.queries().show("leave", "1970-01-03").description == Description()


@pytest.mark.parametrize("access", [("{",), ("[]",), ("{}", "{ }")])
def test_access_that_cannot_be_read_is_no_access_for_everybody(
    library: Library, access: tuple[str, ...]
) -> None:
    library.describe("leave", {"access": access})
    with pytest.raises(DamagedStoreError, match="who may see leave"):
        library.queries().show("leave")


def test_a_version_that_the_source_deleted_is_said_to_be_deleted_and_its_neighbours_are_named(
    tmp_path: Path,
) -> None:
    library = Library(tmp_path / "data")
    library.write(
        "page", [V(2 * DAY, ["Two."], labels=("2",)), V(3 * DAY, "gone", labels=("3",)), V(4 * DAY, ["Four."], labels=("4",))]
    )  # fmt: skip
    with pytest.raises(NotFoundError) as raised:
        library.queries().show("page@3")
    assert (raised.value.exit_code, raised.value.code) == (3, "tombstone-version")
    assert raised.value.message == 'version "3" of page was deleted at its source'
    assert raised.value.remedy == (
        'its last text is version 1 (labelled "2") (`indexer show page@number:1`); '
        'the next one is version 3 (labelled "4") (`indexer show page@number:3`)'
    )
    answer = ask(library, "two", document="page", version="3").answer
    assert answer is not None
    assert answer.text.startswith('version "3" of page was deleted at its source; ')
    assert library.queries().show("page@4").text == "Four."


def test_a_document_that_was_deleted_at_a_counted_version_is_said_to_be_gone(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("page", [V(2 * DAY, ["Two."], labels=("2",)), V(3 * DAY, "gone", labels=("3",))])
    with pytest.raises(
        NotFoundError, match=r'version "3" of page was deleted, and the document with it, on 1970'
    ):
        library.queries().show("page@3")


def test_a_deletion_that_was_taken_back_names_the_text_after_it_too(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["One."]), V(2 * DAY, "gone"), V(3 * DAY, ["Three."])])
    with pytest.raises(NotFoundError, match=r"^a.md was deleted on 1970-01-03") as raised:
        library.queries().show("a.md@2")
    assert raised.value.remedy == (
        "its last text is version 1 (`indexer show a.md@number:1`); "
        "the next one is version 3 (`indexer show a.md@number:3`)"
    )
