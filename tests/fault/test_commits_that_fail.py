"""A commit that fails half-way in a process that lives on: whoever commits next builds on nothing of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import StorageFullError
from tests.support.fake_clock import FakeClock
from tests.support.fake_folder import FakeFolder
from tests.support.faults import Faults, faulty
from tests.support.indexes import Home, fast_folder
from tests.support.source_loop import Followed, World


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("half-way-")
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("lance", [False, True], ids=["memory", "lancedb"])
def test_rows_of_a_commit_that_never_was_are_never_published_by_another(place: Path, lance: bool) -> None:
    """The disk was full for the catalog and not for the table; another source commits before that one tries again."""
    with Home(place, lance=lance, clock=FakeClock()) as home:
        faults = Faults()
        index, world = faulty(home.index, faults), World(home)
        one, other = (FakeFolder(home.clock, uid=f"fake:{name}") for name in ("one", "other"))
        loops = [Followed(home, folder, world, index=index) for folder in (one, other)]
        one.write("one.md", b"One.")
        other.write("other.md", b"Other.")
        for loop in loops:
            home.clock.advance()
            loop.pass_time(1)

        def full(where: str) -> StorageFullError:
            return StorageFullError(f"the disk is full {where}")

        one.write("many.md", b"\n\n".join(b"## Part %d\n\nMany words." % n for n in range(9)))
        loops[0].hint("many.md")
        loops[0].at_step = lambda name: faults.arm(1, full) if name == "passages written" else None
        loops[0].pass_time(1)
        assert faults.met == ["before catalog.commit"]
        loops[0].at_step = lambda name: None
        newest, published = home.index.table().newest(), home.published
        assert newest is not None
        assert published is not None
        assert newest > published.table_version

        world.room.there(proven=True)
        other.write("few.md", b"Few words.")
        loops[1].hint("few.md")
        loops[1].pass_time(1)
        assert len(home.keys()) == 3
        assert home.table_rows() == home.catalog_rows()
        assert home.check().problems == []
        loops[0].pass_time(70)
        assert len(home.keys()) == 4
        assert home.table_rows() == home.catalog_rows()
        assert home.check().problems == []
