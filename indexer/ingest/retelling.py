"""A history that is told again from its beginning, held against what is recorded of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from indexer.model import VersionKind
from indexer.plan.history import DocumentEvent, Handle, match
from indexer.ports import Absent, Described, Formerly, Retold, Revision, Unwanted, Withdrawn
from indexer.ports.batch import Points
from indexer.ports.recorded import LineVersion, RecordedState

OMITTED: Final = "omitted:"
"""How the origins of tombstones begin that no source told: a listing left the document out."""


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
            isinstance(event, Formerly | Described)
            or (
                not isinstance(event, Withdrawn | Unwanted)
                and (event.origin, isinstance(event, Absent)) in standing
            )
            for event in events
        )

    @property
    def anew(self) -> bool:
        """Whether anything is recorded of the source, be it of an import that was interrupted."""
        return bool(self._origins)

    def beginning(self) -> Points:
        """What is not on the line any more; before anything of the new one, so that nobody takes one for the other."""
        return Points(cut_after=self._shared, offshoots_anew=True)

    @property
    def last(self) -> int | None:
        """The place of the last revision."""
        return max((revision.sequence for revision in self.landed), default=None)

    @cached_property
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
                    if not isinstance(event, Withdrawn | Unwanted | Formerly | Described) and event.origin
                }
        standing = self._state.after(self._source_no, self._shared)
        if self.event.exact:
            standing = {no: self._state.line(no) for no in again} | {
                no: versions for no, versions in standing.items() if no not in again
            }
        taken_back: dict[int, set[str]] = {}
        for document_no, versions in standing.items():
            origins = {v.origin for v in versions if v.number is not None} - again.get(document_no, set())
            if origins:
                taken_back[document_no] = origins
        for origin, document_no in self._origins.items():
            if document_no in again and origin.startswith(OMITTED):
                taken_back.setdefault(document_no, set()).add(origin)
        return {no: [Withdrawn("", tuple(sorted(origins)))] for no, origins in taken_back.items()}
