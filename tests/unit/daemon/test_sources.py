"""The loops of all sources: only what changed begins anew, what hangs holds up nobody else, and nothing runs in a pause."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from indexer.clock import to_datetime
from indexer.composition import beside
from indexer.config.values import Config, SourceConfig
from indexer.daemon import sources as sources_module
from indexer.daemon.metrics import Metrics
from indexer.daemon.requests import Request
from indexer.daemon.room import Room
from indexer.daemon.schedule import Schedule
from indexer.daemon.sources import Sources
from indexer.daemon.state import sources_state
from indexer.daemon.surroundings import Surroundings
from indexer.daemon.telling import Teller
from indexer.errors import BusyError, ConfigurationError, IndexerError, ParserProcessError
from indexer.ingest.index import ConfiguredSource
from indexer.ingest.progress import Silence
from indexer.model import ParsedDocument
from indexer.parsing import Parsers
from indexer.ports import Event
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder

SOON = 30
"""Seconds for what takes a moment."""


class Gated(FakeFolder):
    """A folder whose listing waits at a gate."""

    def __init__(self, home: Home, name: str) -> None:
        super().__init__(home.clock, uid=f"fake:{name}")
        self.gate = threading.Event()
        self.gate.set()
        self.waits = threading.Event()

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        if not self.gate.is_set():
            self.waits.set()
            assert self.gate.wait(SOON)
        return super().changes(cursor, scopes)


class Hanging:
    """A parser in which documents hang whose text says so, until they are let go of; then it dies of them."""

    def __init__(self) -> None:
        self._parsers = Parsers()
        self.hung = threading.Event()
        self.let_go = threading.Event()

    @property
    def versions(self) -> frozenset[str]:
        return self._parsers.versions

    def identify(self, data: bytes, key: str) -> str:
        return self._parsers.identify(data, key)

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        if b"hangs" in data:
            self.hung.set()
            assert self.let_go.wait(SOON)
            raise ParserProcessError("parser-crashed", f"{key}: its parser died", remedy="it is tried again")
        return self._parsers.parse(data, key)


class Scene:
    """Sources by name, over one index."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.folders = {name: Gated(home, name) for name in ("one", "two", "three")}
        self.fatal: list[IndexerError] = []
        self.broken = False
        self.schedule = Schedule(ZoneInfo("UTC"), home.clock)
        around = Surroundings(
            lambda: beside(home.index),
            home.clock,
            Room(home.folder, home.clock),
            Teller(Metrics()),
            self.fatal.append,
        )
        self.sources = Sources(around, self.schedule, self.connect)

    def connect(self, config: Config) -> list[ConfiguredSource]:
        if self.broken:
            raise ConfigurationError("the configuration cannot be used", problems=["line 3: no"])
        return [
            ConfiguredSource(source.name, self.folders[source.settings["of"]]) for source in config.sources
        ]

    def follow(self, *sources: SourceConfig) -> list[str]:
        config = Config(Path("config.toml"), self.home.folder, ZoneInfo("UTC"), sources=sources)
        return self.sources.follow(config)

    def brought_up_to_date(self, name: str) -> None:
        """It answers, and so its loop works."""
        request = Request(Silence())
        self.sources.all()[name].ask(request)
        assert request.answer.result(SOON).listed


@pytest.fixture
def scene() -> Iterator[Scene]:
    place = fast_folder("sources-")
    home = Home(place)
    scene = Scene(home)
    yield scene
    for folder in scene.folders.values():
        folder.gate.set()
    scene.sources.stop()
    left = scene.sources.join(home.clock.monotonic() + SOON)
    home.close()
    shutil.rmtree(place)
    assert left == []
    assert scene.fatal == []


def source(name: str, *, of: str | None = None, **settings: object) -> SourceConfig:
    return SourceConfig(name, "files", {"of": of or name}, **settings)  # type: ignore[arg-type]


def test_only_sources_that_changed_begin_anew(scene: Scene) -> None:
    assert scene.follow(source("one"), source("two", position=1)) == ["one", "two"]
    before = scene.sources.all()
    assert scene.follow(source("two"), source("one", position=1)) == [], "another order is no change"
    assert scene.sources.all() == before
    assert scene.follow(source("one"), source("two", poll_interval=5.0), source("three")) == ["two", "three"]
    before["two"].join(SOON)
    scene.sources.tend()
    after = scene.sources.all()
    assert after["one"] is before["one"]
    assert after["two"] is not before["two"]
    for name in ("one", "two", "three"):
        scene.brought_up_to_date(name)


def test_while_the_parser_of_one_source_hangs_and_when_it_dies_the_others_are_as_fresh_as_ever(
    scene: Scene,
) -> None:
    parser = Hanging()
    scene.home.index.parser = parser
    scene.folders["one"].write("bad.md", b"This hangs.")
    scene.folders["one"].write("good.md", b"Good.")
    scene.follow(source("one"), source("two"))
    assert parser.hung.wait(SOON)
    for number in range(3):
        scene.folders["two"].write("new.md", f"Edit {number}.".encode())
        scene.brought_up_to_date("two")
        with beside(scene.home.index) as index, index.catalog.snapshot() as snapshot:
            [number_of] = [no for no, _, key in snapshot.keys(snapshot.recorded) if key == "new.md"]
            assert len(snapshot.versions(number_of)) == number + 1
    parser.let_go.set()
    scene.brought_up_to_date("one")
    keys = scene.home.keys()
    assert "good.md" in keys
    assert scene.sources.all()["one"].activity.failed == 1


