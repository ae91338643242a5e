"""What a source's loop is doing, for whoever asks: written by the loop, read by everybody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from indexer.ingest.progress import Progress
from indexer.ingest.reports import SourceReport
from indexer.model import Instant


@dataclass(frozen=True, slots=True)
class Doing:
    """A moment of a loop."""

    state: str
    """``starting``, ``idle``, ``scanning`` (all of it), ``updating`` (a few places), ``waiting`` for room on the disk,
    ``failing`` (tried again later), ``stopped``."""
    since: Instant
    detail: str = ""
    documents: int = 0
    """Seen by the scan that goes on."""
    to_index: int = 0
    """Of them, how many it has to read."""
    indexed: int = 0
    """How many of those are committed."""


class Activity:
    """The present moment of one loop, and how much it has done since the service began."""

    def __init__(self, since: Instant) -> None:
        self._lock = threading.Lock()
        self._doing = Doing("starting", since)
        self.documents = 0
        self.failed = 0
        self.scans = 0
        self.looks = 0
        """At a few places."""

    def now(self, state: str, since: Instant, detail: str = "") -> None:
        """From now on this."""
        with self._lock:
            if self._doing.state == state:
                since = self._doing.since
            self._doing = Doing(state, since, detail)

    def listed(self, documents: int) -> None:
        """A scan saw so many."""
        with self._lock:
            self._doing = replace(self._doing, documents=documents)

    def to_index(self, documents: int) -> None:
        """It has to read so many."""
        with self._lock:
            self._doing = replace(self._doing, to_index=documents)

    def committed(self, documents: int) -> None:
        """A commit took in so many of them."""
        with self._lock:
            self._doing = replace(self._doing, indexed=self._doing.indexed + documents)

    def finished(self, *, whole: bool) -> None:
        """A look is over."""
        with self._lock:
            if whole:
                self.scans += 1
            else:
                self.looks += 1

    def stands(self, documents: int | None, failed: int) -> None:
        """So many documents are there, where they were counted, and so many cannot be indexed."""
        with self._lock:
            self.documents = self.documents if documents is None else documents
            self.failed = failed

    @property
    def doing(self) -> Doing:
        """The present moment."""
        with self._lock:
            return self._doing


Committed = Callable[[str, int, int, int], None]
"""Told of a commit: source, versions, passages and tokens that it took in."""


class Heard:
    """`Progress` of a loop: kept as its activity, and passed on to those who wait for it.

    What overtakes a scan is no part of it: of that only what was committed counts, and not as the scan's.
    """

    def __init__(
        self,
        activity: Activity,
        committed: Committed,
        others: list[Progress],
        overtaking: Callable[[], bool],
    ) -> None:
        """`overtaking`: whether what is told at this moment overtakes something."""
        self._activity = activity
        self._committed = committed
        self._others = others
        self._overtaking = overtaking

    def source_started(self, name: str) -> None:
        self._tell("source_started", name)

    def listed(self, name: str, documents: int) -> None:
        if not self._overtaking():
            self._activity.listed(documents)
        self._tell("listed", name, documents)

    def to_index(self, name: str, documents: int, versions: int | None = None) -> None:
        if not self._overtaking():
            self._activity.to_index(documents)
        self._tell("to_index", name, documents, versions)

    def told(self, name: str, done: int, total: int) -> None:
        self._tell("told", name, done, total)

    def committed(self, name: str, documents: int, versions: int, passages: int, tokens: int) -> None:
        if not self._overtaking():
            self._activity.committed(documents)
        self._committed(name, versions, passages, tokens)
        self._tell("committed", name, documents, versions, passages, tokens)

    def source_finished(self, report: SourceReport) -> None:
        self._tell("source_finished", report)

    def note(self, message: str) -> None:
        for other in self._others:
            other.note(message)

    def _tell(self, what: str, *about: Any) -> None:
        if self._overtaking():
            return
        for other in self._others:
            getattr(other, what)(*about)
