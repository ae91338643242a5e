"""Shows how far a run is: a live line on a terminal, a plain one every so often elsewhere, always on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from indexer.cli.moments import count, duration
from indexer.cli.visible import visible_line
from indexer.clock import Clock

if TYPE_CHECKING:
    from indexer.ingest.progress import Progress
    from indexer.ingest.reports import SourceReport

_WIDE: Final = 110  # columns of a terminal that has room for a bar beside the words
INTERVAL: Final = 10.0  # [s] between two plain lines


@dataclass(slots=True)
class Tally:
    """How far one source is."""

    name: str
    began: float
    """Of the clock's monotonic time, in seconds."""
    seen: int = 0
    total: int | None = None
    """Documents to index; None while nobody knows."""
    total_versions: int | None = None
    """Versions to index, of a source with a history."""
    commits: tuple[int, int] | None = None
    """(told, all) of what is new in a source with a history."""
    documents: int = 0
    versions: int = 0
    passages: int = 0
    tokens: int = 0

    def words(self, now: float) -> str:
        """What a person wants to know, in one line."""
        if self.commits is not None:
            return self._by_commits(now)
        if not self.total and not self.documents:
            return (
                f"listing, {count(self.seen, 'document')} so far" if self.total is None else "nothing changed"
            )
        # Attachments come on top of the documents that were counted beforehand.
        total = f" of {self.total:,}" if self.total and self.documents <= self.total else ""
        parts = [f"{self.documents:,}{total} documents", count(self.passages, "passage")]
        if self.total_versions:
            parts.insert(1, f"{self.versions:,} of {self.total_versions:,} versions")
        elapsed = now - self.began
        if self.tokens and elapsed > 0:
            parts.append(f"{self.tokens / elapsed:,.0f} tokens/s")
        left = self.seconds_left(now)
        if left is not None:
            parts.append(f"about {duration(left)} left")
        return ", ".join(parts)

    def _by_commits(self, now: float) -> str:
        assert self.commits is not None
        done, total = self.commits
        parts = [
            f"{done:,} of {total:,} commits",
            count(self.versions, "version"),
            count(self.passages, "passage"),
        ]
        elapsed = now - self.began
        if 0 < done < total and elapsed > 0:
            parts.append(f"about {duration(elapsed / done * (total - done))} left")
        return ", ".join(parts)

    def seconds_left(self, now: float) -> float | None:
        """At the rate of the versions or documents so far; None where that says nothing yet."""
        elapsed = now - self.began
        total, done = self.total, self.documents
        if self.total_versions:
            total, done = self.total_versions, self.versions
        if not total or not done or elapsed <= 0 or done >= total:
            return None
        return elapsed / done * (total - done)


class PlainProgress:
    """Implements `indexer.ingest.progress.Progress` with lines at most every `interval` seconds."""

    def __init__(self, write: Callable[[str], None], clock: Clock, interval: float = INTERVAL) -> None:
        self._write = write
        self._clock = clock
        self._interval = interval
        self._tallies: dict[str, Tally] = {}
        self._written = clock.monotonic()

    def source_started(self, name: str) -> None:
        self._tallies[name] = Tally(name, self._clock.monotonic())

    def listed(self, name: str, documents: int) -> None:
        self._tally(name).seen = documents
        self._tell(name)

    def told(self, name: str, done: int, total: int) -> None:
        if total:
            self._tally(name).commits = (done, total)
            self._tell(name)

    def to_index(self, name: str, documents: int, versions: int | None = None) -> None:
        tally = self._tally(name)
        tally.total = documents
        tally.total_versions = versions
        tally.began = self._clock.monotonic()
        self._tell(name)

    def committed(self, name: str, documents: int, versions: int, passages: int, tokens: int) -> None:
        tally = self._tally(name)
        tally.documents += documents
        tally.versions += versions
        tally.passages += passages
        tally.tokens += tokens
        self._tell(name)

    def source_finished(self, report: SourceReport) -> None:
        self._tallies.pop(report.name, None)

    def note(self, message: str) -> None:
        self._write(visible_line(message))

    def _tally(self, name: str) -> Tally:
        return self._tallies.setdefault(name, Tally(name, self._clock.monotonic()))

    def _tell(self, name: str) -> None:
        now = self._clock.monotonic()
        if now - self._written >= self._interval:
            self._written = now
            self._write(visible_line(f"{name}: {self._tallies[name].words(now)}"))


class LiveProgress(PlainProgress):
    """The same on a terminal: one line for each source at work, which `show` redraws in place."""

    def __init__(
        self, write: Callable[[str], None], show: Callable[[str, Tally | None, str], None], clock: Clock
    ) -> None:
        super().__init__(write, clock, interval=0.0)
        self._show = show

    def source_started(self, name: str) -> None:
        super().source_started(name)
        self._tell(name)

    def source_finished(self, report: SourceReport) -> None:
        super().source_finished(report)
        self._show(report.name, None, "")

    def _tell(self, name: str) -> None:
        tally = self._tallies[name]
        self._show(name, tally, tally.words(self._clock.monotonic()))


@contextmanager
def shown_progress(write: Callable[[str], None], clock: Clock) -> Iterator[Progress]:
    """Progress for whoever reads standard error; `write` takes a line for it."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield PlainProgress(write, clock)
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    name, words = (TextColumn(f"{{task.fields[{field}]}}", markup=False) for field in ("name", "words"))
    bar = [BarColumn(bar_width=20)] if console.width >= _WIDE else []
    with Bars(
        SpinnerColumn(), name, *bar, words, console=console, transient=True, redirect_stdout=False
    ) as bars:
        tasks: dict[str, Any] = {}

        def show(name: str, tally: Tally | None, words: str) -> None:
            if tally is None:
                if name in tasks:
                    bars.remove_task(tasks.pop(name))
                return
            if name not in tasks:
                tasks[name] = bars.add_task("", total=None, name=visible_line(name), words="")
            bars.update(tasks[name], total=tally.total, completed=tally.documents, words=words)

        # Printed by rich, a line stands above the bars; written beside it, it would tear them.
        yield LiveProgress(lambda line: console.print(line, soft_wrap=True), show, clock)
