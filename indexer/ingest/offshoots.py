"""States of revisions beside the line: which documents have them, and which of them landed on the line as well."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.errors import ReadError
from indexer.hashing import content_hash
from indexer.model import VersionKind
from indexer.plan.history import Handle, NewDocument
from indexer.ports import Observed, Offshoot
from indexer.ports.recorded import RecordedState


class Offshoots:
    """Finds places for the states of revisions beside the line, against what is committed."""

    def __init__(self, state: RecordedState, source_no: int) -> None:
        self._state = state
        self._source_no = source_no
        self._new: dict[str, Handle] = {}
        """Key → the document that has it beside the line alone."""

    def place(
        self, offshoot: Offshoot, numbers: Mapping[Handle, int]
    ) -> tuple[dict[str, str | None], list[tuple[Handle, Observed]]]:
        """(key → origin of the state there or None, the states that it alone has with their documents)."""
        states = dict(offshoot.states)
        alone: list[tuple[Handle, Observed]] = []
        for event in offshoot.aside:
            handle: Handle | None = self._state.holder_at(self._source_no, event.key, offshoot.sequence)
            if handle is None:
                handle = self._new.setdefault(event.key, NewDocument(-1 - len(self._new), event.key, None))
            landed = self._landed(numbers.get(handle, handle), event, offshoot.sequence)
            if landed is None:
                alone.append((handle, event))
            else:
                states[event.key] = landed
        return states, alone

    def _landed(self, document: Handle, event: Observed, sequence: int) -> str | None:
        """The origin of a state on the document's line with the same bytes: the next after `sequence`, else the last.

        What a release branch has and the line has not lands there soon after, as a rule.
        """
        if not isinstance(document, int):
            return None
        try:
            found = content_hash(event.read().data)
        except ReadError:
            return None
        line = [v for v in self._state.line(document) if v.number is not None and v.key == event.key]
        same = [v for v in line if v.content_hash == found and v.kind is VersionKind.CONTENT]
        later = next((v.origin for v in same if v.sequence > sequence), None)
        return later or (same[-1].origin if same else None)
