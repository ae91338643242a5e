"""One version of every document: what is chosen from a few numbers is what looking at each document's versions would choose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import pytest

from indexer.errors import AmbiguousError, NotFoundError
from indexer.query.everywhere import version_everywhere
from indexer.query.kept import OfCommit
from indexer.query.view import View
from indexer.selectors import select
from tests.support.library import DAY, Library, V

SELECTORS = (
    "first", "LATEST", "previous", "1", "2", "v2", "V2", "3", "9", "number:2", "label:2", "label:v2", "label:draft", "Draft",
    "final", "2024", "2024-01-01", "date:1970-01-03", "abcdef1", "release",
)  # fmt: skip


@pytest.fixture
def shelf(library: Library) -> Library:
    library.write(
        "a.md",
        [V(DAY, ["one"], labels=("2",)), V(2 * DAY, ["two"]), V(3 * DAY, ["three"], labels=("Draft",))],
    )
    library.write(
        "b.md", [V(DAY, ["b1"], labels=("v2",)), V(2 * DAY, ["b2"]), V(3 * DAY, ["b3"], labels=("2",))]
    )
    library.write(
        "same.md", [V(DAY, ["same"], labels=("final",)), V(2 * DAY, ["same"], labels=("Final",), origin="x")]
    )
    library.write("two.md", [V(DAY, ["t1"], labels=("final",)), V(2 * DAY, ["t2"], labels=("final",))])
    library.write(
        "aside.md", [V(DAY, ["a1"])], aside=[V(2 * DAY, ["a2"], origin="tag", labels=("draft", "2"))]
    )
    library.write("gone.md", [V(DAY, ["g1"], labels=("draft",)), V(2 * DAY, "gone", labels=("2",))])
    library.write("dark.md", [V(DAY, ["d1"]), V(2 * DAY, None, labels=("2",))])
    # What had the number and the label before was withdrawn later.
    library.write(
        "taken-back.md", [V(DAY, ["w1"]), V(2 * DAY, ["w2"], labels=("draft", "2")), V(3 * DAY, ["w3"])]
    )
    library.write("taken-back.md", [V(DAY, ["w1"]), V(3 * DAY, ["w3"])])
    library.write("moved.md", [V(DAY, ["m1"]), V(2 * DAY, ["m1"], key="elsewhere.md"), V(3 * DAY, ["m2"])])
    return library


@pytest.mark.parametrize("past", [False, True])
@pytest.mark.parametrize("selector", SELECTORS)
def test_the_versions_are_those_that_each_document_would_answer_with(
    shelf: Library, selector: str, past: bool
) -> None:
    with shelf.catalog.snapshot() as snapshot:
        view = View(snapshot, UTC, "1970-01-19" if past else None)
        chosen: dict[int, tuple[int, str]] = {}
        without = 0
        passages: set[int] = set()
        documents = snapshot.documents(known_at=view.known_at)
        assert len(documents) > 3
        for document in documents:
            versions = snapshot.versions(document.no, view.known_at)
            try:
                version = select(versions, selector, UTC, view.points(document.source_no)).version
            except (NotFoundError, AmbiguousError):
                without += 1
                continue
            chosen[document.no] = version.no, version.key
            passages.update(view.passage_nos(version))
        lookup = version_everywhere(view, selector, None, None)
        found = {no: (version.version_no, version.key) for no, version in lookup.elected.items()}
        assert found == chosen
        assert lookup.where is not None
        assert lookup.where.passages == passages
        assert (lookup.scope.documents_with, lookup.scope.documents_without) == (len(chosen), without)


def test_what_is_kept_of_a_commit_is_not_shown_after_the_next(shelf: Library) -> None:
    keeping = OfCommit()

    def count() -> int | None:
        with shelf.catalog.snapshot() as snapshot:
            keeping.see(snapshot.recorded, snapshot.purged)
            lookup = version_everywhere(View(snapshot, UTC, None, keeping), "2", None, None)
            return lookup.scope.documents_with

    before = count()
    assert before is not None
    assert count() == before
    shelf.write("more.md", [V(DAY, ["more"]), V(2 * DAY, ["and more"])])
    assert count() == before + 1


def test_what_a_commit_changed_is_all_that_changes_in_what_is_kept(shelf: Library) -> None:
    keeping = OfCommit()

    def passages(*, kept: bool) -> frozenset[int]:
        with shelf.catalog.snapshot() as snapshot:
            keeping.see(snapshot.recorded, snapshot.purged)
            view = View(snapshot, UTC, None, keeping if kept else None)
            where = version_everywhere(view, "latest", None, None).where
            assert where is not None
            assert where.passages is not None
            return where.passages

    lines = (
        ("hr/leave.md", [V(DAY, ["one", "two", "three"]), V(2 * DAY, ["one", "four"])]),
        (
            "hr/leave.md",
            [V(DAY, ["one", "two", "three"]), V(2 * DAY, ["one", "four"]), V(3 * DAY, ["one", "two"])],
        ),
        ("new.md", [V(DAY, ["new", "one"])]),
        ("a.md", [V(DAY, "gone")]),
        ("new.md", [V(DAY, ["new", "one"]), V(2 * DAY, None)]),
    )
    assert passages(kept=True) == passages(kept=False)
    for key, line in lines:
        shelf.write(key, line)
        assert passages(kept=True) == passages(kept=False), key


def always(value: str) -> Callable[[str | None], str]:
    return lambda _: value


def test_a_question_that_began_before_the_last_commit_is_answered_by_its_own_and_keeps_nothing() -> None:
    keeping = OfCommit()
    keeping.see(2, lambda: 0)
    assert keeping.get(2, "key", always("new")) == "new"
    assert keeping.get(1, "key", always("old")) == "old"
    assert keeping.get(2, "key", always("made again")) == "new"


def test_of_one_commit_the_values_that_were_not_asked_for_longest_are_let_go() -> None:
    keeping = OfCommit(most=2)
    keeping.see(1, lambda: 0)
    for key in ("a", "b", "a", "c"):
        keeping.get(1, key, always("first"))
    assert keeping.get(1, "a", always("again")) == "first"
    assert keeping.get(1, "b", always("again")) == "again"


def test_of_long_values_fewer_are_kept_but_the_last_one_always() -> None:
    keeping = OfCommit(numbers=10)
    keeping.see(1, lambda: 0)
    for key in ("a" * 6, "b" * 5, "c" * 50):
        keeping.get(1, key, always(key))
    assert keeping.get(1, "c" * 50, always("again")) == "c" * 50
    assert keeping.get(1, "b" * 5, always("again")) == "again"


@pytest.mark.parametrize("purges", [0, 1])
def test_what_was_known_of_an_earlier_commit_is_gone_on_from_unless_something_was_purged(purges: int) -> None:
    keeping = OfCommit()
    keeping.see(1, lambda: 0)
    keeping.get(1, "key", always("first"))
    keeping.see(2, lambda: 0)  # nobody asks for it
    keeping.see(3, lambda: purges)
    assert keeping.get(3, "key", lambda before: f"after {before}") == f"after {None if purges else 'first'}"
