"""Looking after the table: when there was enough to commit, after everybody else, and in nobody's way when it fails."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence

import pytest

from indexer.composition import beside
from indexer.daemon.metrics import Metrics
from indexer.daemon.upkeep import COMMITS, LONGEST, QUIET, Keeper
from indexer.errors import ConfigurationError, EmbeddingError, IndexerError, StorageFullError
from indexer.ingest.turns import Urgency
from indexer.ports import UpkeepDue, Vectors
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import CountingEmbedder, Home, fast_folder
from tests.support.memory_passages import MemoryPassages

SOON = 30


class Table(MemoryPassages):
    """Tells when it is asked whether it wants to be looked after."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.compacted = threading.Event()
        self.due = UpkeepDue.NO
        self.error: Exception | None = None
        self.in_vain = False
        """Whether it cannot be looked after."""

    def upkeep_due(self) -> UpkeepDue:
        self.asked.set()
        return self.due

    def compact(self) -> int:
        self.due = UpkeepDue.NO
        self.compacted.set()
        if self.in_vain:
            raise StorageFullError("the disk is full", remedy="free some space")
        return super().compact()

    def newest(self) -> int | None:
        if self.error is not None and threading.current_thread().name == "upkeep":
            error, self.error = self.error, None
            raise error
        return super().newest()


class Scene:
    """A keeper over an index with something in it."""

    def __init__(self, home: Home, table: Table) -> None:
        self.home = home
        self.table = table
        self.fatal: list[IndexerError] = []
        self.ended = threading.Event()
        self.full = False
        self.keeper = Keeper(
            lambda: beside(home.index),
            home.index.turns,
            Metrics(),
            home.clock,
            self._end,
            full=lambda: self.full,
        )

    def _end(self, error: IndexerError) -> None:
        self.fatal.append(error)
        self.ended.set()

    def committed(self, times: int) -> None:
        for _ in range(times):
            self.keeper.committed()


@pytest.fixture
def scene() -> Iterator[Scene]:
    place, table = fast_folder("keeper-"), Table()
    home = Home(place, store=lambda *_: table)
    folder = FakeFolder(home.clock)
    folder.write("a.md", b"Alpha.")
    home.clock.advance()
    home.backfill(folder)
    table.asked.clear()
    scene = Scene(home, table)
    yield scene
    scene.keeper.stop()
    assert scene.keeper.join(SOON)
    home.close()
    shutil.rmtree(place)


def test_after_some_commits_the_table_is_looked_after_and_before_it_is_not(scene: Scene) -> None:
    scene.keeper.start()
    scene.committed(COMMITS - 1)
    scene.keeper.consider()
    assert not scene.table.asked.wait(0.1)
    scene.committed(1)
    scene.keeper.consider()
    assert scene.table.asked.wait(SOON)
    assert scene.fatal == []