def test_a_source_that_is_configured_no_more_ends(scene: Scene) -> None:
    scene.follow(source("one"), source("two"))
    loop = scene.sources.all()["two"]
    scene.follow(source("one"))
    assert set(scene.sources.all()) == {"one"}
    assert loop.join(SOON)


def test_a_broken_configuration_changes_nothing(scene: Scene) -> None:
    scene.follow(source("one"))
    before = scene.sources.all()
    scene.broken = True
    with pytest.raises(ConfigurationError):
        scene.follow(source("two"))
    assert scene.sources.all() == before
    scene.brought_up_to_date("one")


@pytest.mark.parametrize("name", ["one", "renamed"])
def test_a_source_that_hangs_at_its_end_holds_up_its_successor_and_nobody_else(
    scene: Scene, name: str
) -> None:
    """Whatever it is called now: two loops at work on one source would index everything twice."""
    hanging = scene.folders["one"]
    hanging.gate.clear()
    scene.follow(source("one"), source("two"))
    assert hanging.waits.wait(SOON)
    begun = scene.follow(source(name, of="one", poll_interval=5.0), source("two"), source("three"))
    assert begun == [name, "three"]
    assert set(scene.sources.all()) == {"two", "three"}
    assert scene.sources.waiting() == [name]
    assert sources_state(scene.sources, scene.schedule, scene.home.clock)[name]["state"] == "waiting"
    scene.brought_up_to_date("two")
    scene.brought_up_to_date("three")
    hanging.gate.set()
    while name not in scene.sources.all():
        scene.sources.tend()
    assert scene.sources.waiting() == []
    scene.brought_up_to_date(name)


def test_in_a_pause_nothing_begins_and_nobody_else_ends_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources_module, "PAUSE", 0.05)
    scene.follow(source("one"))
    scene.brought_up_to_date("one")
    monkeypatch.setattr(sources_module, "PAUSE", SOON)
    with scene.sources.paused("purge"):
        assert scene.follow(source("one"), source("two")) == ["two"]
        assert set(scene.sources.all()) == {"one"}
        monkeypatch.setattr(sources_module, "PAUSE", 0.05)
        with pytest.raises(BusyError, match="retention cannot begin"), scene.sources.paused("retention"):
            pass
        request = Request(Silence())
        scene.sources.all()["one"].ask(request)
        with pytest.raises(TimeoutError):
            request.answer.result(0.1)
    assert request.answer.result(SOON).listed
    scene.sources.tend()
    scene.brought_up_to_date("two")


def test_who_does_not_come_to_rest_is_named_and_all_go_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.folders["one"].gate.clear()
    scene.follow(source("one"), source("two"))
    assert scene.folders["one"].waits.wait(SOON)
    monkeypatch.setattr(sources_module, "PAUSE", 0.05)
    with pytest.raises(BusyError, match="source one does not come to rest"), scene.sources.paused("purge"):
        pass
    scene.brought_up_to_date("two")


def test_when_a_source_in_trouble_is_tried_again_is_told(scene: Scene) -> None:
    scene.folders["one"].away = True
    scene.follow(source("one"))
    while scene.sources.all()["one"].activity.doing.state != "failing":
        pass
    told = sources_state(scene.sources, scene.schedule, scene.home.clock)["one"]["next_scan"]
    assert told is not None
    now = to_datetime(scene.home.clock.now())
    assert 5 <= (datetime.fromisoformat(told) - now).total_seconds() <= 6.25


def test_scans_are_planned_as_the_settings_say(scene: Scene) -> None:
    scene.follow(
        source("one", poll_interval=90.0), source("two", schedule="30 3 * * *"), source("three", watch="off")
    )
    for loop in scene.sources.all().values():
        assert loop.armed.wait(SOON)
    scene.sources.tend()
    assert [job.name for job in scene.schedule.planned()] == ["scan one", "scan two"]
    assert scene.sources.interval("one") == 90.0
    assert scene.sources.interval("two") == 86_400.0
    scene.follow(source("two", schedule="30 3 * * *"))
    assert [job.name for job in scene.schedule.planned()] == ["scan two"]


def test_of_sources_that_are_at_rest_all_others_go_on_and_all_can_be_paused_meanwhile(scene: Scene) -> None:
    scene.follow(source("one"), source("two"))
    scene.brought_up_to_date("one")
    request = Request(Silence())
    with scene.sources.at_rest(["one"], "dry run"):
        scene.sources.all()["one"].ask(request)
        scene.brought_up_to_date("two")
        with scene.sources.paused("purge"):
            pass
        scene.brought_up_to_date("two")
        with pytest.raises(TimeoutError):
            request.answer.result(0.1)
    assert request.answer.result(SOON).listed


def test_in_a_pause_a_source_that_was_just_removed_commits_nothing_either(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what `forget` removes would come back with the last that its loop had in hand."""
    hanging = scene.folders["one"]
    hanging.write("late.md", b"What it has in hand.")
    hanging.gate.clear()
    scene.follow(source("one"))
    assert hanging.waits.wait(SOON)
    scene.follow()
    monkeypatch.setattr(sources_module, "PAUSE", 0.05)
    with pytest.raises(BusyError, match="source one does not come to rest"), scene.sources.paused("forget"):
        pass
    monkeypatch.setattr(sources_module, "PAUSE", SOON)
    hanging.gate.set()
    with scene.sources.paused("forget"):
        sizes = scene.home.sizes()
    assert scene.sources.join(scene.home.clock.monotonic() + SOON) == []
    assert scene.home.sizes() == sizes
