"""Folding what a source says of a document as a whole: only what differs becomes part of a commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from indexer.errors import NotFoundError
from indexer.ingest.drafts import DocumentChange, Folded, VersionDraft
from indexer.ingest.folding import Fold
from indexer.model import TimeBasis, VersionKind
from indexer.ports import SourceTime
from indexer.ports.batch import Batch
from tests.support.indexes import Home

Said = Mapping[str, tuple[str, ...]]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path) as home:
        home.index.catalog.register("uid", "wiki", "fake")
        assert fold(home, DocumentChange(None, (gone("first", 1),), lineage="page-1"))[0].document_no == 1
        yield home


def gone(origin: str, at: int, *labels: str) -> VersionDraft:
    return VersionDraft(
        VersionKind.TOMBSTONE, origin, "page.md", SourceTime(at, TimeBasis.OBSERVED), labels=labels
    )


def fold(home: Home, *changes: DocumentChange) -> tuple[Folded, Batch]:
    """Fold these into one batch and commit it; what the last one did, and the batch."""
    catalog = home.index.catalog
    batch = Batch(catalog.next_instant(home.clock), 1)
    folding = Fold(home.index, catalog.current(), batch, lambda key, origin: None)
    folded = [folding.apply(change) for change in changes][-1]
    if not batch.empty:
        catalog.commit(batch)
    return folded, batch


def say(home: Home, said: Said | None, *, late: bool = False) -> tuple[Folded, Batch]:
    return fold(home, DocumentChange(1, attributes=said, late=late))


def believed(home: Home) -> Said:
    return home.index.catalog.current().attributes(1)


def test_what_is_new_is_a_change_of_the_document(home: Home) -> None:
    folded, batch = say(home, {"label": ("b", "a", "a", ""), "access": ("{}",)})
    assert (folded.changed, folded.versions_added) == (True, 0)
    assert batch.attributes == {1: {"label": ("a", "b"), "access": ("{}",)}}
    assert believed(home) == {"label": ("a", "b"), "access": ("{}",)}


def test_a_new_document_is_described_with_its_first_version(home: Home) -> None:
    folded, _ = fold(
        home, DocumentChange(None, (gone("second", 1),), lineage="page-2", attributes={"label": ("a",)})
    )
    assert home.index.catalog.current().attributes(folded.document_no) == {"label": ("a",)}


@pytest.mark.parametrize(
    ("said", "late"),
    [
        (None, False),
        (None, True),
        ({"label": ("b", "a"), "path": ("x",)}, False),
        ({"label": ("other",)}, True),
        ({}, True),
    ],
)
def test_what_says_nothing_new_changes_nothing_at_all(home: Home, said: Said | None, late: bool) -> None:
    say(home, {"label": ("a", "b"), "path": ("x",)})
    folded, batch = say(home, said, late=late)
    assert (folded.changed, batch.empty) == (False, True)
    assert believed(home) == {"label": ("a", "b"), "path": ("x",)}


def test_what_is_said_replaces_its_name_and_leaves_the_others(home: Home) -> None:
    say(home, {"label": ("a",), "path": ("x",)})
    say(home, {"label": ("b",)})
    assert believed(home) == {"label": ("b",), "path": ("x",)}
    folded, _ = say(home, {})
    assert not folded.changed
    folded, _ = say(home, {"label": ()})
    assert folded.changed
    assert believed(home) == {"label": (), "path": ("x",)}


def test_an_earlier_look_fills_in_only_what_nothing_is_recorded_of(home: Home) -> None:
    say(home, {"label": (), "path": ("x",)})
    folded, _ = say(home, {"label": ("old",), "path": ("old",), "access": ("{}",)}, late=True)
    assert folded.changed
    # That there is no label any more was said, too.
    assert believed(home) == {"label": (), "path": ("x",), "access": ("{}",)}


def test_two_looks_in_one_commit_are_folded_one_after_the_other(home: Home) -> None:
    fold(
        home,
        DocumentChange(1, attributes={"label": ("new",)}),
        DocumentChange(1, attributes={"label": ("old",), "path": ("x",)}, late=True),
    )
    assert believed(home) == {"label": ("new",), "path": ("x",)}


def test_a_tombstone_keeps_the_label_that_its_source_gives_it(home: Home) -> None:
    fold(home, DocumentChange(1, (gone("third", 9, "3"),)))
    with pytest.raises(NotFoundError, match=r'^version "3" of page.md was deleted') as raised:
        home.queries().show("page.md@3")
    assert raised.value.exit_code == 3
