"""Searches among the documents with some labels, and below a place in their source's tree."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sized
from datetime import UTC
from pathlib import Path
from typing import TypeVar

import pytest

from indexer.errors import UsageError
from indexer.model import Instant
from indexer.query.results import Question
from indexer.query.scope import look_up
from indexer.query.view import View
from tests.support.library import DAY, Library, V
from tests.unit.query.searching import ask

T = TypeVar("T")

PAGES = {
    "home": ("HR",),
    "policies": ("HR/Policies", "Human Resources/Policies"),
    "leave": ("HR/Policies/Leave policy", "Human Resources/Policies/Leave policy"),
    "rates": ("HR/Policies/Rates 2024/25",),
    "old": ("HR/Policies archive",),
    "keys": ("IT/Handbook/Policies/Keys",),
    "street": ("IT/Handbook/Straße",),
}
LABELS = {
    "home": ("start",),
    "leave": ("Policy", "approved"),
    "rates": ("policy",),
    "keys": ("policy", "approved"),
}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Pages of a wiki with places and labels, a folder of files without."""
    library = Library(tmp_path / "data")
    for name, paths in PAGES.items():
        library.write(name, [V(DAY, [f"Word of {name}."], key=f"pages/{name}")], source="wiki")
        library.describe(name, {"path": paths, "label": LABELS.get(name, ())}, source="wiki")
    for key in ("hr/rules/leave.md", "hr/pay.md", "policies.md"):
        library.write(key, [V(DAY, [f"Word of {key}."])], source="files")
    return library


def found(library: Library, **options: object) -> set[str]:
    """What a search in this scope finds: the last word of each passage."""
    result = ask(library, "word", k=100, **options)
    return {hit.text.removeprefix("Word of ").removesuffix(".") for hit in result.hits}


# --- labels ---


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("start",), {"home"}),
        (("policy",), {"leave", "rates", "keys"}),
        (("POLICY",), {"leave", "rates", "keys"}),
        (("policy", "Approved"), {"leave", "keys"}),
        ((" policy ", "policy"), {"leave", "rates", "keys"}),
        (("policy", "start"), set()),
    ],
)
def test_a_document_must_have_all_labels_whatever_their_case(
    library: Library, labels: tuple[str, ...], expected: set[str]
) -> None:
    for options in ({}, {"history": True}, {"version": "1"}, {"as_of": "1970-01-02"}):
        assert found(library, labels=labels, **options) == expected, options
        assert ask(library, "word", labels=labels, **options).answer is None


def test_a_label_that_no_document_has_is_told_with_the_nearest(library: Library) -> None:
    for options in ({}, {"history": True}, {"version": "1"}, {"as_of": "1970-01-02"}):
        result = ask(library, "word", labels=("policy", "aproved"), **options)
        assert result.hits == ()
        assert result.answer is not None
        assert result.answer.text == 'no document has the label "aproved"; the nearest labels are approved'
        assert (result.answer.kind, result.answer.values["value"]) == ("exists", False)
        assert result.answer.values["nearest"] == ("approved",)
    unlike = ask(library, "word", labels=("xyz",)).answer
    assert unlike is not None
    assert unlike.text == 'no document has the label "xyz"'


def test_labels_are_those_that_were_believed_at_the_instant_asked_for(library: Library) -> None:
    library.describe("leave", {"label": ("draft",)}, source="wiki", recorded=5 * DAY)
    assert found(library, labels=("draft",)) == {"leave"}
    assert found(library, labels=("policy",)) == {"rates", "keys"}
    before = {"known_at": "1970-01-03"}
    assert found(library, labels=("policy",), **before) == {"leave", "rates", "keys"}
    answer = ask(library, "word", labels=("drafts",), **before).answer
    assert answer is not None
    assert answer.text == 'no document has the label "drafts"'  # nobody knew of "draft" then


def test_a_deleted_document_keeps_its_labels_for_the_past_and_for_history(library: Library) -> None:
    library.write("home", [V(DAY, ["Word of home."], key="pages/home"), V(3 * DAY, "gone")], source="wiki")
    assert found(library, labels=("start",)) == set()
    assert found(library, labels=("start",), as_of="1970-01-02") == {"home"}
    assert found(library, labels=("start",), history=True) == {"home"}


# --- places ---


