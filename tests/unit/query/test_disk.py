"""What `status` says is held: by source, shared bytes once, and by what lies in the data folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder

SHARED = b"# Shared\n\nThe same words in both."
ALONE = b"# Alone\n\nWords that one of them has."


@pytest.fixture
def home() -> Iterator[Home]:
    place = fast_folder("disk-")
    with Home(place / "data", lance=True) as home:
        for uid in ("fake:first", "fake:second"):
            folder = FakeFolder(home.clock, uid)
            folder.write("shared.md", SHARED)
            if uid == "fake:first":
                folder.write("alone.md", ALONE)
            home.clock.advance()
            home.backfill(folder)
            folder.write("shared.md", SHARED + b"\n\nMore.")
            home.clock.advance()
            home.backfill(folder)
        yield home
    shutil.rmtree(place)


def test_what_is_shared_counts_for_the_source_that_was_indexed_first(home: Home) -> None:
    sources = {source.name: source.disk for source in home.queries().status().sources}
    first, second = sources["first"], sources["second"]
    assert first is not None
    assert second is not None
    assert (first.originals, first.original_bytes) == (3, 2 * len(SHARED) + len(ALONE) + len(b"\n\nMore."))
    assert (second.originals, second.original_bytes) == (0, 0)
    assert (first.rows + second.rows) == len(home.catalog_rows())
    assert (first.text_bytes, second.text_bytes) == (None, None)


def test_everything_is_measured_only_where_that_is_asked_for(home: Home) -> None:
    quick, thorough = home.queries().status().disk, home.queries().status(disk=True)
    assert quick is not None
    assert (quick.originals, quick.copies) == (None, None)
    assert quick.catalog >= (home.folder / "catalog.sqlite").stat().st_size
    assert quick.passages > 0
    assert quick.models == 0
    assert quick.free > 0
    assert thorough.disk is not None
    stored = sum(file.stat().st_size for file in (home.folder / "originals").glob("??/*"))
    assert thorough.disk.originals == stored
    texts = [source.disk.text_bytes for source in thorough.sources if source.disk]
    packed = home.sql("SELECT sum(length(text)) FROM passage")[0][0]
    assert sum(text or 0 for text in texts) == packed


def test_an_empty_index_holds_nothing() -> None:
    place = fast_folder("disk-")
    with Home(place / "data") as home:
        status = home.queries().status(disk=True)
        assert status.disk is not None
        assert (status.disk.passages, status.disk.originals, status.sources) == (0, 0, ())
    shutil.rmtree(place)