def test_what_can_wait_waits_until_nothing_was_committed_for_a_moment(scene: Scene) -> None:
    scene.table.due = UpkeepDue.WHEN_QUIET
    scene.keeper.start()
    for _ in range(3):
        scene.committed(COMMITS)
        scene.home.clock.advance(int(QUIET * 1e6) // 2)
        scene.table.asked.clear()
        scene.keeper.consider()
        assert scene.table.asked.wait(SOON)
    assert not scene.table.compacted.is_set()
    scene.home.clock.advance(int(QUIET * 1e6))
    scene.keeper.consider()
    assert scene.table.compacted.wait(SOON)


def test_what_slows_searches_down_does_not_wait_for_a_quiet_moment(scene: Scene) -> None:
    scene.table.due = UpkeepDue.NOW
    scene.keeper.start()
    scene.committed(COMMITS)
    scene.keeper.consider()
    assert scene.table.compacted.wait(SOON)


def test_a_single_commit_is_enough_after_some_time(scene: Scene) -> None:
    scene.keeper.start()
    scene.committed(1)
    scene.home.clock.advance(int(LONGEST * 1e6) + 1)
    scene.keeper.consider()
    assert scene.table.asked.wait(SOON)


def test_everybody_else_goes_first(scene: Scene) -> None:
    turns = scene.home.index.turns
    scene.keeper.start()
    scene.committed(COMMITS)
    with turns.turn(Urgency.SCAN):
        scene.keeper.consider()
        while not turns.waiting:
            pass
        other = threading.Thread(target=lambda: turns.take(Urgency.SCAN))
        other.start()
        while turns.waiting < 2:
            pass
    other.join(SOON)
    assert not scene.table.asked.is_set()
    turns.give_back()
    assert scene.table.asked.wait(SOON)


def test_a_full_disk_is_told_and_the_next_time_it_is_done(scene: Scene) -> None:
    scene.table.error = StorageFullError("the disk is full", remedy="free some space")
    scene.keeper.start()
    for _ in range(2):
        scene.committed(COMMITS)
        scene.keeper.consider()
        while scene.table.error is not None:
            pass
    scene.committed(COMMITS)
    scene.keeper.consider()
    assert scene.table.asked.wait(SOON)
    assert scene.fatal == []


def test_while_the_disk_is_full_the_table_is_left_alone_and_afterwards_it_is_not(scene: Scene) -> None:
    scene.full = True
    scene.keeper.start()
    scene.committed(COMMITS)
    scene.keeper.consider()
    assert not scene.table.asked.wait(0.1)
    scene.full = False
    scene.keeper.consider()
    assert scene.table.asked.wait(SOON)


def test_what_nobody_foresaw_ends_the_service_and_not_only_upkeep(scene: Scene) -> None:
    scene.table.error = KeyError("a mistake")
    scene.keeper.start()
    scene.committed(COMMITS)
    scene.keeper.consider()
    assert scene.ended.wait(SOON)
    assert "unexpected KeyError" in str(scene.fatal[0])


def test_a_table_of_another_model_is_filled_before_anything_is_committed(scene: Scene) -> None:
    home = scene.home
    home.index.embedder = home.embedder = CountingEmbedder(48)
    filled = threading.Event()
    home.index.step = lambda name: filled.set() if name == "filled" else None
    scene.keeper.start()
    assert filled.wait(SOON)
    assert home.published is not None
    assert home.published.fingerprint == home.embedder.fingerprint


def test_a_chore_that_fails_is_told_and_costs_only_itself(scene: Scene) -> None:
    done = threading.Event()

    def fails() -> None:
        raise ConfigurationError("the token of a source is gone")

    scene.keeper.start()
    scene.keeper.do(fails)
    scene.keeper.do(done.set)
    assert done.wait(SOON)
    assert scene.fatal == []


def test_a_model_that_cannot_be_loaded_does_not_keep_the_service_from_answering(scene: Scene) -> None:
    class Broken(CountingEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            raise EmbeddingError("the model cannot be fetched")

    scene.home.index.embedder = Broken(48)
    done = threading.Event()
    scene.keeper.start()
    scene.keeper.do(done.set)
    assert done.wait(SOON)
    assert scene.fatal == []


def test_it_is_known_when_it_last_came_to_its_end_and_not_when_it_was_considered(scene: Scene) -> None:
    scene.keeper.start()
    scene.keeper.consider()
    scene.committed(COMMITS)
    scene.keeper.consider()
    assert scene.table.asked.wait(SOON)
    assert scene.keeper.ended is None
    scene.table.due = UpkeepDue.NOW
    scene.committed(COMMITS)
    scene.keeper.consider()
    assert scene.table.compacted.wait(SOON)
    scene.keeper.stop()
    assert scene.keeper.join(SOON)
    assert scene.keeper.ended == scene.home.clock.now()


def test_upkeep_that_was_put_off_has_not_come_to_its_end(scene: Scene) -> None:
    scene.table.due, scene.table.in_vain = UpkeepDue.NOW, True
    scene.keeper.start()
    scene.committed(COMMITS)
    scene.keeper.consider()
    assert scene.table.compacted.wait(SOON)
    scene.keeper.stop()
    assert scene.keeper.join(SOON)
    assert scene.keeper.ended is None
    assert scene.fatal == []
