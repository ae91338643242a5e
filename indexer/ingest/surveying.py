"""The surveys that a listing tells, one after another: what each says of a document, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from indexer.plan.history import DocumentEvent, Handle
from indexer.plan.surveys import Settled, foresee, gone, settle
from indexer.ports import Absent, Survey
from indexer.ports.recorded import LineVersion, RecordedState


class Surveying:
    """Where a listing is in its surveys. One object serves one run of one source."""

    def __init__(self, state: RecordedState, source_no: int, *, forecast: bool) -> None:
        """`forecast`: nothing is committed, so that what an earlier survey brings has to be kept in mind."""
        self._state = state
        self._source_no = source_no
        self._forecast = forecast
        self._survey: Survey | None = None
        self._shown: set[Handle] = set()
        self._early: list[Absent] = []
        self._foreseen: dict[Handle, list[LineVersion]] = {}

    def begin(self, survey: Survey) -> None:
        """What is told from here on was seen by this look."""
        self._survey, self._shown, self._early = survey, set(), []

    def end(self) -> None:
        """What is told from here on was seen by none."""
        self._survey = None

    def before(self, event: DocumentEvent) -> None:
        """Keep what is told of a document before its first state: only that earlier ones were deleted."""
        if self._survey is not None and isinstance(event, Absent) and event.sequence is not None:
            self._early.append(event)

    def told(self, handle: Handle, event: DocumentEvent) -> list[DocumentEvent]:
        """What is told of a document with `event`: that, and what was kept of it."""
        self._shown.add(handle)
        early: list[DocumentEvent] = [one for one in self._early if one.lineage == event.lineage]
        self._early = []
        return [*early, event]

    def line(self, handle: Handle, document_no: int | None) -> list[LineVersion]:
        """The document's versions so far."""
        if handle in self._foreseen:
            return self._foreseen[handle]
        return [] if document_no is None else self._state.line(document_no)

    def settle(self, handle: Handle, line: list[LineVersion], events: Sequence[DocumentEvent]) -> Settled:
        """What is to be folded of these events; all of them, outside of surveys."""
        if self._survey is None:
            return Settled([*events], late=False)
        settled = settle(self._survey, line, events)
        self._keep_in_mind(handle, line, settled.events)
        return settled if self._survey.complete else replace(settled, late=True)

    def missed(self, numbers: Mapping[Handle, int]) -> dict[int, Absent]:
        """The documents that the present survey proves to be gone, with those that hang on them.

        `numbers`: the recorded numbers of new documents.
        """
        survey = self._survey
        assert survey is not None
        if not survey.complete or survey.superseded is not None:
            return {}
        live = self._state.live_documents(self._source_no, lineage=survey.scope)
        shown = {one if isinstance(one, int) else numbers.get(one) for one in self._shown}
        missed: dict[int, Absent] = {}
        lacking = live.keys() - shown
        for document_no in sorted(lacking | self._hanging_on({live[no] for no in lacking})):
            line = self.line(document_no, document_no)
            absent = gone(survey, line)
            if absent is not None:
                missed[document_no] = absent
                self._keep_in_mind(document_no, line, [absent])
        return missed

    def _hanging_on(self, keys: Set[str]) -> set[int]:
        """The live documents below these keys, such as the comments on a page: they go with it."""
        if not keys:
            return set()
        everything = self._state.live_documents(self._source_no)
        return {no for no, key in everything.items() if not keys.isdisjoint(_above(key))}

    def _keep_in_mind(
        self, handle: Handle, line: Sequence[LineVersion], events: Sequence[DocumentEvent]
    ) -> None:
        if self._forecast:
            self._foreseen[handle] = foresee(line, events)


def _above(key: str) -> Iterator[str]:
    """The keys that this one lies below."""
    while "/" in key:
        key = key.rpartition("/")[0]
        yield key
