"""What one source's loop does next, and when: pure, in monotonic seconds.

Scans are the truth, and hints say where to look before the next scan. What was hinted is looked at
first, also in the middle of a scan: what somebody just saved does not wait for a first import to end.

But where something may have happened that nobody told of (before the service began, or when events were lost), the
scan that finds out comes first: only that knows whether what is new somewhere is what is gone elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from indexer.daemon.motion import Pending

FIRST_RETRY: Final = 5.0
"""Seconds after a scan that failed; twice as many after each further one."""
LONGEST_RETRY: Final = 900.0
JITTER: Final = 0.25
"""Up to such a share longer, so that sources that fail together do not come back together."""
REST: Final = 10.0
"""A scan that takes t seconds is not repeated on schedule before so many times t have passed."""
BREATH: Final = 1.0
"""The same for scans that lost events ask for, for which others wait: not longer than `FINDING_OUT`."""
OVERDUE: Final = 30.0
"""Seconds after which a scan begins though there is always something hinted: it is overtaken by that anyway."""
FINDING_OUT: Final = 30.0
"""Seconds at most for which what was hinted waits for a scan that finds out what happened unseen."""
DOCUMENTS_REST: Final = 60.0
"""Seconds between two tries of documents that failed: one that cannot even be looked at stays due."""


class Hinted(Pending, Protocol):
    """Where hints of one source are collected; see `hints.Hints`."""

    def look(self, now: float) -> None:
        """Find out what is needed for the next two; may take a while."""

    def due(self, now: float, *, folders: bool = True) -> tuple[str, ...] | None:
        """Scopes that are to be looked at now, which it forgets; None while there are none. `folders`: those too."""

    def next_due(self, now: float) -> float | None:
        """When there will be; None if nothing is hinted."""

    def lost(self) -> None:
        """Everything may have changed, and nobody tells what."""

    def were_lost(self) -> bool:
        """Whether that was said since this was asked last."""

    @property
    def whole(self) -> bool:
        """Whether all of the source waits, be it that too much of it did."""

    def __len__(self) -> int:
        """How many scopes wait."""


@dataclass(frozen=True, slots=True)
class Job:
    """One look at the source."""

    reason: str
    """For people: ``start``, ``changes``, ``schedule``, ``retry``, ``asked``, ``failures``."""
    scopes: tuple[str, ...] | None = None
    """None: everything."""
    accept_deletions: bool = False
    retry: frozenset[str] = frozenset()
    """Keys to be read whatever their state."""


@dataclass(slots=True)
class _Scan:
    """A complete scan that is to come."""

    at: float
    reason: str
    accept_deletions: bool = False
    retry: frozenset[str] = frozenset()


@dataclass(slots=True)
class Agenda:
    """What is to be done of one source. Not thread-safe: its loop asks, under a lock of its own."""

    hints: Hinted
    partial: bool
    """Whether a part of the source can be looked at; otherwise every hint means everything."""
    jitter: Callable[[], float] = lambda: 0.0
    """Drawn anew for each pause, 0 to 1."""
    settled: bool = False
    """Whether it was brought up to date once."""
    failures: int = 0
    """Scans in a row that failed."""
    _scan: _Scan | None = field(default=None, init=False)
    _blind: bool = field(default=False, init=False)
    """Whether something may have happened that nobody told of, and the next scan finds out."""
    _finding_out: float | None = field(default=None, init=False)
    """Since when a scan goes on that does."""
    _dropped: Job | None = field(default=None, init=False)
    """A look at some scopes that is to be taken again."""
    _documents: float | None = field(default=None, init=False)
    """When documents that failed are due again."""
    _tried: float = field(default=float("-inf"), init=False)
    """When they were last looked at."""
    _ended: float = field(default=float("-inf"), init=False)
    _took: float = field(default=0.0, init=False)

    def ask(
        self, reason: str, now: float, *, accept_deletions: bool = False, retry: frozenset[str] = frozenset()
    ) -> None:
        """Scan everything as soon as can be. What is on schedule waits until the last scan is some time past."""
        at = max(now, self._ended + REST * self._took) if reason == "schedule" else now
        self._blind |= self.partial and reason == "start"
        if reason == "schedule" and self.failures and self._scan is not None:
            return  # it is tried again later and later, not on schedule
        self._plan(_Scan(at, reason, accept_deletions, retry))

    def documents_due(self, at: float | None) -> None:
        """When the documents that failed are to be read again; None: none of them."""
        self._documents = None if at is None else max(at, self._tried + DOCUMENTS_REST)

    def put_back(self, job: Job, now: float) -> None:
        """A look was dropped before its end: it is taken again, as soon as can be."""
        if job.reason == "failures":
            self._documents = now
        elif job.scopes is not None:
            # One that was overtaking is dropped before the one that it overtook.
            before = () if self._dropped is None else self._dropped.scopes or ()
            self._dropped = replace(job, scopes=tuple(sorted({*before, *job.scopes})))
        else:
            self._dropped_scan()
            self._plan(_Scan(now, job.reason, job.accept_deletions, job.retry))

    def look(self, now: float) -> None:
        """Ask the hints to look, before `next` and `urgent`. Without the loop's lock: it may take a while."""
        self.hints.look(now)

    def _plan(self, scan: _Scan) -> None:
        if self._scan is None:
            self._scan = scan
            return
        if scan.at < self._scan.at:
            self._scan.at, self._scan.reason = scan.at, scan.reason
        self._scan.accept_deletions |= scan.accept_deletions
        self._scan.retry |= scan.retry

    def next(self, now: float) -> Job | None:
        """What to do now, and it counts as begun; None if nothing is due."""
        overdue = self._scan is not None and self._scan.at + OVERDUE <= now
        if not overdue and (job := self._before_scan(now)) is not None:
            return job
        if self._scan is not None and self._scan.at <= now:
            scan, self._scan = self._scan, None
            self._finding_out = now if self._blind else None
            self._blind = False
            # A scan sees all that was hinted before it, and reads what failed as well.
            self._documents, self._tried = None, now
            return Job(scan.reason, None, scan.accept_deletions, scan.retry)
        if (due := self._documents_at) is not None and due <= now:
            self._documents, self._tried = None, now
            return Job("failures")
        return None

    def _before_scan(self, now: float) -> Job | None:
        """What comes before the next scan; None: nothing, though that may be asked for now."""
        if not self._scan_first:
            return self.urgent(now)
        # That all of it may have changed is found out by the very same scan.
        return self._told(now) if self.hints.whole else None

    def urgent(self, now: float, *, folders: bool = True) -> Job | None:
        """What was hinted and can be looked at by itself, in the middle of a scan too; None if there is nothing.

        Without `folders` only what takes no longer than a moment: single files.
        """
        if folders and self._dropped is not None:
            job, self._dropped = self._dropped, None
            return job
        return self._told(now, folders=folders)

    def _told(self, now: float, *, folders: bool = True) -> Job | None:
        """What was hinted and is due."""
        scopes = self.hints.due(now, folders=folders)
        if scopes is None:
            return None
        if self.partial and scopes != ("",):
            return Job("changes", scopes)
        self._blind |= self.hints.were_lost() and self.partial
        # Lost events come in swarms, and each scan sees all that happened before it.
        rest = min(self._ended + BREATH * self._took, now + FINDING_OUT) if self.partial else now
        self.ask("changes", max(now, rest))
        return None

    def news(self, now: float) -> bool:
        """Whether the source is to be listed because something is new there, as far as anybody knows; that is forgotten.

        For whoever lists it anyway. What somebody asked for stays.
        """
        scan = self._scan
        if scan is None or scan.at > now or scan.reason not in ("changes", "schedule"):
            return False
        if scan.accept_deletions or scan.retry:
            return False
        self._scan = None
        return True

    def wake(self, now: float) -> float | None:
        """When `next` is to be asked again; None: once something is asked for or hinted."""
        times = [self._documents_at, None if self._scan is None else self._scan.at]
        if self.hints.whole or not self._scan_first:
            times.append(self.hints.next_due(now))
        if self._dropped is not None and not self._scan_first:
            times.append(now)
        return min((at for at in times if at is not None), default=None)

    def done(self, job: Job, now: float, took: float, *, ok: bool) -> None:
        """A look is over, and took so many seconds; not `ok`: the source could not be listed."""
        if not ok:
            if job.scopes is None:
                self._dropped_scan()
            pause = min(LONGEST_RETRY, FIRST_RETRY * 2.0**self.failures) * (1 + JITTER * self.jitter())
            self.failures += 1
            self.ask("retry", now + pause)
        elif job.scopes is None and job.reason != "failures":
            self.failures = 0
            self.settled = True
            self._ended, self._took = now, took
            self._finding_out = None

    def _dropped_scan(self) -> None:
        """What a scan was to find out is still to be found out."""
        self._blind |= self._finding_out is not None
        self._finding_out = None

    @property
    def _scan_first(self) -> bool:
        """Whether what was hinted waits for the next scan. A source that could not be listed keeps nobody waiting."""
        return self._blind and not self.failures

    @property
    def finding_out(self) -> bool:
        """Whether the scan that goes on finds out what happened unseen."""
        return self._finding_out is not None

    def before_hints(self, now: float) -> bool:
        """Whether what was hinted waits for that scan, as long as it has not decided what moved."""
        return self._finding_out is not None and now - self._finding_out < FINDING_OUT

    @property
    def _documents_at(self) -> float | None:
        """When documents that failed are due; the retry of a source that could not be listed comes first."""
        return None if self.failures else self._documents

    @property
    def next_scan(self) -> float | None:
        """When a scan is to begin, as far as that is known here."""
        return None if self._scan is None else self._scan.at
