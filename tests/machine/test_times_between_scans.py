"""Between two complete scans, looks at a few places saw states as well: what comes later began after these."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.ingest.backfill import Backfill
from indexer.ingest.writing import Writer
from indexer.model import Instant, TimeBasis
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, configured

MINUTE = 60_000_000


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    yield home
    home.close()


@pytest.fixture
def folder(home: Home) -> FakeFolder:
    """One document, seen by a complete scan."""
    folder = FakeFolder(home.clock)
    folder.write("a.md", b"First text.")
    home.clock.advance(MINUTE)
    home.backfill(folder)
    home.clock.advance(MINUTE)
    return folder


class Hurried:
    """Has every key wait that it is asked about, as if all were on the move."""

    def waiting(self, gone: Collection[str], come: Collection[str], since: float | None) -> Collection[str]:
        del since
        return {*gone, *come}


def look(home: Home, folder: FakeFolder, *scopes: str) -> None:
    home.clock.advance(MINUTE)
    Backfill(home.index).update(configured(folder), Writer(home.index), scopes=scopes)
    home.clock.advance(MINUTE)


def began(home: Home, key: str) -> list[tuple[Instant | None, TimeBasis]]:
    """When each version began, oldest first, and how that is known."""
    versions = [entry.version for entry in reversed(home.queries().history(key).versions)]
    return [(version.valid_from, version.time_basis) for version in versions]


def test_a_time_before_the_last_look_is_not_believed_though_it_is_after_the_last_scan(
    home: Home, folder: FakeFolder
) -> None:
    folder.write("a.md", b"Second text.")
    saved = home.clock.now()
    look(home, folder, "a.md")
    seen = home.clock.now()
    home.clock.advance(MINUTE)
    folder.write("a.md", b"Third text, from a backup.", mtime=saved + 1)
    look(home, folder, "a.md")
    _, second, third = began(home, "a.md")
    assert second == (saved, TimeBasis.MTIME)
    assert third[0] is not None
    assert third[0] > seen
    assert third[1] is TimeBasis.CTIME


def test_nor_is_one_before_the_document_came_to_its_place(home: Home, folder: FakeFolder) -> None:
    saved = home.clock.now()
    home.clock.advance(MINUTE)
    folder.move("a.md", "b.md")
    look(home, folder, "a.md", "b.md")
    seen = home.clock.now()
    home.clock.advance(MINUTE)
    folder.write("b.md", b"Another text, from a backup.", mtime=saved)
    look(home, folder, "b.md")
    last = began(home, "b.md")[-1]
    assert last[0] is not None
    assert last[0] > seen


def test_nor_is_one_before_the_document_was_gone(home: Home, folder: FakeFolder) -> None:
    folder.write("other.md", b"So that not everything is gone.")
    saved = home.clock.now()
    look(home, folder, "other.md")
    folder.delete("a.md")
    look(home, folder, "a.md")
    seen = home.clock.now()
    home.clock.advance(MINUTE)
    folder.write("a.md", b"Another text, from a backup.", mtime=saved)
    look(home, folder, "a.md")
    last = began(home, "a.md")[-1]
    assert last[0] is not None
    assert last[0] > seen


def test_what_looks_saw_counts_until_the_next_complete_scan(home: Home, folder: FakeFolder) -> None:
    folder.write("a.md", b"Second text.")
    look(home, folder, "a.md")
    with home.index.catalog.recorded() as state:
        assert set(state.verified(1)) == {"a.md"}
    home.backfill(folder)
    with home.index.catalog.recorded() as state:
        assert state.verified(1) == {}
    home.clock.advance(MINUTE)
    folder.write("a.md", b"Third text.")
    saved = home.clock.now()
    look(home, folder, "a.md")
    assert began(home, "a.md")[-1] == (saved, TimeBasis.MTIME)


def test_an_edit_that_a_scan_left_for_the_next_look_began_when_it_was_saved(
    home: Home, folder: FakeFolder
) -> None:
    folder.write("a.md", b"Second text.")
    saved = home.clock.now()
    home.clock.advance(MINUTE)
    Backfill(replace(home.index, afoot=Hurried())).run([configured(folder)])
    assert len(began(home, "a.md")) == 1
    look(home, folder, "a.md")
    assert began(home, "a.md")[1:] == [(saved, TimeBasis.MTIME)]