@pytest.mark.parametrize(
    ("under", "expected"),
    [
        ("HR/Policies", {"policies", "leave", "rates"}),
        ("hr/policies/", {"policies", "leave", "rates"}),
        (" /HR/Policies ", {"policies", "leave", "rates"}),
        ("human resources/policies", {"policies", "leave"}),
        ("HR/Policies/Leave policy", {"leave"}),
        ("HR/Policies/Rates 2024/25", {"rates"}),  # a title with a slash in it
        ("HR", {"home", "policies", "leave", "rates", "old", "hr/rules/leave.md", "hr/pay.md"}),
        ("hr/rules", {"hr/rules/leave.md"}),
        ("hr/rules/leave.md", {"hr/rules/leave.md"}),
        ("files/hr/rules", {"hr/rules/leave.md"}),
        ("files", {"hr/rules/leave.md", "hr/pay.md", "policies.md"}),
        ("it/handbook/STRASSE", {"street"}),
    ],
)
def test_a_place_is_looked_for_at_the_beginning_of_a_path(
    library: Library, under: str, expected: set[str]
) -> None:
    for options in ({}, {"history": True}, {"version": "1"}, {"as_of": "1970-01-02"}):
        assert found(library, under=under, **options) == expected, options


@pytest.mark.parametrize(
    ("under", "expected", "readings"),
    [
        ("Policies", {"policies", "leave", "rates", "keys"}, "HR/Policies, IT/Handbook/Policies"),
        ("rules", {"hr/rules/leave.md"}, "hr/rules"),
        ("Handbook/Policies", {"keys"}, "IT/Handbook/Policies"),
        ("Policies/leave POLICY", {"leave"}, "HR/Policies/Leave policy"),
        ("25", {"rates"}, "HR/Policies/Rates 2024/25"),
    ],
)
def test_a_place_that_begins_no_path_is_looked_for_inside_and_the_answer_says_where(
    library: Library, under: str, expected: set[str], readings: str
) -> None:
    for options in ({}, {"history": True}, {"version": "1"}, {"as_of": "1970-01-02"}):
        assert found(library, under=under, **options) == expected, options
        scope = ask(library, "word", under=under, **options).scope
        assert scope.resolved_by.endswith(f'; "{under}" is read as {readings}')


def test_many_readings_are_not_all_listed(library: Library) -> None:
    for number in range(5):
        library.write(f"n{number}", [V(DAY, ["Word."], key=f"team{number}/notes/a.md")], source="files")
    scope = ask(library, "word", under="notes").scope
    assert scope.resolved_by.endswith("is read as team0/notes, team1/notes, team2/notes, …")


def test_parts_of_titles_are_no_places(library: Library) -> None:
    for under in ("HR/Pol", "olicies", "HR/Policies arch", "leave"):
        result = ask(library, "word", under=under)
        assert result.hits == ()
        assert result.answer is not None
        assert result.answer.text.startswith(f'no document stands at or below "{under}"')


def test_a_place_that_is_nowhere_is_told_with_the_nearest(library: Library) -> None:
    answer = ask(library, "word", under="IT/Handbok").answer
    assert answer is not None
    assert answer.text == 'no document stands at or below "IT/Handbok"; the nearest places are IT/Handbook'
    assert (answer.kind, answer.values) == ("exists", {"value": False, "nearest": ("IT/Handbook",)})


def test_a_place_means_the_same_whichever_source_is_searched(library: Library) -> None:
    """`HR` begins paths in the wiki, so that in another source it is no place inside either."""
    library.write("x", [V(DAY, ["Word of x."], key="all/it/handbook/x.md")], source="files")
    assert found(library, under="IT/Handbook") == {"keys", "street"}
    assert found(library, under="IT/Handbook", sources=("files",)) == set()


def test_all_scopes_narrow_together(library: Library) -> None:
    assert found(library, under="HR", labels=("policy",)) == {"leave", "rates"}
    assert found(library, under="HR", sources=("files",)) == {"hr/rules/leave.md", "hr/pay.md"}
    assert found(library, under="HR", paths=("**/l*",)) == {"leave", "hr/rules/leave.md"}
    assert found(library, labels=("policy",), paths=("pages/k*",)) == {"keys"}
    assert found(library, under="HR", labels=("policy", "approved"), version="1") == {"leave"}
    scope = ask(library, "word", under="HR", version="7").scope
    assert (scope.documents_with, scope.documents_without) == (0, 7)


