"""Work in proportion to change: an edit embeds a few passages however long its document is, a rename none.

`python -m benchmarks.change` measures the same on more edits, and on real documents.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.texts import Author
from benchmarks.workplace import percentile
from connectors.files import FilesConnector
from connectors.files.settings import FilesSettings
from indexer.ingest.index import ConfiguredSource
from tests.support.fake_clock import FakeClock
from tests.support.indexes import Home, fast_folder

SIZES = (20, 50, 120, 300)
"""Passages of the documents, about."""
EDITS = 60
FAR_FUTURE = 4_000_000_000_000_000
"""Long after every file was written, so that what was seen of it is settled."""


class Share:
    """A folder of files and an index of it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "share"
        self.root.mkdir()
        clock = FakeClock(FAR_FUTURE)
        self.home = Home(folder / "data", clock=clock)
        connector = FilesConnector(FilesSettings(str(self.root)), clock)
        self._source = ConfiguredSource("share", connector, keep_originals=False)

    def write(self, key: str, text: str) -> None:
        file = self.root / key
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def read(self, key: str) -> str:
        return (self.root / key).read_text()

    def embedded(self) -> int:
        """Passages that a backfill embeds now."""
        self.home.clock.advance(1_000_000)
        (report,) = self.home.backfill(self._source).sources
        assert report.problems == []
        return report.passages_embedded


@pytest.fixture
def share() -> Iterator[Share]:
    folder = fast_folder("proportion-")
    share = Share(folder)
    with share.home:
        yield share
    shutil.rmtree(folder)


@pytest.fixture
def documents(share: Share) -> list[str]:
    """The keys of indexed documents of all sizes."""
    author = Author(seed=1)
    keys = [f"document {passages}.md" for passages in SIZES]
    for key, passages in zip(keys, SIZES, strict=True):
        share.write(key, author.document(passages))
    assert share.embedded() > sum(SIZES) / 2
    return keys


def test_an_edit_embeds_three_passages_or_fewer_and_never_more_than_eight(
    share: Share, documents: list[str]
) -> None:
    author = Author(seed=2)
    embedded = []
    for _ in range(EDITS):
        key = author.choose(documents)
        share.write(key, author.edit(share.read(key))[0])
        embedded.append(share.embedded())

    assert percentile(embedded, 0.95) <= 3, embedded
    assert max(embedded) <= 8, embedded
    assert share.home.embedder.repeated == []


def test_an_edit_that_is_taken_back_embeds_nothing(share: Share, documents: list[str]) -> None:
    author = Author(seed=3)
    for key in documents:
        before = share.read(key)
        share.write(key, author.edit(before)[0])
        share.embedded()
        share.write(key, before)
        assert share.embedded() == 0
        assert len(share.home.queries().history(key).versions) == 3


def test_a_renamed_folder_embeds_nothing_and_keeps_every_history(share: Share) -> None:
    author = Author(seed=4)
    names = [f"document {number}.md" for number in range(100)]
    for name in names:
        share.write(f"old/{name}", author.document(1))
    share.embedded()
    ids = {name: share.home.document_id(f"old/{name}") for name in names}

    (share.root / "old").rename(share.root / "new")

    assert share.embedded() == 0
    for name in names:
        found = share.home.queries().history(f"new/{name}")
        assert found.document.id == ids[name]
        assert [entry.version.number for entry in found.versions] == [2, 1]


def test_a_copy_embeds_nothing(share: Share, documents: list[str]) -> None:
    share.write("copy.md", share.read(documents[-1]))

    assert share.embedded() == 0
