"""Plans for sources with a history: which document each event belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from indexer.model import Instant
from indexer.ports import Absent, Described, Formerly, Observed, Relabelled, Renamed, Unwanted, Withdrawn

DocumentEvent = Observed | Renamed | Absent | Withdrawn | Unwanted | Relabelled | Described | Formerly
"""The events that are about one document."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that is not recorded yet, told apart by `no` within one `Threads`."""

    no: int
    key: str
    lineage: str | None


Handle = int | NewDocument
"""A recorded document's number, or a new one."""


def match(
    told: Mapping[Handle, Sequence[DocumentEvent]],
    origins: Mapping[str, int],
    holder: Callable[[str], int | None],
) -> dict[Handle, int]:
    """Which recorded document each thread of a history that is told again is about; new ones are left out.

    The one that has most of its states, by `origins` (origin → document number); of threads that
    have none, the one that holds the key which the thread had last. No document is given twice.
    """
    shared = {
        handle: Counter(
            origins[event.origin]
            for event in events
            if not isinstance(event, Withdrawn | Unwanted | Described)
            and event.origin is not None
            and event.origin in origins
        )
        for handle, events in told.items()
    }
    wanted = [
        (-count, place, document_no, handle)
        for place, (handle, found) in enumerate(shared.items())
        for document_no, count in found.items()
    ]
    matched: dict[Handle, int] = {}
    given: set[int] = set()
    for _, _, document_no, handle in sorted(wanted, key=lambda entry: entry[:3]):
        if handle not in matched and document_no not in given:
            matched[handle] = document_no
            given.add(document_no)
    for handle, events in told.items():
        held = None if handle in matched or shared[handle] else holder(events[-1].key)
        if held is not None and held not in given:
            matched[handle] = held
            given.add(held)
    return matched


class Threads:
    """Follows documents through a stream of events, by lineage or by key.

    `lookup(lineage, key)` answers from what is committed: with a lineage, the document that has
    it; without, the live document at `key`, or else the one whose tombstone was the last to hold
    it; None if there is none, or if the key's document moved away. One object serves from one
    commit to the next, since `lookup` is asked about each key once.

    Without a lineage a key is the identity, followed through renames: a key whose document was
    renamed away begins a new document, and one whose document is absent resumes it. Renames of one
    instant may swap keys: a document that another one was renamed onto can itself be renamed away
    from there by an event of the same time. A source whose rename replaces a document says that
    one `Absent` first.
    """

    def __init__(self, lookup: Callable[[str | None, str], int | None]) -> None:
        self._lookup = lookup
        self._lineages: dict[str, Handle | None] = {}
        self._keys: dict[str, Handle | None] = {}
        self._absent: set[str] = set()
        self._put_out: dict[str, tuple[Handle, Instant | None]] = {}
        self._before: dict[str, Handle | None] = {}
        """What was at a key until something was renamed onto it."""
        self._drawn = 0

    def handle(self, event: DocumentEvent) -> Handle | None:
        """The document of `event`, which must come in source order.

        None: it deletes, withdraws or relabels something that nobody ever saw; there is nothing to do.
        """
        if event.lineage is not None:
            return self._by_lineage(event, event.lineage)
        match event:
            case Renamed():
                return self._rename(
                    event.previous_key, event.key, event.time.instant, exchanged=event.exchanged
                )
            case Observed(previous_key=str(previous)) if previous != event.key:
                instant = event.times[0].instant if event.times else None
                return self._rename(previous, event.key, instant, exchanged=event.exchanged)
            case Observed():
                return self._observe(event.key)
            case Absent():
                put_out = self._taken_over(event.key, event.time.instant)
                if put_out is not None:
                    return put_out
                self._absent.add(event.key)
                return self._at(event.key)
            case Withdrawn() | Relabelled() | Formerly():
                return self._at(event.key)

    def _by_lineage(self, event: DocumentEvent, lineage: str) -> Handle | None:
        if lineage not in self._lineages:
            self._lineages[lineage] = self._lookup(lineage, event.key)
        known = self._lineages[lineage]
        if known is None and isinstance(event, Observed | Renamed):
            known = self._lineages[lineage] = self._new(event.key, lineage)
        return known

    def _observe(self, key: str) -> Handle:
        document = self._at(key)
        if document is None:
            document = self._keys[key] = self._new(key, None)
        self._absent.discard(key)
        return document

    def _rename(self, previous_key: str, key: str, instant: Instant | None, *, exchanged: bool) -> Handle:
        if exchanged and previous_key in self._before:
            document = self._before.pop(previous_key)
        else:
            document = self._taken_over(previous_key, instant)
            if document is None:
                document = self._at(previous_key)
                self._keys[previous_key] = None
                self._absent.discard(previous_key)
        there = self._at(key)
        self._before[key] = there
        if document is None:
            if exchanged:
                self._keys[key] = None  # what is there now is renamed away from it, or was
            return self._observe(key)
        if there is not None and there != document and key not in self._absent:
            self._put_out[key] = (there, instant)
        self._keys[key] = document
        self._absent.discard(key)
        return document

    def _at(self, key: str) -> Handle | None:
        if key not in self._keys:
            self._keys[key] = self._lookup(None, key)
        return self._keys[key]

    def _taken_over(self, key: str, instant: Instant | None) -> Handle | None:
        """The document that an event of this same instant put out of `key`, once."""
        put_out = self._put_out.get(key)
        if put_out is None or put_out[1] != instant:
            return None
        del self._put_out[key]
        return put_out[0]

    def _new(self, key: str, lineage: str | None) -> NewDocument:
        self._drawn += 1
        return NewDocument(self._drawn, key, lineage)
