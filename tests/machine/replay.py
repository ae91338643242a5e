"""A naive reader of a source's log: what it would believe after so many events."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.model import FOREVER, Instant, VersionKind, VersionStatus
from indexer.ports import Absent, Event, Observed, Relabelled, Renamed, Withdrawn
from indexer.timing import monotone
from tests.machine.beliefs import Belief
from tests.machine.generated import cut


@dataclass(slots=True)
class State:
    """One state of a document, as the log tells of it."""

    origin: str
    sequence: int
    time: Instant
    key: str
    kind: VersionKind
    text: str | None = None
    aside: bool = False
    withdrawn: bool = False
    labels: tuple[str, ...] = ()


@dataclass(slots=True)
class Thread:
    """One document: all that was ever said of it."""

    states: list[State] = field(default_factory=list)

    def line(self) -> list[State]:
        """Its states on the line of history, in the source's order."""
        on_line = [s for s in self.states if not s.aside and not s.withdrawn]
        return sorted(on_line, key=lambda state: state.sequence)


class Replay:
    """What a reader of the first `count` events of a log believes: the naive model."""

    def __init__(
        self, log: list[Event], unread: frozenset[int], bytes_of: dict[str, bytes], count: int
    ) -> None:
        self.threads: list[Thread] = []
        self.lineages: dict[str, Thread] = {}
        """The documents that have an identity of their own."""
        self._paths: dict[str, Thread | None] = {}
        self._bytes = bytes_of
        for position, event in enumerate(log[:count]):
            self._apply(event, readable=position not in unread)

    def expected(self) -> list[dict[str, tuple[object, ...]]]:
        """For each document: origin → what is believed of that state."""
        return [self._told(thread) for thread in self.threads]

    def _told(self, thread: Thread) -> dict[str, tuple[object, ...]]:
        told: dict[str, tuple[object, ...]] = {}
        line = thread.line()
        starts = monotone(state.time for state in line)
        for number, (state, start) in enumerate(zip(line, starts, strict=True), 1):
            last = number == len(line)
            end = FOREVER if last else starts[number]
            status = VersionStatus.CURRENT if last else VersionStatus.PAST
            told[state.origin] = (
                status, number, state.key, state.kind, start, end, state.text, frozenset(state.labels),
            )  # fmt: skip
        for state in thread.states:
            if state.origin not in told:
                status = VersionStatus.ASIDE if state.aside else VersionStatus.WITHDRAWN
                told[state.origin] = (status, state.text, frozenset(state.labels))
        return told

    def _apply(self, event: Event, *, readable: bool) -> None:
        thread = self._thread(event)
        if thread is None:
            return
        match event:
            case Observed():
                assert event.origin is not None
                known = next((s for s in thread.states if s.origin == event.origin), None)
                rendered = cut(self._bytes[event.origin], event.key) if readable else None
                if known is not None:
                    if known.withdrawn:
                        known.withdrawn, known.key = False, event.key
                    if known.text is None and rendered is not None:
                        known.text, known.kind = rendered[0], VersionKind.CONTENT
                    return
                thread.states.append(
                    State(
                        event.origin,
                        event.sequence or 0,
                        event.times[0].instant,
                        event.key,
                        VersionKind.UNREADABLE if rendered is None else VersionKind.CONTENT,
                        None if rendered is None else rendered[0],
                        aside=event.aside,
                        labels=event.labels,
                    )
                )
            case Renamed():
                before = thread.line()[-1]
                thread.states.append(
                    State(
                        event.origin,
                        event.sequence or 0,
                        event.time.instant,
                        event.key,
                        before.kind,
                        before.text,
                    )
                )
            case Absent():
                kind = VersionKind.TOMBSTONE
                thread.states.append(
                    State(event.origin, event.sequence or 0, event.time.instant, event.key, kind)
                )
            case Withdrawn():
                for state in thread.states:
                    state.withdrawn |= state.origin in event.origins
            case Relabelled():
                for state in thread.states:
                    if state.origin == event.origin:
                        state.labels = event.labels

    def _thread(self, event: Event) -> Thread | None:
        lineage = getattr(event, "lineage", None)
        if lineage is not None:
            if lineage not in self.lineages:
                self.lineages[lineage] = self._new()
            return self.lineages[lineage]
        key: str = getattr(event, "key", "")
        previous = getattr(event, "previous_key", None)
        if previous is not None:
            self._paths[key] = self._paths[previous]
            self._paths[previous] = None
        thread = self._paths.get(key)
        if thread is None:
            thread = self._paths[key] = self._new()
        return thread

    def _new(self) -> Thread:
        thread = Thread()
        self.threads.append(thread)
        return thread


def by_origin(belief: Belief) -> list[dict[str, tuple[object, ...]]]:
    """A belief in the form of `Replay.expected`."""
    documents = []
    for told in belief.values():
        found: dict[str, tuple[object, ...]] = {}
        for v in told:
            labels = frozenset(v.labels)
            if v.status in (VersionStatus.CURRENT, VersionStatus.PAST):
                found[v.origin] = (
                    v.status,
                    v.number,
                    v.key,
                    v.kind,
                    v.valid_from,
                    v.valid_to,
                    v.text,
                    labels,
                )
            else:
                found[v.origin] = (v.status, v.text, labels)
        documents.append(found)
    return ordered(documents)


def ordered(documents: list[dict[str, tuple[object, ...]]]) -> list[dict[str, tuple[object, ...]]]:
    return sorted((d for d in documents if d), key=lambda told: min(told))
