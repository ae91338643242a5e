"""Keeping questions: behind every answer, in batches, bounded."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.config.values import Log
from indexer.daemon import query_log
from indexer.daemon.query_log import KeptQueries, user_name
from indexer.ingest.index import Index
from indexer.ingest.turns import Turns, Urgency
from indexer.ports.query_log import LoggedQuery
from tests.support.fake_clock import START, FakeClock
from tests.support.indexes import Home

PATIENCE = 20.0


class Desk:
    """A queue over a real catalog, and how many questions it dropped."""

    def __init__(self, folder: Path, settings: Log | None = None) -> None:
        self.folder = folder
        self.turns = Turns()
        self.dropped = 0
        self.settings = settings or Log()
        Home(folder).close()
        self.kept = KeptQueries(self._opened, self.turns, lambda: self.settings, FakeClock(START), self._drop)

    def ask(self, text: str, asked: int = START) -> None:
        self.kept.keep(LoggedQuery(asked, text, recorded=1, known_at=1), os.getuid())

    def end(self) -> list[LoggedQuery]:
        self.kept.stop()
        assert self.kept.join(PATIENCE)
        home = Home(self.folder)
        with home, home.index.catalog.snapshot() as snapshot:
            return list(snapshot.logged_queries())

    @contextmanager
    def _opened(self) -> Iterator[Index]:
        with Home(self.folder) as home:
            yield home.index

    def _drop(self, count: int) -> None:
        self.dropped += count


def test_questions_are_written_before_the_end(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.kept.start()
    for number in range(3):
        desk.ask(str(number))
    found = desk.end()
    assert [query.question for query in found] == ["2", "1", "0"]
    assert {query.who for query in found} == {pwd.getpwuid(os.getuid()).pw_name}
    assert desk.dropped == 0


def test_nobody_waits_while_others_write_and_what_is_too_much_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_log, "WAITING", 5)
    desk = Desk(tmp_path)
    with desk.turns.turn(Urgency.CHANGES):
        desk.kept.start()
        for number in range(8):
            desk.ask(str(number))
    assert desk.dropped == 3
    assert len(desk.end()) == 5


def test_nothing_is_kept_where_that_is_not_wanted(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Log(queries=False))
    desk.kept.start()
    desk.ask("private")
    assert desk.end() == []
    assert desk.dropped == 0


def test_what_is_older_than_is_wanted_goes(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Log(keep=60.0))
    desk.kept.start()
    desk.ask("old", START - 61_000_000)
    desk.ask("new", START - 59_000_000)
    assert [query.question for query in desk.end()] == ["new"]


def test_what_cannot_be_written_is_counted_and_the_next_is_tried(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    home = Home(tmp_path)
    home.sql("ALTER TABLE query_log RENAME TO elsewhere")
    desk.kept.start()
    desk.ask("lost")
    desk.kept.stop()
    assert desk.kept.join(PATIENCE)
    home.sql("ALTER TABLE elsewhere RENAME TO query_log")
    home.close()
    assert desk.dropped == 1


def test_a_user_without_a_name_is_a_number() -> None:
    assert user_name(2**31 - 7) == str(2**31 - 7)
    assert user_name(None) is None
