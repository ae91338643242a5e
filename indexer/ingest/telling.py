"""What a source with a history told of one document: its states are read and become drafts of versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from indexer.ingest.contents import Contents
from indexer.ingest.drafts import DocumentChange, VersionDraft, Withdrawal
from indexer.ingest.failures import Failures
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.preparing import Prepared, prepare
from indexer.ingest.session import Session
from indexer.model import Instant, TimeBasis, VersionKind
from indexer.plan.history import DocumentEvent, Handle
from indexer.ports import Absent, Described, Observed, Relabelled, Renamed, SourceTime, Unwanted, Withdrawn
from indexer.ports.recorded import LineVersion

MOST_STATES: Final = 400
"""States of one document that are folded at once."""
_UNTOLD_SIZE: Final = 64 * 1024
"""Bytes assumed of a state whose source does not say how large it is."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the source told of one document since the last commit."""

    handle: Handle
    document_no: int | None
    """None: it is new."""
    events: list[DocumentEvent]
    line: list[LineVersion]
    """Its versions so far."""
    unread: list[Observed]
    """The states whose texts are not recorded yet, in order."""
    late: bool = False
    """As in `DocumentChange`."""

    @property
    def weight(self) -> int:
        """Bytes of what has to be read, about."""
        return sum(_UNTOLD_SIZE if event.size is None else event.size for event in self.unread)

    @property
    def latest(self) -> int:
        """The place of its last event on the source's line; below all others where none has one."""
        placed = [e.sequence for e in self.events if isinstance(e, Observed | Renamed | Absent)]
        return max((place for place in placed if place is not None), default=-1 << 62)

    def parts(self) -> Iterator[Told]:
        """It in pieces of at most `MOST_STATES`, which fit into memory."""
        if len(self.events) <= MOST_STATES:
            yield self
            return
        unread = {event.origin for event in self.unread}
        for start in range(0, len(self.events), MOST_STATES):
            events = self.events[start : start + MOST_STATES]
            due = [e for e in events if isinstance(e, Observed) and e.origin in unread]
            yield replace(self, events=events, unread=due)


def rounds(told: Iterable[Told]) -> list[list[Told]]:
    """The parts of these, so that each document is at most once in a round, and its parts follow on each other."""
    rounds: list[list[Told]] = []
    for one in told:
        for place, part in enumerate(one.parts()):
            if place == len(rounds):
                rounds.append([])
            rounds[place].append(part)
    return rounds


class Telling:
    """Makes changes of documents out of what was told of them. One object serves one run of one source."""

    def __init__(
        self,
        index: Index,
        configured: ConfiguredSource,
        session: Session,
        failures: Failures,
        started: Instant,
    ) -> None:
        self._index = index
        self._configured = configured
        self._session = session
        self._failures = failures
        self._started = started

    def prepare(self, one: Told) -> list[Prepared]:
        """Read and render its first states, as many as may be held; the others have to wait for their turn."""
        prepared, room = [], self._index.limits.held_bytes // 4
        for event in one.unread:
            if room <= 0:
                break
            prepared.append(self.read(event))
            room -= len(prepared[-1].data)
        return prepared

    def read(self, event: Observed) -> Prepared:
        """Read and render one state."""
        return prepare(self._index, Contents(0), event)

    def change(self, one: Told, prepared: Sequence[Prepared], *, history_open: bool) -> DocumentChange:
        """What becomes of the document; `prepared` are the first of its unread states."""
        ahead = iter(prepared)
        unread = {event.origin for event in one.unread}
        steps: list[VersionDraft | Withdrawal] = []
        relabelled: list[tuple[str, tuple[str, ...]]] = []
        attributes: Mapping[str, tuple[str, ...]] | None = None
        for event in one.events:
            match event:
                case Described():
                    attributes = event.attributes
                case Observed():
                    read = next(ahead, None) if event.origin in unread else None
                    if read is None and event.origin in unread:
                        read = self._session.attentively(partial(self.read, event))
                    steps.append(self.observed(event, read))
                case Renamed():
                    steps.append(_draft(VersionKind.CONTENT, event, carries=True))
                case Absent():
                    steps.append(self.absent(event))
                case Withdrawn() | Unwanted():
                    everything = tuple(version.origin for version in one.line)
                    origins = everything if isinstance(event, Unwanted) else event.origins
                    steps.append(Withdrawal(origins))
                    places = {v.origin: v.key for v in one.line}
                    places |= {step.origin: step.key for step in steps if isinstance(step, VersionDraft)}
                    for origin in places.keys() & set(origins):
                        self._failures.over(place_of(places[origin], origin))
                case Relabelled(_, origin, labels):
                    relabelled.append((origin, labels))
                    steps = [
                        replace(s, labels=labels) if isinstance(s, VersionDraft) and s.origin == origin else s
                        for s in steps
                    ]
        return DocumentChange(
            one.document_no,
            tuple(steps),
            tuple(relabelled),
            lineage=next((e.lineage for e in one.events if e.lineage is not None), None),
            history_open=history_open,
            attributes=attributes,
            late=one.late,
        )

    def absent(self, event: Absent) -> VersionDraft:
        """A document's absence as a draft."""
        return _draft(VersionKind.TOMBSTONE, event)

    def observed(self, event: Observed, prepared: Prepared | None) -> VersionDraft:
        """A state as a draft; `prepared` is None where its text is recorded already."""
        assert event.origin is not None
        time = event.times[0] if event.times else SourceTime(self._started, TimeBasis.OBSERVED)
        place = place_of(event.key, event.origin)
        found = rendered = None
        kind = VersionKind.CONTENT
        if prepared is not None:
            found, rendered = prepared.found, prepared.rendered
            if (
                found is not None
                and self._configured.keep_originals
                and found.size <= self._index.limits.max_original_size
            ):
                self._session.keep_original(prepared.data, found.hash)
            if prepared.error is None or (found is not None and self._session.withholds(found.hash)):
                self._failures.over(place)
            else:
                self._failures.document(place, prepared.error)
                kind = VersionKind.UNREADABLE
        return VersionDraft(
            kind=kind,
            origin=event.origin,
            key=event.key,
            time=time,
            sequence=event.sequence,
            aside=event.aside,
            content_hash=None if found is None else found.hash,
            size=event.size if found is None else found.size,
            author=event.author,
            message=event.message,
            title=event.title,
            labels=event.labels,
            metadata=event.metadata,
            rendered=rendered,
        )


def _draft(kind: VersionKind, event: Renamed | Absent, *, carries: bool = False) -> VersionDraft:
    return VersionDraft(
        kind=kind,
        origin=event.origin,
        key=event.key,
        time=event.time,
        sequence=event.sequence,
        author=event.author,
        message=event.message,
        labels=event.labels if isinstance(event, Absent) else (),
        carries=carries,
    )


def place_of(key: str, origin: str) -> str:
    """How a state that could not be indexed stands among the failures."""
    return f"{key}@{origin}"
