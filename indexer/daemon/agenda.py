"""What is to be looked at next, and when: pure, in monotonic seconds.

Every source has scans, which are the truth, and hints, which say where to look before the next scan.
Hints are looked at first, so that what somebody just saved is not behind a scan of everything; of two
sources the one that has waited longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

FIRST_RETRY: Final = 5.0
"""Seconds after a scan that failed; twice as many after each further one."""
LONGEST_RETRY: Final = 900.0
_REST: Final = 10.0
"""A scan that takes t seconds is not repeated before so many times t have passed."""


class Hinted(Protocol):
    """Where hints of one source are collected; see `hints.Hints`."""

    def due(self, now: float) -> tuple[str, ...] | None:
        """Scopes that are to be looked at now, which it forgets; None while there are none."""

    def next_due(self, now: float) -> float | None:
        """When there will be; None if nothing is hinted."""

    def lost(self) -> None:
        """Everything may have changed."""


@dataclass(frozen=True, slots=True)
class Job:
    """One look at one source."""

    source: str
    scopes: tuple[str, ...] | None
    """None: everything."""
    reason: str
    """For people: ``start``, ``changes``, ``schedule``, ``retry``, ``asked``."""


@dataclass(slots=True)
class Followed:
    """One source on the agenda."""

    name: str
    interval: float
    """Seconds between two scans."""
    hints: Hinted | None = None
    partial: bool = True
    """Whether a part of it can be looked at; otherwise every hint means everything."""
    settled: bool = False
    """Whether it was brought up to date once: until then a look at it may take days."""
    next_scan: float = 0.0
    reason: str = "start"
    failures: int = field(default=0)
    """Scans in a row that failed."""


class Agenda:
    """The order of work over all sources. Not thread-safe: whoever works asks."""

    def __init__(self, sources: Iterable[Followed] = ()) -> None:
        self._sources = {source.name: source for source in sources}

    @property
    def sources(self) -> list[Followed]:
        """Every source on it."""
        return list(self._sources.values())

    def __getitem__(self, name: str) -> Followed:
        return self._sources[name]

    def next(self, now: float, *, but_for: str | None = None, short: bool = False) -> Job | None:
        """What to do now, and it counts as begun; None if nothing is due.

        `but_for`: not this source, whose turn is not over. `short`: nothing that may take long: a first import.
        """
        others = [s for s in self._sources.values() if s.name != but_for and (s.settled or not short)]
        for source in sorted(others, key=lambda source: _waiting_since(source, now)):
            scopes = source.hints.due(now) if source.hints is not None else None
            if scopes is None:
                continue
            if source.partial and source.settled and scopes != ("",):
                return Job(source.name, scopes, "changes")
            return Job(source.name, None, "changes")
        due = [source for source in others if source.next_scan <= now]
        if not due:
            return None
        # First imports go last: the others are soon done.
        source = min(due, key=lambda source: (not source.settled, source.next_scan))
        return Job(source.name, None, source.reason)

    def wake(self, now: float) -> float:
        """When `next` is to be asked again."""
        times = [source.next_scan for source in self._sources.values()]
        hinted = (s.hints.next_due(now) for s in self._sources.values() if s.hints is not None)
        return min([*times, *(at for at in hinted if at is not None)], default=now + 60)

    def done(self, job: Job, now: float, took: float, *, ok: bool) -> None:
        """A look is over, and took so many seconds; not `ok`: the source could not be listed."""
        source = self._sources.get(job.source)
        if source is None:
            return
        if not ok:
            pause = min(LONGEST_RETRY, FIRST_RETRY * 2**source.failures)
            source.failures += 1
            source.next_scan, source.reason = now + pause, "retry"
        elif job.scopes is None:
            source.failures = 0
            source.settled = True
            source.next_scan, source.reason = now + max(source.interval, _REST * took), "schedule"

    def ask(self, name: str, now: float) -> None:
        """Somebody wants a scan as soon as can be. KeyError for a source that is not on it."""
        source = self._sources[name]
        source.next_scan, source.reason = now, "asked"

    def replace(self, sources: Iterable[Followed]) -> None:
        """From now on these sources, be they the same objects or others."""
        self._sources = {source.name: source for source in sources}


def _waiting_since(source: Followed, now: float) -> float:
    at = source.hints.next_due(now) if source.hints is not None else None
    return float("inf") if at is None else at


Now = Callable[[], float]
