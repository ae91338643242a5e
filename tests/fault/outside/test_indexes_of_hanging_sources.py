"""What becomes of an index when a source hangs: its documents stay as they were, and the other sources are as fresh as ever."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer import config as configuration
from indexer.composition import check_source, connectors
from indexer.connecting import closing
from indexer.errors import ClosedError
from indexer.ingest.index import ConfiguredSource
from indexer.ingest.reports import BackfillReport
from indexer.outside.connector import OutsideConnector
from tests.support.fake_folder import FakeFolder
from tests.support.hanging_connector import UnkillableProcess, write_plan
from tests.support.hanging_mount import hanging_mount, state_of
from tests.support.indexes import Home

KEYS = ["a.md", "b.md", "c.md", "d.md", "e.md"]

Outside = Callable[..., OutsideConnector]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path / "data") as home:
        yield home


@pytest.fixture
def folder(home: Home) -> FakeFolder:
    """A source that answers."""
    return FakeFolder(home.clock)


def backfill(home: Home, connector: OutsideConnector, folder: FakeFolder) -> BackfillReport:
    """Both sources, the one that hangs first."""
    home.clock.advance()
    return home.backfill(ConfiguredSource("share", connector), folder)


def failures(home: Home) -> set[tuple[str, str]]:
    return {(failure.key, failure.reason) for failure in home.queries().failures().failures}


def states(home: Home) -> dict[str, str]:
    with home.index.catalog.snapshot() as snapshot:
        return {source.name: source.state for source in snapshot.sources()}


@pytest.mark.parametrize("start", [None, UnkillableProcess])
def test_a_source_that_hangs_stays_as_it_was_and_the_others_are_brought_up_to_date(
    home: Home, plan: Path, outside: Outside, folder: FakeFolder, start: type[UnkillableProcess] | None
) -> None:
    write_plan(plan, KEYS)
    connector = outside(**({} if start is None else {"start": start}))
    folder.write("new.md", b"one")
    backfill(home, connector, folder)
    before = home.keys()
    assert sorted(before) == [*KEYS, "new.md"]
    write_plan(plan, KEYS[:1], hang=["list 1"])
    folder.write("new.md", b"two")

    report = backfill(home, connector, folder)

    assert home.keys() == before
    assert failures(home) == {("", "not-answering")}
    assert states(home) == {"share": "unavailable", "folder": "ok"}
    assert "has not answered since" in report.sources[0].problems[0]
    assert home.queries().show("new.md").text == "two"

    write_plan(plan, KEYS)
    for process in UnkillableProcess.started:
        process.let_go()
    assert backfill(home, connector, folder).complete
    assert failures(home) == set()
    assert states(home) == {"share": "ok", "folder": "ok"}
    assert home.keys() == before


def test_a_document_that_hangs_is_listed_with_its_reason_and_indexed_when_it_answers(
    home: Home, plan: Path, outside: Outside, folder: FakeFolder
) -> None:
    write_plan(plan, KEYS, hang=["read b.md"], die=["read d.md"])
    connector = outside()

    backfill(home, connector, folder)

    assert failures(home) == {("b.md", "not-answering"), ("d.md", "source-crashed")}
    assert sorted(home.keys()) == ["a.md", "c.md", "e.md"]
    write_plan(plan, KEYS)
    assert backfill(home, connector, folder).complete
    assert sorted(home.keys()) == KEYS


def test_a_source_that_stops_to_answer_amid_its_reads_is_not_a_failure_of_each_document(
    home: Home, plan: Path, outside: Outside, folder: FakeFolder
) -> None:
    write_plan(plan, KEYS, hang=[f"read {key}" for key in KEYS[1:]])
    folder.write("new.md", b"one")
    connector = outside()

    backfill(home, connector, folder)

    assert ("", "not-answering") in failures(home)
    assert len(failures(home)) <= 3
    assert states(home) == {"share": "unavailable", "folder": "ok"}
    assert home.queries().show("new.md").text == "one"


def test_a_source_on_a_mount_that_may_hang_is_looked_at_by_another_process_without_being_told(
    tmp_path: Path, nothing_stays_behind: None
) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    if not os.access("/dev/fuse", os.W_OK) or os.geteuid() != 0:
        pytest.skip("only root can mount here, and only with FUSE")
    file = tmp_path / "config.toml"
    file.write_text('[[source]]\nname = "a"\nkind = "files"\nroot = "share"\n')
    (source,) = connectors(configuration.load(file, {}, check_source))
    connector = source.connector
    assert isinstance(connector, OutsideConnector)
    assert len(list(connector.changes(None))) == 1
    assert connector.pid is None  # nothing is mounted there yet

    with hanging_mount(folder) as server, closing([source]):
        if server is None:
            pytest.skip("nothing can be mounted here")
        ended: list[BaseException] = []

        def ask() -> None:
            try:
                list(connector.changes(None))
            except ClosedError as error:
                ended.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        assert server.stdout is not None
        assert server.stdout.readline() == b"asked\n"
        hung = connector.pid
        assert hung is not None
        connector.close()
        asking.join()
        assert len(ended) == 1
    while Path(f"/proc/{hung}").exists() and state_of(hung) not in "ZX":
        select.select([], [], [], 0.01)