def test_the_key_at_the_instant_asked_for_is_the_place_of_a_file(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    moved = [V(DAY, ["Word one."]), V(3 * DAY, ["Word one."], key="new/a.md")]
    library.write("old/a.md", moved, recorded=9 * DAY)

    def numbers(**options: object) -> list[int | None]:
        return [hit.version.version.number for hit in ask(library, "word", **options).hits]

    assert numbers(under="old") == []
    assert numbers(under="new") == [2]
    assert numbers(under="old", as_of="1970-01-02") == [1]
    assert numbers(under="old", history=True) == [1]
    assert numbers(under="old", version="1") == [1]
    assert numbers(under="new", version="1") == []


def test_the_place_of_a_page_is_the_one_that_was_believed_at_the_instant_asked_for(library: Library) -> None:
    library.describe("leave", {"path": ("Archive/Leave",)}, source="wiki", recorded=5 * DAY)
    assert found(library, under="Archive") == {"leave"}
    assert "leave" not in found(library, under="HR/Policies")
    assert "leave" in found(library, under="HR/Policies", known_at="1970-01-03")
    # What was learnt later changes no earlier answer, and no place that was found inside then.
    library.describe("keys", {"path": ("Policies/Keys",)}, source="wiki", recorded=7 * DAY)
    assert found(library, under="Policies") == {"keys"}
    for options in ({}, {"history": True}, {"version": "1"}, {"as_of": "1970-01-02"}):
        then = found(library, under="Policies", known_at="1970-01-03", **options)
        assert then == {"policies", "leave", "rates", "keys"}, options


def test_a_key_that_was_learnt_later_changes_no_place_that_was_found_inside_before(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("hr/rules/a.md", [V(DAY, ["Word one."])], recorded=3 * DAY)
    library.write("rules/b.md", [V(DAY, ["Word two."])], recorded=6 * DAY)
    for options in ({}, {"history": True}, {"version": "1"}):
        assert [h.text for h in ask(library, "word", under="rules", **options).hits] == ["Word two."]
        then = ask(library, "word", under="rules", known_at="1970-01-05", **options)
        assert [h.text for h in then.hits] == ["Word one."], options


def test_the_key_of_a_page_whose_place_is_known_does_not_count(library: Library) -> None:
    assert found(library, under="wiki/pages") == set()
    library.describe("home", {"label": ("start",)}, source="wiki")  # nothing is said of its place any more
    assert found(library, under="wiki/pages") == {"home"}


def test_most_documents_are_searched_by_leaving_out_the_others(library: Library) -> None:
    """Which of both is done shows in no answer."""
    wanted = ("hr/rules/leave.md", "hr/pay.md")
    for key in wanted:
        library.describe(key, {"label": ("few",)}, source="files")
    assert found(library, labels=("few",)) == set(wanted)
    for name in [*PAGES, "policies.md"]:
        source = "wiki" if name in PAGES else "files"
        library.describe(name, {"label": ("many",)}, source=source)
    assert found(library, labels=("many",)) == {*PAGES, "policies.md"}
    assert found(library, labels=("many",), sources=("files",)) == {"policies.md"}


@pytest.mark.parametrize(
    "options",
    [
        {"labels": ("",)},
        {"labels": ("policy", " ")},
        {"under": ""},
        {"under": " / "},
        {"under": "HR", "document": "pages/leave"},
        {"labels": ("policy",), "document": "pages/leave"},
    ],
)
def test_what_makes_no_sense_is_wrong_usage(library: Library, options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ask(library, "word", **options)


def test_a_document_that_cannot_be_read_is_found_by_its_label_in_its_last_text(library: Library) -> None:
    library.write("home", [V(DAY, ["Word of home."], key="pages/home"), V(3 * DAY, None)], source="wiki")
    (hit,) = ask(library, "word", labels=("start",)).hits
    assert (hit.text, hit.stale) == ("Word of home.", True)


# --- what is kept ---


class Weighing:
    """Keeps nothing, and notes how long each value says that it is."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def get(self, recorded: Instant, key: Hashable, make: Callable[[T | None], T]) -> T:
        made = make(None)
        assert isinstance(made, Sized)
        self.sizes.append(len(made))
        return made


@pytest.mark.parametrize(("paths", "size"), [(("policies.md",), 1), (("hr/",), 2), (("pages/",), 3)])
def test_a_narrowed_scope_counts_among_what_is_kept_for_the_documents_that_it_names(
    library: Library, paths: tuple[str, ...], size: int
) -> None:
    keeping = Weighing()
    with library.catalog.snapshot() as snapshot:
        look_up(View(snapshot, UTC, None, keeping), Question("word", paths=paths))
    assert keeping.sizes == [size]
