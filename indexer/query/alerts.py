"""What of an index's status somebody should look at. Pure: decides from the status and what is known beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from indexer.model import Failure, Instant
from indexer.query.results import SourceStatus, StatusResult
from indexer.query.status import DETACHED

_SECOND: Final = 1_000_000  # [µs]
_DAY: Final = 86_400 * _SECOND
_MISSED_SCANS: Final = 3
_LEAST_AGE: Final = 900.0
"""[s] A scan is never too old before, however short the interval is: it may itself take a while."""
UNATTENDED_AGE: Final = 86_400.0
"""[s] after which a scan is too old where no daemon makes them."""
_MOST_NEW_FAILURES: Final = 20
_LEAST_SHARE: Final = 0.05
_ENOUGH_BYTES: Final = 5 * 1024**3
_TROUBLED: Final = ("refused", "unavailable", "incomplete")


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that somebody should look at."""

    code: str
    """For scripts."""
    where: str
    """The source, or what else it concerns."""
    message: str
    """What it is, and what to do."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known beside the status of the index."""

    now: Instant
    oldest: Mapping[str, float] = field(default_factory=dict)
    """Source → age that its last scan may have, in seconds; sources that are not scanned by themselves are left out."""
    since: Instant | None = None
    """When whoever makes the scans began to; None: nobody makes them by itself."""
    at_work: frozenset[str] = frozenset()
    """Sources that are being looked at at this moment."""
    failures: Sequence[Failure] = ()
    free_bytes: int | None = None
    """Of the file system of the data folder; None: not known."""
    all_bytes: int | None = None
    dead_daemon: bool = False
    """A daemon left its socket behind, and nobody answers there."""
    troubled: Mapping[str, str] = field(default_factory=dict)
    """Source → why it cannot be looked at just now, as the daemon has it."""
    refused: str = ""
    """What is wrong with a configuration that the daemon did not take over."""
    full: str = ""
    """Why the daemon takes no work, for want of room on the disk."""

    def with_scans(self, oldest: Mapping[str, float], **known: Any) -> Circumstances:
        """The same, with what is known of the scans and of whoever makes them."""
        return replace(self, oldest=oldest, **known)


def oldest_scan(interval: float) -> float:
    """The age that a source's last scan may have, in seconds, where it is scanned every `interval` seconds."""
    return max(_LEAST_AGE, _MISSED_SCANS * interval)


def alerts(status: StatusResult, known: Circumstances) -> tuple[Alert, ...]:
    """Everything that somebody should look at: the whole first, then source by source."""
    return (*_of_all(known), *(alert for source in status.sources for alert in _of_source(source, known)))


def _of_all(known: Circumstances) -> Iterator[Alert]:
    if known.dead_daemon:
        yield Alert(
            "daemon-gone",
            "daemon",
            "the daemon left its control socket behind and does not run; start it again, and look for the reason in its log",
        )
    if known.refused:
        yield Alert(
            "configuration-refused",
            "daemon",
            f"it goes on by the former configuration: {known.refused}; correct it, and let the daemon read it again",
        )
    if known.full:
        yield Alert("disk-full", "data folder", f"nothing is indexed until there is room: {known.full}")
        return
    if known.free_bytes is None or not known.all_bytes:
        return
    share = known.free_bytes / known.all_bytes
    if share < _LEAST_SHARE and known.free_bytes < _ENOUGH_BYTES:
        yield Alert(
            "disk-nearly-full",
            "data folder",
            f"only {known.free_bytes / 1024**2:,.0f} MiB are free on its disk ({share:.1%}); make room",
        )


def _of_source(source: SourceStatus, known: Circumstances) -> Iterator[Alert]:
    if source.state == DETACHED:
        return
    if source.state in _TROUBLED:
        yield Alert(f"source-{source.state}", source.name, source.detail or f"its state is {source.state}")
    elif source.name in known.troubled:
        detail = known.troubled[source.name] or "the daemon cannot look at it; see its log"
        yield Alert("source-trouble", source.name, detail)
    oldest = known.oldest.get(source.name)
    if oldest is not None and source.name not in known.at_work:
        # A daemon that has just begun cannot have made them before.
        last = max(source.last_scan or 0, known.since or 0)
        age = (known.now - last) / _SECOND
        if age > oldest:
            yield Alert("scan-too-old", source.name, _too_old(source, known.now, oldest))
    began = Counter(
        known.now - failure.first_seen < _DAY for failure in known.failures if failure.source == source.name
    )
    if began[True] >= _MOST_NEW_FAILURES and began[True] > began[False]:
        yield Alert(
            "failures-growing",
            source.name,
            f"{began[True]:,} documents began to fail within a day, {began[False]:,} failed before; see `indexer failures`",
        )


def _too_old(source: SourceStatus, now: Instant, oldest: float) -> str:
    remedy = "see that `indexer run` is at work, or run `indexer backfill`"
    if source.last_scan is None:
        return f"it was never scanned to its end; {remedy}"
    hours = (now - source.last_scan) / _SECOND / 3600
    return f"its last complete scan was {hours:,.1f} hours ago, more than {oldest / 3600:,.1f}; {remedy}"
