"""A purge or a forgetting that dies at any step is finished by the next writer, and nothing shows of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.ingest.index import IngestLimits
from indexer.stewardship.forget import forget, look_at
from indexer.stewardship.removal import finish_interrupted
from tests.support.data_folder import found_in
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder
from tests.support.purging import purged

MINUTE = 60_000_000
SECRET = "quizzaciously"
STEPS = (
    "purge recorded",
    "passages rewritten",
    "catalog cleared",
    "passages erased",
    "originals erased",
    "catalog compacted",
    "purge finished",
)
"""Every step that removing for good names, in order."""


class Place:
    """An index over a folder and a wiki; one page and one file have states that are to go."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "data", lance=True, limits=IngestLimits(batch_passages=3))
        self.folder, self.wiki = FakeFolder(self.home.clock), FakeConnector()
        for n, text in enumerate(("one", SECRET, "three")):
            self.folder.write("a.md", f"# A\n\n{text} days\n\n## B\n\nshared days".encode())
            self.folder.write("b.md", f"# B\n\n{n} days\n\n## B\n\nshared days".encode())
            self.wiki.observe("page", f"# P\n\n{text} pages".encode(), at=n * 10, lineage="p")
            self.home.clock.advance(MINUTE)
            self.run()

    def run(self) -> None:
        self.home.clock.advance(MINUTE)
        self.home.backfill(self.folder, self.wiki)

    def forget(self) -> None:
        forget(self.home.index, look_at(self.home.index, "history", {}), "alice")

    def whole(self) -> None:
        home = self.home
        assert home.check().problems == []
        assert home.table_rows() == home.catalog_rows()


ACTS: dict[str, Callable[[Place], object]] = {
    "a version": lambda place: purged(place.home, "a.md@2"),
    "a document": lambda place: purged(place.home, "a.md"),
    "a source": lambda place: place.forget(),
}


@pytest.fixture
def place() -> Iterator[Place]:
    folder = fast_folder("interrupted-")
    place = Place(folder)
    yield place
    place.home.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    """What each act leaves behind where nothing goes wrong."""
    states: dict[str, object] = {}
    for name, act in ACTS.items():
        folder = fast_folder("undisturbed-")
        place = Place(folder)
        act(place)
        states[name] = place.home.state()
        place.home.close()
        shutil.rmtree(folder)
    return states


@pytest.mark.parametrize("again", [None, *STEPS])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("act", ACTS)
def test_it_is_finished_by_the_next_writer_be_that_interrupted_as_well(
    place: Place, undisturbed: dict[str, object], act: str, step: str, again: str | None
) -> None:
    home = place.home
    home.crash_at(step)
    assert home.crashed(lambda: ACTS[act](place))
    place.whole()  # readers see the state before it, or the state after it
    if again is not None:
        home.crash_at(again)
        home.crashed(lambda: finish_interrupted(home.index))
        place.whole()
    finish_interrupted(home.index)
    assert home.index.catalog.unfinished_purges() == []
    place.whole()
    assert home.state() == undisturbed[act]
    gone = {"a version": f"{SECRET} days", "a document": f"{SECRET} days", "a source": f"{SECRET} pages"}
    assert found_in(home.folder, gone[act]) == {}
    if act != "a source":
        place.run()
        place.whole()
        assert found_in(home.folder, gone[act]) == {}


def test_an_undisturbed_one_passes_every_step_in_order(place: Place) -> None:
    place.home.steps.passed.clear()
    purged(place.home, "a.md")
    assert tuple(place.home.steps.passed) == STEPS


def test_one_after_another_is_finished_in_order(place: Place) -> None:
    home = place.home
    for reference in ("a.md@1", "a.md@2", "page@2"):
        home.crash_at("purge recorded")
        assert home.crashed(lambda reference=reference: purged(home, reference))  # type: ignore[misc]
    notes: list[str] = []
    finish_interrupted(home.index, notes.append)
    assert len(notes) == 3
    assert all("alice" in note for note in notes)
    place.whole()
    assert found_in(home.folder, SECRET) == {}


def test_a_reader_that_holds_the_catalog_open_delays_only_its_unused_space(place: Place) -> None:
    from indexer.store.catalog.catalog import Catalog

    home = place.home
    home.sql("PRAGMA busy_timeout = 50")
    with Catalog(home.folder) as reader, reader.snapshot() as snapshot:
        published = snapshot.published()
        assert published is not None
        done = purged(home, "a.md")
        assert not done.finished
        # It goes on with what it saw, but the passages are gone.
        assert snapshot.find_documents(key="a.md")
        with pytest.raises(Exception, match="was pruned"):
            home.index.table().at(published.table_version).count()
    place.whole()
    assert home.index.catalog.unfinished_purges() != []
    finish_interrupted(home.index)
    assert home.index.catalog.unfinished_purges() == []
    assert found_in(home.folder, f"{SECRET} days") == {}


def test_an_index_without_purges_is_not_touched(place: Place) -> None:
    before = place.home.sizes()
    finish_interrupted(place.home.index)
    assert place.home.sizes() == before
