"""Bringing a source up to date that keeps its own history: events, document by document, are folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from indexer.ingest.drafts import DocumentChange, VersionDraft
from indexer.ingest.failures import Failures
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.listing import listening
from indexer.ingest.offshoots import Offshoots
from indexer.ingest.retelling import OMITTED, Retelling
from indexer.ingest.session import RefusedError, Session
from indexer.ingest.surveying import Surveying
from indexer.ingest.telling import Telling, Told, place_of, rounds
from indexer.ingest.withholding import Door
from indexer.masks import is_masked
from indexer.model import Source, TimeBasis, VersionKind
from indexer.plan.history import DocumentEvent, Handle, Threads
from indexer.plan.renderings import bare
from indexer.plan.snapshot import refusal
from indexer.ports import (
    Checkpoint,
    Event,
    Landed,
    ListingEnd,
    Observed,
    Offshoot,
    Remark,
    Retold,
    SourceTime,
    Survey,
    Surveyed,
    Tagged,
    Unknown,
    Working,
)
from indexer.ports.batch import Points

_FIRST_WAVE: Final = 16
"""Documents of a history that are folded first; twice as many in each further wave."""
REST: Final = 4.0
"""A history whose telling took t seconds is not told again before so many times t were spent on folding it."""
SHORTEST_FOLDING: Final = 30.0
"""Seconds; what is read and embedded ahead is lost when it is told again."""


class HistoryRun:
    """One pass over one history source."""

    def __init__(self, index: Index, configured: ConfiguredSource, source: Source, session: Session) -> None:
        self._index = index
        self._configured = configured
        self._source = source
        self._session = session
        self._started = index.clock.now()
        self._state = index.catalog.current()
        self._failures = Failures(index.clock, index.parser.versions, self._state.failures(source.no))
        self._threads = Threads(lambda lineage, key: self._state.holder(source.no, lineage, key))
        self._numbers: dict[Handle, int] = {}
        self._pending: dict[Handle, list[DocumentEvent]] = {}
        self._met: set[Handle] = set()
        self._retelling: Retelling | None = None
        self._offshoots = Offshoots(self._state, source.no)
        self._door = Door(self._state, source.no)
        self._telling = Telling(index, configured, session, self._failures, self._started)
        self._retold = False
        """Whether what was told again is folded."""
        self._points = Points()
        """For the next commit that has a cursor."""
        self._surveying = Surveying(self._state, source.no, forecast=session.dry_run)
        self._began = index.clock.monotonic()
        self._folding: float | None = None
        """Since when a history that was told from its beginning is folded. [monotonic seconds]"""
        self._foretold: set[Handle] = set()
        """In a forecast: what surveys change."""

    def run(self, *, accept_deletions: bool, retry: frozenset[str] | None) -> None:
        """Bring the source up to date, resuming at its cursor. `retry` names failures to try again now.

        Raises `SourceError` where it cannot be listed, `StoreError` where nothing can be written.
        """
        self._read_again(retry)
        with listening(self._configured.connector, self._source.cursor) as events:
            self._hear(events, accept_deletions=accept_deletions)

    @property
    def renewable(self) -> bool:
        """Whether this is a long import of which so much was done since it was told that telling it again costs little.

        What changed since then is told as well then, and comes first.
        """
        if self._folding is None:
            return False
        told_in, folded_for = self._folding - self._began, self._index.clock.monotonic() - self._folding
        return folded_for >= max(SHORTEST_FOLDING, REST * told_in)

    def _hear(self, events: Iterator[Event], *, accept_deletions: bool) -> None:
        unknown: list[Unknown] = []
        for event in events:
            self._session.going_on()
            match event:
                case Working():
                    pass
                case Unknown():
                    unknown.append(event)
                case Checkpoint():
                    self._session.told(event.done, event.total)
                    self._commit_pending(event.cursor)
                case ListingEnd():
                    self._settle(unknown, accept_deletions)
                    self._finish(event, unknown, accept_deletions)
                case Retold():
                    self._retelling = Retelling(event, self._state, self._source.no)
                    # What is at a key now says nothing of what was there when the history began.
                    self._threads = Threads(self._by_lineage)
                case Landed(revisions):
                    if self._retelling is not None:
                        self._retelling.landed.extend(revisions)
                    else:
                        self._points.landed.extend(revisions)
                case Tagged():
                    self._settle(unknown, accept_deletions)
                    self._fold_tags(event)
                case Survey():
                    self._surveying.begin(event)
                case Surveyed():
                    self._end_survey(accept_deletions)
                case Remark(detail):
                    self._session.report.remarks.append(detail)
                case _:
                    self._gather(self._door.event(event))

    def _by_lineage(self, lineage: str | None, key: str) -> int | None:
        return None if lineage is None else self._state.holder(self._source.no, lineage, key)

    def _gather(self, event: DocumentEvent) -> None:
        handle = self._threads.handle(event)
        if handle is None:
            self._surveying.before(event)
            return
        if handle not in self._met:
            self._met.add(handle)
            self._session.listed(len(self._met))
        self._pending.setdefault(handle, []).extend(self._surveying.told(handle, event))

    def _commit_pending(self, cursor: str) -> None:
        """Fold what was gathered and commit it with the cursor behind it.

        Never without: events that are listed a second time may be about keys that have other
        holders by then. A forecast waits for the end, as each document is folded once in it.
        """
        if self._session.dry_run:
            return
        self._fold_pending()
        self._session.batch.source.cursor = cursor
        self._flush_points()
        self._session.flush(self._failures)

    def _flush_points(self) -> None:
        self._session.batch.points, self._points = self._points, Points()

    def _settle(self, unknown: Sequence[Unknown], accept_deletions: bool) -> None:
        """Fold everything that was told of documents."""
        if self._retelling is not None and not self._retold:
            self._retold = True
            self._fold_retold(self._retelling, [u.scope for u in unknown], accept_deletions)
        self._fold_pending()

    def _fold_retold(self, retelling: Retelling, hidden: Sequence[str], accept_deletions: bool) -> None:
        """Fold a history that was told from its beginning, document by document.

        A document is folded whole, so that what it holds no more is born closed; very long ones in
        parts. It is committed as it comes, and after an interruption found again by its states.
        """
        pending, self._pending = self._pending, {}
        self._numbers |= retelling.match(pending)
        withdrawn = retelling.withdrawn(pending, self._numbers)
        # What a rewritten branch took back was said outright; what nothing is told of may be a mistake.
        gone = {no: key for no, key in self._omitted(hidden).items() if no not in withdrawn}
        self._refuse(len(gone), accept_deletions)
        if retelling.anew and not self._session.dry_run:
            self._session.batch.points = retelling.beginning()
            self._session.flush(self._failures)
        self._session.batch.source.history_open = retelling.event.history_open
        for document_no in sorted(withdrawn.keys() - set(self._numbers.values())):
            pending[document_no] = []
        told: list[Told] = []
        states = 0
        for handle, events in pending.items():
            number = handle if isinstance(handle, int) else self._numbers.get(handle)
            taken_back = [] if number is None else withdrawn.get(number, [])
            one = self._told(handle, [*taken_back, *events])
            if not one.unread and not taken_back and retelling.known(one.line, events):
                continue
            self._session.going_on()
            states += len(events)
            told.append(one)
        self._session.to_index(len(told), states)
        self._fold_in_waves(told)
        self._bury(gone, retelling.last)
        self._points.landed.extend(retelling.landed)

    def _fold_in_waves(self, told: list[Told]) -> None:
        """Fold these whole histories, those first that changed last: whoever asks wants these as a rule."""
        if self._session.dry_run:
            self._fold(told, flush=True)  # nothing is committed between two parts
            return
        self._folding = self._index.clock.monotonic()
        told.sort(key=lambda one: one.latest, reverse=True)
        size, most = _FIRST_WAVE, self._index.limits.batch_documents
        while told:
            wave, told = told[:size], told[size:]
            for together in rounds(wave):
                self._fold(together, flush=True)
                self._session.flush(self._failures)
            size = min(2 * size, most)
        self._folding = None

    def _fold_tags(self, tagged: Tagged) -> None:
        """Look at the tagged revisions beside the line that are not known yet; the tags come with the cursor."""
        self._points.tags = tagged.tags
        if self._session.dry_run:
            return
        # States beside the line join documents that are committed, and those told again are safe without a cursor.
        self._session.flush(self._failures)
        revisions = set(tagged.tags.values())
        known = self._state.on_line(self._source.no, revisions).keys() | self._state.offshoots(
            self._source.no
        )
        known |= {revision.id for revision in self._points.landed}
        held_back, self._points = self._points, Points()
        for revision in sorted(revisions - known):
            offshoot = tagged.look(revision)
            if offshoot is not None:
                self._fold_offshoot(revision, self._door.offshoot(offshoot))
        self._points = held_back

    def _fold_offshoot(self, revision: str, offshoot: Offshoot) -> None:
        """Record how a revision differs from the line, and commit the states that it alone has."""
        states, alone = self._offshoots.place(offshoot, self._numbers)
        for handle, event in alone:
            self._pending.setdefault(handle, []).append(event)
        self._session.batch.points.offshoots[revision] = (offshoot.sequence, states)
        self._fold_pending()
        self._session.flush(self._failures)

    def _fold_pending(self) -> None:
        """Fold what was gathered; a document stands in one batch at most once."""
        pending, self._pending = self._pending, {}
        self._fold([self._told(handle, events) for handle, events in pending.items()])

    def _fold(self, gathered: Sequence[Told], *, flush: bool = False) -> None:
        """Fold these documents, and commit on the way where that is right without a cursor."""
        for group in self._session.groups(
            gathered, self._telling.prepare, lambda one: one.weight, whole=not flush
        ):
            for one, prepared in group:
                self._session.going_on()
                document_no = self._numbers.get(one.handle, one.document_no)
                change = self._telling.change(
                    replace(one, document_no=document_no),
                    prepared,
                    history_open=self._configured.history_open
                    or (self._retelling is not None and self._retelling.event.history_open),
                )
                folded = self._session.fold(change)
                if not self._session.dry_run:
                    self._numbers[one.handle] = folded.document_no
                elif folded.changed:
                    self._foretold.add(one.handle)
                if flush and not self._session.dry_run:
                    self._session.flush_if_full(self._failures)
            if flush and not self._session.dry_run:
                self._session.flush(self._failures)

    def _end_survey(self, accept_deletions: bool) -> None:
        """Fold what the survey told last, and bury what it proves to be gone."""
        self._fold_pending()
        missed = self._surveying.missed(self._numbers)
        if not accept_deletions:
            self._refuse_among(len(missed), len(self._state.live_documents(self._source.no)))
        for document_no, absent in missed.items():
            self._session.fold(DocumentChange(document_no, (self._telling.absent(absent),)))
        self._surveying.end()
        if (forecast := self._session.report.forecast) is not None:
            # What was told can be read no more once the listing goes on; the next survey may tell of the same documents.
            self._foretold |= missed.keys()
            self._session.flush(self._failures)
            forecast.documents = len(self._foretold)

    def _refuse_among(self, gone: int, live: int) -> None:
        """Raise `RefusedError` where so many of the live documents may not go without being asked about."""
        limits = self._index.limits
        reason = refusal(gone, live, limits.max_deletion_share, limits.min_deletions)
        if reason is not None:
            # What was observed stands, without the cursor: the listing that tells of the deletions comes again.
            self._session.flush(self._failures)
            raise RefusedError(reason)

    def _told(self, handle: Handle, events: list[DocumentEvent]) -> Told:
        document_no = handle if isinstance(handle, int) else self._numbers.get(handle)
        line = self._surveying.line(handle, document_no)
        settled = self._surveying.settle(handle, line, events)
        with_text = {v.origin for v in line if v.manifest_no is not None or v.purge_no is not None}
        unread = [e for e in settled.events if isinstance(e, Observed) and e.origin not in with_text]
        return Told(handle, document_no, settled.events, line, unread, settled.late)

    def _read_again(self, retry: frozenset[str] | None) -> None:
        """Try the reads again that failed and are due: their states will not be listed a second time."""
        due = set(self._failures.due(retry))
        again: dict[int, list[VersionDraft]] = {}
        for document_no, version in self._state.unread(self._source.no) if due else ():
            if place_of(version.key, version.origin) in due:
                event = Observed(
                    version.key,
                    partial(self._configured.connector.read_state, version.key, bare(version.origin)),
                    origin=version.origin,
                )
                again.setdefault(document_no, []).append(
                    self._telling.observed(
                        event, self._session.attentively(partial(self._telling.read, event))
                    )
                )
        for document_no, drafts in again.items():
            self._session.fold(DocumentChange(document_no, tuple(drafts)))
        self._session.flush(self._failures)

    def _finish(self, end: ListingEnd, unknown: list[Unknown], accept_deletions: bool) -> None:
        if end.complete and self._retelling is None:
            self._bury_omitted([u.scope for u in unknown], accept_deletions)
        self._failures.scopes(unknown)
        self._flush_points()
        batch = self._session.batch
        cursor = end.cursor
        if cursor is not None and not unknown:
            cursor = self._configured.connector.accept(cursor)
        batch.source.cursor = cursor
        batch.source.last_scan = self._started
        batch.source.state = "incomplete" if unknown else "ok"
        batch.source.detail = unknown[0].detail if unknown else ""
        self._session.problems.extend(u.detail for u in unknown)
        self._session.flush(self._failures)

    def _omitted(self, hidden: Sequence[str]) -> dict[int, str]:
        """The live documents of which a complete listing told nothing, with their keys."""
        met = {handle if isinstance(handle, int) else self._numbers.get(handle) for handle in self._met}
        met |= set(self._numbers.values())
        return {
            document_no: key
            for document_no, key in self._state.live_documents(self._source.no).items()
            if document_no not in met
            and not (hidden and is_masked(key))
            # What was purged may lie anywhere.
            and not any(_within(key, scope) for scope in hidden)
        }

    def _refuse(self, gone: int, accept_deletions: bool) -> None:
        """Raise `RefusedError` where so many documents may not go without being asked about."""
        limits = self._index.limits
        live = len(self._state.live_documents(self._source.no))
        reason = refusal(gone, live, limits.max_deletion_share, limits.min_deletions)
        if reason is not None and not accept_deletions:
            raise RefusedError(reason)

    def _bury_omitted(self, hidden: Sequence[str], accept_deletions: bool) -> None:
        """A complete listing that leaves documents out says that they are gone."""
        gone = self._omitted(hidden)
        try:
            self._refuse(len(gone), accept_deletions)
        except RefusedError:
            # What was observed stands, without the cursor: the listing that tells of the deletions comes again.
            self._session.flush(self._failures)
            raise
        self._bury(gone, None)

    def _bury(self, gone: Mapping[int, str], sequence: int | None) -> None:
        for document_no, key in gone.items():
            time = SourceTime(self._started, TimeBasis.OBSERVED)
            tombstone = VersionDraft(
                VersionKind.TOMBSTONE, f"{OMITTED}{key}@{self._started}", key, time, sequence=sequence
            )
            self._session.fold(DocumentChange(document_no, (tombstone,)))


def _within(key: str, scope: str) -> bool:
    return not scope or key == scope or key.startswith(scope + "/")
