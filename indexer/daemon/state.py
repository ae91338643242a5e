"""How the service says that it is: one line for people, and the state of each source for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from indexer.clock import Clock, rfc3339
from indexer.daemon.loop import SourceLoop
from indexer.daemon.metrics import Reading
from indexer.daemon.schedule import Planned, Schedule
from indexer.daemon.sources import Sources
from indexer.model import Instant
from indexer.query.results import StatusResult

QUIET: Final = 60.0
"""Seconds after which it is said that a source at work was not heard of."""

QUEUES: Final = "Documents that wait to be read, parsed and folded, and texts that wait to be embedded."

_STATES: Final[Mapping[str, str]] = {
    "starting": "working", "scanning": "working", "updating": "working", "idle": "following",
    "waiting": "waiting", "failing": "trouble", "stopped": "off",
}  # fmt: skip


def overall(loops: Mapping[str, SourceLoop], disk: str, refused: str) -> str:
    """One line, such as ``watching 3 sources, 12031 documents, 2 failed``."""
    documents = sum(loop.activity.documents for loop in loops.values())
    failed = sum(loop.activity.failed for loop in loops.values())
    words = [f"watching {_count(len(loops), 'source')}", _count(documents, "document")]
    if failed:
        words.append(f"{failed} failed")
    troubled = sorted(name for name, loop in loops.items() if loop.activity.doing.state == "failing")
    working = sorted(name for name, loop in loops.items() if loop.activity.doing.state == "scanning")
    if troubled:
        words.append(f"in trouble: {', '.join(troubled)}")
    if working:
        words.append(f"scanning {', '.join(working)}")
    if disk:
        words.append("waiting for room on the disk")
    if refused:
        words.append("the configuration on disk is refused")
    return ", ".join(words)


def sources_state(sources: Sources, schedule: Schedule, clock: Clock) -> dict[str, Any]:
    """By name of source: the ``sources`` of `service.Service.state`."""
    now = clock.monotonic()
    found = {}
    for name, loop in sources.all().items():
        doing, watch = loop.activity.doing, loop.watch.state
        planned = schedule.planned(f"scan {name}")
        found[name] = {
            "state": _STATES[doing.state],
            "activity": _activity(loop, now),
            "since": rfc3339(doing.since),
            "detail": doing.detail or None,
            "hints": len(loop.hints),
            "watch": watch.mode,
            "watch_detail": watch.detail or None,
            "interval": sources.interval(name),
            "next_scan": rfc3339(_next_scan(loop, planned, clock)),
            "scans": loop.activity.scans,
            "looks": loop.activity.looks,
        }
    for name in sources.waiting():
        found[name] = {
            "state": "waiting", "activity": None, "hints": 0, "watch": "off", "interval": None, "next_scan": None,
            "detail": "what followed it by other settings does not come to its end",
        }  # fmt: skip
    return found


def readings(status: StatusResult, loops: Mapping[str, SourceLoop], now: Instant) -> Iterator[Reading]:
    """What the metrics tell of each source."""
    for source in status.sources:
        labels = {"source": source.name}
        yield "documents", "Documents that are there.", labels, source.documents
        yield "versions", "Versions that are kept.", labels, source.versions
        yield "passages", "Passages of the present.", labels, source.passages
        yield "failed_documents", "Documents and folders that cannot be indexed now.", labels, source.failed
        if source.last_scan is not None:
            age = (now - source.last_scan) / 1e6
            yield "scan_age_seconds", "Since the last complete scan began.", labels, age
    for name, loop in loops.items():
        doing, labels = loop.activity.doing, {"source": name}
        yield "hints_waiting", "Places that were hinted and not looked at yet.", labels, len(loop.hints)
        yield "to_index", "Documents that the scan in progress has to read.", labels, doing.to_index
        yield "indexed", "How many of those are committed.", labels, doing.indexed
        for queue, depth in queues({name: loop}).items():
            yield "queue_depth", QUEUES, {"source": name, "queue": queue}, depth


def queues(loops: Mapping[str, SourceLoop]) -> dict[str, int]:
    """How much waits in these loops: documents to be read, parsed and folded, texts to be embedded."""
    depths = [loop.depths for loop in loops.values()]
    return {
        "reading": sum(depth.reading for depth in depths),
        "parsing": sum(depth.parsing for depth in depths),
        "embedding": sum(depth.embedding for depth in depths),
        "folding": sum(depth.prepared for depth in depths),
    }


def _next_scan(loop: SourceLoop, planned: Sequence[Planned], clock: Clock) -> Instant | None:
    """When all of a source is looked at next: on schedule, or because it is tried again."""
    at = loop.next_scan
    asked = None if at is None else clock.now() + round(max(0.0, at - clock.monotonic()) * 1e6)
    return min(
        (moment for moment in (asked, *(job.next for job in planned)) if moment is not None), default=None
    )


def _activity(loop: SourceLoop, now: float) -> str | None:
    doing = loop.activity.doing
    if doing.state not in ("scanning", "updating"):
        return None
    if doing.to_index:
        words = f"indexing {doing.indexed} of {_count(doing.to_index, 'document')}"
    elif doing.state == "scanning":
        words = "listing"
    else:
        words = "looking at what changed"
    quiet = now - loop.beat
    return f"{words}; nothing was heard of the source for {quiet:.0f} s" if quiet > QUIET else words


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
