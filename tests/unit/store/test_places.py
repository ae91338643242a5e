"""What the write side asks about places on the line: who held a key there, and what came after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.library import DAY, Library, V


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def at(place: int, key: str | None = None, *, gone: bool = False) -> V:
    return V(
        place * DAY, "gone" if gone else [f"text {place}"], key=key, origin=f"commit:{place}", sequence=place
    )


def holders(library: Library, key: str, places: Sequence[int], source_no: int = 1) -> list[int | None]:
    state = library.catalog.current()
    return [state.holder_at(source_no, key, place) for place in places]


def test_a_key_belongs_to_the_document_whose_last_version_there_has_it(library: Library) -> None:
    library.write("a.md", [at(10), at(20, "b.md"), at(40, "c.md")])
    library.write("new a", [at(30, "a.md")])
    first, second = (library.document_no(key) for key in ("a.md", "new a"))

    assert holders(library, "a.md", [10, 19]) == [first, first]
    assert holders(library, "a.md", [30, 99]) == [second, second]
    assert holders(library, "b.md", [20, 39]) == [first, first]
    assert holders(library, "c.md", [40]) == [first]
    # It had moved away, and nobody came later.
    assert holders(library, "b.md", [40]) == [None]
    assert holders(library, "nothing.md", [40]) == [None]
    assert holders(library, "a.md", [10], source_no=2) == [None]


def test_a_key_that_a_document_left_belongs_to_one_that_has_it_later(library: Library) -> None:
    library.write("a.md", [at(10), at(20, "b.md")])
    library.write("new a", [at(30, "a.md")])
    assert holders(library, "a.md", [25]) == [library.document_no("new a")]


def test_a_deleted_document_keeps_its_key_until_another_has_it(library: Library) -> None:
    library.write("a.md", [at(10), at(20, gone=True)])
    library.write("other", [at(15, "x.md"), at(30, "a.md"), at(40, "a.md", gone=True)])
    first, second = (library.document_no(key) for key in ("a.md", "other"))
    assert holders(library, "a.md", [20, 29, 30, 40]) == [first, first, second, second]


def test_before_it_was_ever_there_a_key_belongs_to_the_first_that_has_it(library: Library) -> None:
    library.write("late", [at(50, "a.md")])
    library.write("early", [at(30, "x.md"), at(40, "a.md")])
    library.write("beside", [], aside=[at(7, "a.md")])
    late, early = (library.document_no(key) for key in ("late", "early"))
    assert holders(library, "a.md", [5, 29]) == [early, early]
    # At 35 the early one is elsewhere: what it has later says nothing of it.
    assert holders(library, "a.md", [35, 40, 50]) == [late, early, late]


def test_a_document_that_is_only_aside_holds_a_key_that_nobody_else_has(library: Library) -> None:
    library.write("beside", [], aside=[at(7, "a.md")])
    library.write("both", [at(20, "x.md")], aside=[at(8, "b.md")])
    assert holders(library, "a.md", [0, 99]) == [library.document_no("beside")] * 2
    assert holders(library, "b.md", [10]) == [library.document_no("both")]
    assert holders(library, "b.md", [20]) == [None]


def test_a_withdrawn_version_holds_nothing(library: Library) -> None:
    library.write("a.md", [at(10), at(20, "b.md")])
    library.write("a.md", [at(10)])
    assert holders(library, "b.md", [20]) == [None]
    assert holders(library, "a.md", [20]) == [library.document_no("a.md")]


def test_what_came_after_a_place_is_on_the_line_and_behind_it(library: Library) -> None:
    library.write("a.md", [at(10), at(20), at(30)], aside=[at(25)])
    library.write("b.md", [at(15), at(20)])
    library.write("b.md", [at(15)])
    library.write("c.md", [at(40)], source="other")
    found = library.catalog.current().after(1, 15)
    assert {no: [version.sequence for version in versions] for no, versions in found.items()} == {
        library.document_no("a.md"): [20, 30]
    }
    line = library.catalog.current().line(library.document_no("a.md"))
    assert found[library.document_no("a.md")] == [v for v in line if v.sequence > 15 and not v.aside]


def test_origins_are_those_of_every_version_withdrawn_ones_included(library: Library) -> None:
    library.write("a.md", [at(10), at(20)], aside=[at(25)])
    library.write("a.md", [at(10)], aside=[at(25)])
    library.write("b.md", [at(30)])
    library.write("c.md", [at(40)], source="other")
    first, second = (library.document_no(key) for key in ("a.md", "b.md"))
    assert library.catalog.current().origins(1) == {
        "commit:10": first,
        "commit:20": first,
        "commit:25": first,
        "commit:30": second,
    }
