"""Progress on its way to another process: as events that JSON can hold, merged while nobody takes them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from indexer.ingest.progress import Progress
from indexer.ingest.reports import SourceReport

Event = dict[str, Any]

MOST_LINES: Final = 1_000
"""Lines that wait for somebody slow; the oldest ones beyond are left out, and it is said how many."""


class Pending:
    """Implements `Progress`: keeps what it is told until it is taken, in a bounded space.

    What a later event of the same source overtakes is not kept twice; commits are added up. `wake` is called, by
    whichever thread tells something, when there is something to take.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._open: dict[tuple[str, str], Event] = {}
        """The events that a later one may be merged into, by kind and source."""
        self._lines = 0
        self._left_out = 0

    def take(self) -> list[Event]:
        """What was told since the last call, in order."""
        with self._lock:
            events, left_out = self._events, self._left_out
            self._events, self._open, self._lines, self._left_out = [], {}, 0, 0
        if left_out:
            events.insert(0, {"event": "note", "message": f"… {left_out:,} lines are left out here"})
        return events

    def said(self, line: str) -> None:
        """A line for standard error."""
        self.note(line)

    def source_started(self, name: str) -> None:
        self._add({"event": "source_started", "source": name}, closes=name)

    def listed(self, name: str, documents: int) -> None:
        self._latest({"event": "listed", "source": name, "documents": documents})

    def to_index(self, name: str, documents: int, versions: int | None = None) -> None:
        self._latest({"event": "to_index", "source": name, "documents": documents, "versions": versions})

    def told(self, name: str, done: int, total: int) -> None:
        self._latest({"event": "told", "source": name, "done": done, "total": total})

    def committed(self, name: str, documents: int, versions: int, passages: int, tokens: int) -> None:
        counts = {"documents": documents, "versions": versions, "passages": passages, "tokens": tokens}
        self._latest({"event": "committed", "source": name, **counts}, summed=tuple(counts))

    def source_finished(self, report: SourceReport) -> None:
        self._add({"event": "source_finished", "source": report.name}, closes=report.name)

    def note(self, message: str) -> None:
        with self._lock:
            self._events.append({"event": "note", "message": message})
            self._lines += 1
            if self._lines > MOST_LINES:
                oldest = next(held for held in self._events if held["event"] == "note")
                self._events.remove(oldest)
                self._lines -= 1
                self._left_out += 1
        self._wake()

    def _latest(self, event: Event, summed: Sequence[str] = ()) -> None:
        """Keep `event` in the place of an earlier one of its kind and source, to which the numbers `summed` are added."""
        key = (event["event"], event["source"])
        with self._lock:
            earlier = self._open.get(key)
            if earlier is None:
                self._events.append(event)
                self._open[key] = event
            else:
                earlier.update(event | {name: earlier[name] + event[name] for name in summed})
        self._wake()

    def _add(self, event: Event, closes: str) -> None:
        """Keep `event` behind all that was told of the source `closes`, for good."""
        with self._lock:
            self._events.append(event)
            self._open = {key: held for key, held in self._open.items() if key[1] != closes}
        self._wake()


def tell(event: Mapping[str, Any], progress: Progress) -> None:
    """Pass on to `progress` what an event tells; one of an unknown kind tells nothing."""
    match event:
        case {"event": "note", "message": message}:
            progress.note(message)
        case {"event": "source_started", "source": name}:
            progress.source_started(name)
        case {"event": "listed", "source": name, "documents": documents}:
            progress.listed(name, documents)
        case {"event": "to_index", "source": name, "documents": documents, "versions": versions}:
            progress.to_index(name, documents, versions)
        case {"event": "told", "source": name, "done": done, "total": total}:
            progress.told(name, done, total)
        case {"event": "committed", "source": name, **counts}:
            progress.committed(
                name, counts["documents"], counts["versions"], counts["passages"], counts["tokens"]
            )
        case {"event": "source_finished", "source": name}:
            progress.source_finished(SourceReport(name))
