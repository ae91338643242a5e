"""A history that is told again from its beginning, held against what is recorded of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indexer.model import VersionKind
from indexer.plan.history import DocumentEvent, Handle, match
from indexer.ports import Formerly, Retold, Revision, Withdrawn
from indexer.ports.batch import Points
from indexer.ports.catalog import LineVersion, RecordedState


class Retelling:
    """One such listing: which documents its threads are, and what of them was taken back."""

    def __init__(self, event: Retold, state: RecordedState, source_no: int) -> None:
        self.event = event
        self.landed: list[Revision] = []
        """The whole line, as it was told."""
        self._state = state
        self._source_no = source_no
        self._origins = state.origins(source_no)

    def match(self, told: Mapping[Handle, Sequence[DocumentEvent]]) -> dict[Handle, int]:
        """Thread → document, of those that are recorded."""
        return match(told, self._origins, lambda key: self._state.holder(self._source_no, None, key))

    def known(self, line: Iterable[LineVersion], events: Iterable[DocumentEvent]) -> bool:
        """Whether every one of these states stands on `line`."""
        standing = {(v.origin, v.kind is VersionKind.TOMBSTONE) for v in line if v.number is not None}
        return all(
            isinstance(event, Formerly)
            or (
                not isinstance(event, Withdrawn)
                and (event.origin, type(event).__name__ == "Absent") in standing
            )
            for event in events
        )

    def points(self) -> Points:
        """The line from now on: what is the same stays."""
        return Points(cut_after=self._shared(), landed=list(self.landed))

    def _shared(self) -> int:
        """The last place up to which the recorded line is the one that was told."""
        recorded = self._state.on_line(self._source_no, [revision.id for revision in self.landed])
        shared = min((revision.sequence for revision in self.landed), default=0) - 1
        for revision in self.landed:
            if recorded.get(revision.id) == revision.sequence:
                shared = revision.sequence
        return shared

    def withdrawn(
        self, told: Mapping[Handle, Sequence[DocumentEvent]], numbers: Mapping[Handle, int]
    ) -> dict[int, list[DocumentEvent]]:
        """Document → what says that states of it were taken back, for all recorded documents."""
        again: dict[int, set[str]] = {}
        for handle, events in told.items():
            if handle in numbers:
                again[numbers[handle]] = {
                    event.origin
                    for event in events
                    if not isinstance(event, Withdrawn | Formerly) and event.origin
                }
        standing = self._state.after(self._source_no, self._shared())
        if self.event.exact:
            standing = {no: self._state.line(no) for no in again} | {
                no: versions for no, versions in standing.items() if no not in again
            }
        gone: dict[int, list[DocumentEvent]] = {}
        for document_no, versions in standing.items():
            origins = tuple(
                version.origin
                for version in versions
                if version.number is not None and version.origin not in again.get(document_no, ())
            )
            if origins:
                gone[document_no] = [Withdrawn(versions[-1].key, origins)]
        return gone
