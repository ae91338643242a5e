"""What the service lets others do with its index."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from indexer.composition import connectors
from indexer.config.values import Config, SourceConfig
from indexer.daemon.notify import Notifier
from indexer.daemon.supervisor import Supervisor
from indexer.ingest.turns import Urgency
from indexer.plan.retention import RetentionRule
from indexer.ports.purges import PurgeStage
from tests.support.indexes import Home, fast_folder
from tests.support.purging import purged

SOON = 30
"""Seconds for what takes a moment."""
DAY = 86_400_000_000


class Place:
    """An index of a folder with a retention rule, and a supervisor over it that does not run."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "data")
        self.docs = folder / "docs"
        self.docs.mkdir()
        rule = RetentionRule(daily_after=7 * 86_400)
        source = SourceConfig("docs", "files", {"root": str(self.docs)}, retention=rule)
        self.config = Config(Path("config.toml"), self.home.folder, ZoneInfo("UTC"), sources=(source,))
        self.supervisor = self.again()

    def again(self) -> Supervisor:
        """Another one, as after a start."""
        return Supervisor(
            self.config,
            self.home.index,
            reread=lambda: self.config,
            notifier=Notifier({}),
            connect=connectors,
        )

    def index(self, *texts: str) -> None:
        """One document is written again and again, each time at a moment of its own."""
        for text in texts:
            self.home.clock.advance(1_000_000)
            (self.docs / "a.md").write_text(text)
            os.utime(self.docs / "a.md", ns=(0, self.home.clock.now() * 1000))
            self.home.backfill(*connectors(self.config))


@pytest.fixture
def place() -> Iterator[Place]:
    folder = fast_folder("supervisor-")
    place = Place(folder)
    yield place
    place.home.close()
    shutil.rmtree(folder)


def test_each_step_of_a_long_command_that_writes_is_a_sign_of_life(place: Place) -> None:
    supervisor = place.supervisor
    with supervisor.exclusive("rebuild") as index:
        turns = supervisor.turns
        seen = {turns.held}
        for _ in range(3):
            index.step("filled a part")
            seen.add(turns.held)
        assert len(seen - {None}) == 4


def test_where_nothing_is_to_be_thinned_out_nobody_is_held_up(place: Place) -> None:
    place.index("one", "two", "three")
    with place.supervisor.turns.turn(Urgency.SCAN):
        thinning = threading.Thread(target=place.supervisor.chores.thin_out, daemon=True)
        thinning.start()
        thinning.join(SOON)
        assert not thinning.is_alive()
    place.home.clock.advance(30 * DAY)
    place.index("four")
    place.home.clock.advance(30 * DAY)
    place.supervisor.chores.thin_out()
    versions = [entry.version for entry in place.home.queries().history("a.md").versions]
    assert [version.number for version in versions if version.purged is not None] == [2]


def test_what_a_purge_left_behind_is_removed_while_the_service_runs(place: Place) -> None:
    place.index("one", "a secret", "three")
    place.home.crash_at("passages erased")
    assert place.home.crashed(lambda: purged(place.home, "a.md@2"))
    supervisor = place.again()
    [unfinished] = place.home.index.catalog.unfinished_purges()
    supervisor.chores.finish_purges()
    assert place.home.index.catalog.unfinished_purges() == []
    assert place.home.index.catalog.current().purge_named(unfinished.no).stage is PurgeStage.FINISHED
