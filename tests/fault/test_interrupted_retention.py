"""Thinning out that dies at any step has either not begun or is finished by the next writer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from indexer.plan.retention import RetentionRule
from indexer.stewardship.removal import finish_interrupted
from indexer.stewardship.retention import Governed, Thinned, through
from tests.support.data_folder import found_in
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder

MINUTE = 60_000_000
STEPS = (
    "rows taken",
    "texts taken",
    "passages erased",
    "originals erased",
    "thinning settled",
    "purge finished",
)
"""Every step of it, in order."""


class Place:
    """An index of a document with four versions of one day."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "data", lance=True)
        self.share = FakeFolder(self.home.clock)
        for text in ("one", "swordfish", "three", "four"):
            self.home.clock.advance(MINUTE)
            self.share.write("a.md", f"# A\n\n{text} days\n\n## B\n\nshared days".encode())
            self.home.clock.advance(MINUTE)
            self.home.backfill(self.share)

    def thin(self) -> Thinned:
        with self.home.index.catalog.snapshot() as snapshot:
            (source,) = snapshot.sources()
        return through(self.home.index, Governed(source, RetentionRule(daily_after=0.0), UTC))

    def whole(self) -> None:
        assert self.home.check().problems == []
        assert self.home.table_rows() == self.home.catalog_rows()


@pytest.fixture
def place() -> Iterator[Place]:
    folder = fast_folder("interrupted-retention-")
    place = Place(folder)
    yield place
    place.home.close()
    shutil.rmtree(folder)


def test_an_undisturbed_one_passes_every_step_in_order(place: Place) -> None:
    place.home.steps.passed.clear()
    assert place.thin().versions == 2
    assert [step for step in place.home.steps.passed if step in STEPS] == list(STEPS)
    assert found_in(place.home.folder / "originals", "swordfish") == {}


@pytest.mark.parametrize("step", STEPS)
def test_it_is_finished_or_can_be_done_again(place: Place, step: str) -> None:
    home = place.home
    home.crash_at(step)
    assert home.crashed(place.thin)
    place.whole()
    finish_interrupted(home.index)
    place.whole()
    assert home.index.catalog.unfinished_purges() == []
    done = place.thin()
    assert done.versions == (2 if step == "rows taken" else 0)
    place.whole()
    assert len(list(home.index.originals.hashes())) == 2
    home.clock.advance(MINUTE)
    place.share.write("a.md", b"# A\n\nfive days")
    home.clock.advance(MINUTE)
    home.backfill(place.share)
    place.whole()
