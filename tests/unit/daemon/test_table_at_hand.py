"""What looks after the stores has the passages table at hand before anything changes, and ends nothing where that fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.composition import beside
from indexer.daemon.metrics import Metrics
from indexer.daemon.upkeep import Keeper
from indexer.errors import DamagedStoreError, IndexerError
from indexer.ingest.index import Index
from indexer.ports import PassageStore
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.memory_passages import MemoryPassages


class Opened(MemoryPassages):
    """A table that tells when it is first looked at, and may be damaged."""

    damaged = False
    looked_at: threading.Event

    def newest(self) -> int | None:
        if self.looked_at.is_set() or not self.damaged:
            self.looked_at.set()
            return super().newest()
        self.looked_at.set()
        raise DamagedStoreError("the table is damaged", remedy="run `indexer rebuild`")


@pytest.mark.parametrize("damaged", [False, True])
def test_the_table_is_opened_at_the_start_and_one_that_cannot_be_ends_nothing(
    tmp_path: Path, damaged: bool
) -> None:
    table: list[Opened] = []

    def store(fingerprint: str, dimension: int) -> PassageStore:
        if not table:
            table.append(Opened())
            table[0].looked_at = threading.Event()
        return table[0]

    home = Home(tmp_path / "home", store=store)
    folder = FakeFolder(home.clock)
    folder.write("a.md", b"One text.")
    home.backfill(folder)
    table[0].looked_at.clear()
    table[0].damaged = damaged
    ended: list[IndexerError] = []

    @contextmanager
    def opened() -> Iterator[Index]:
        with beside(home.index) as index:
            yield index

    keeper = Keeper(opened, home.index.turns, Metrics(), home.clock, ended.append)
    keeper.start()
    assert table[0].looked_at.wait(30)
    keeper.stop()
    assert keeper.join(30)
    assert ended == []
    assert home.index.turns.held is None
    home.close()
