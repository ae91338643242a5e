"""A source of either kind, to which the same things happen: `Scene`.

scene = Scene(home, "folder")          # or "history"
scene.on("2024-03-01").write("leave.md", "Twenty days.")
scene.on("2024-05-03").learn()
scene.texts(as_of="2024-04-20", known_at="2024-05-01")
"""

from __future__ import annotations

from datetime import UTC
from typing import Literal

from indexer.ingest.index import ConfiguredSource
from indexer.ingest.reports import BackfillReport
from indexer.model import Instant, Version
from indexer.ports import Connector
from indexer.query.results import Hit, Mode, Question
from indexer.timing import parse_instant
from tests.support.fake_clock import FakeClock
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home

Kind = Literal["folder", "history"]
KINDS: tuple[Kind, ...] = ("folder", "history")


def instant(date: str) -> Instant:
    """The first instant of a date or time, in UTC."""
    return parse_instant(date, UTC)[0]


class Scene:
    """One source and the index that learns of it; time stands still but for `on`."""

    def __init__(self, home: Home, kind: Kind, name: str = "scene", *, history_open: bool = False) -> None:
        self.home = home
        self.kind = kind
        self.folder = FakeFolder(home.clock, uid=f"fake:{name}")
        self.history = FakeConnector(uid=f"fake:{name}")
        self.connector: Connector = self.folder if kind == "folder" else self.history
        self.source = ConfiguredSource(name, self.connector, history_open=history_open)

    # --- what happens ------------------------------------------------------------------------

    def on(self, date: str) -> Scene:
        """Go to this date or time."""
        self.home.clock.advance(instant(date) - self.home.clock.now())
        return self

    def write(self, key: str, text: str | bytes, mtime: str | None = None) -> str:
        """The document is written now; returns the origin, where the source names it."""
        data = text.encode() if isinstance(text, str) else text
        if self.kind == "history":
            return self.history.observe(key, data, at=self.home.clock.now())
        self.folder.write(key, data, mtime=None if mtime is None else instant(mtime))
        return ""

    def rename(self, key: str, to: str) -> None:
        """The document is called otherwise from now on."""
        if self.kind == "history":
            self.history.rename(key, to, at=self.home.clock.now())
        else:
            self.folder.move(key, to)

    def rename_and_edit(self, key: str, to: str, text: str) -> None:
        """Both before anybody looks."""
        if self.kind == "history":
            self.history.observe(to, text.encode(), at=self.home.clock.now(), previous_key=key)
        else:
            self.folder.move(key, to)
            self.folder.write(to, text.encode())

    def swap(self, key: str, other: str) -> None:
        """The two documents exchange their names."""
        if self.kind == "history":
            self.history.rename(key, other, at=self.home.clock.now())
            self.history.rename(other, key, at=self.home.clock.now())
        else:
            self.folder.swap(key, other)

    def copy(self, key: str, to: str, text: str) -> None:
        """The same bytes at another key."""
        if self.kind == "history":
            self.write(to, text)
        else:
            self.folder.copy(key, to)

    def delete(self, key: str) -> None:
        """The document is gone."""
        if self.kind == "history":
            self.history.remove(key, at=self.home.clock.now())
        else:
            self.folder.delete(key)

    def learn(self) -> BackfillReport:
        """The index looks at the source; deletions are meant."""
        report = self.home.backfill(self.source, accept_deletions=True)
        assert self.home.check().problems == []
        return report

    # --- what is asked -----------------------------------------------------------------------

    def hits(
        self,
        *,
        as_of: str | None = None,
        known_at: str | None = None,
        version: str | None = None,
        history: bool = False,
        mode: Mode = Mode.VECTOR,
    ) -> tuple[Hit, ...]:
        """Every passage in that scope."""
        question = Question(
            "days", k=100, as_of=as_of, known_at=known_at, version=version, history=history, mode=mode
        )
        return self.home.queries().search(question).hits

    def texts(
        self,
        *,
        as_of: str | None = None,
        known_at: str | None = None,
        version: str | None = None,
        history: bool = False,
        mode: Mode = Mode.VECTOR,
    ) -> list[str]:
        """The texts of every passage in that scope, sorted."""
        found = self.hits(as_of=as_of, known_at=known_at, version=version, history=history, mode=mode)
        return sorted(hit.text for hit in found)

    def show(self, reference: str, known_at: str | None = None) -> str:
        """The text of DOC[@SEL]."""
        return self.home.queries().show(reference, known_at).text

    def versions(self, reference: str, known_at: str | None = None) -> list[Version]:
        """The versions on the line, oldest first, then the others."""
        found = [entry.version for entry in self.home.queries().history(reference, known_at).versions]
        return sorted(found, key=lambda version: (version.number is None, version.number or 0))


def on_first_of_march() -> FakeClock:
    """A clock at which the scenes begin: 2024-03-01."""
    return FakeClock(instant("2024-03-01"))
