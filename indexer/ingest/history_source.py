"""Bringing a source up to date that keeps its own history: events, document by document, are folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from indexer.errors import ReadError
from indexer.hashing import content_hash
from indexer.ingest.contents import Contents
from indexer.ingest.drafts import DocumentChange, VersionDraft, Withdrawal
from indexer.ingest.failures import Failures
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.lookahead import Lookahead
from indexer.ingest.preparing import Prepared, prepare
from indexer.ingest.retelling import OMITTED, Retelling
from indexer.ingest.session import RefusedError, Session
from indexer.model import Source, TimeBasis, VersionKind
from indexer.plan.history import DocumentEvent, Handle, NewDocument, Threads
from indexer.plan.snapshot import refusal
from indexer.ports import (
    Absent,
    Checkpoint,
    Landed,
    ListingEnd,
    Observed,
    Offshoot,
    Relabelled,
    Renamed,
    Retold,
    SourceTime,
    Tagged,
    Unknown,
    Withdrawn,
)
from indexer.ports.batch import Points
from indexer.ports.catalog import LineVersion


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What the source told of one document since the last commit."""

    handle: Handle
    document_no: int | None
    """None: it is new."""
    events: list[DocumentEvent]
    line: list[LineVersion]
    """Its versions so far."""
    unread: list[Observed]
    """The states whose texts are not recorded yet, in order."""


_MOST_STATES: Final = 400
"""States of one document that are folded at once."""
_UNTOLD_SIZE: Final = 64 * 1024
"""Bytes assumed of a state whose source does not say how large it is."""


def _weight(one: _Gathered) -> int:
    return sum(_UNTOLD_SIZE if event.size is None else event.size for event in one.unread)


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
        self._beside: dict[str, Handle] = {}
        """Key → the document that has it beside the line alone."""
        self._retold = False
        """Whether what was told again is folded."""
        self._points = Points()
        """For the next commit that has a cursor."""

    def run(self, *, accept_deletions: bool, retry: frozenset[str] | None) -> None:
        """Bring the source up to date, resuming at its cursor. `retry` names failures to try again now.

        Raises `SourceError` where it cannot be listed, `StoreError` where nothing can be written.
        """
        self._read_again(retry)
        unknown: list[Unknown] = []
        for event in self._configured.connector.changes(self._source.cursor):
            match event:
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
                case _:
                    self._gather(event)

    def _by_lineage(self, lineage: str | None, key: str) -> int | None:
        return None if lineage is None else self._state.holder(self._source.no, lineage, key)

    def _gather(self, event: DocumentEvent) -> None:
        handle = self._threads.handle(event)
        if handle is None:
            return
        if handle not in self._met:
            self._met.add(handle)
            self._session.listed(len(self._met))
        self._pending.setdefault(handle, []).append(event)

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
        if self._source.cursor is not None and not self._session.dry_run:
            self._session.batch.points = retelling.beginning()
            self._session.flush(self._failures)
        self._session.batch.source.history_open = retelling.event.history_open
        for document_no in sorted(withdrawn.keys() - set(self._numbers.values())):
            pending[document_no] = []
        parts: list[list[_Gathered]] = []
        states = 0
        for handle, events in pending.items():
            number = handle if isinstance(handle, int) else self._numbers.get(handle)
            taken_back = [] if number is None else withdrawn.get(number, [])
            one = self._gathered(handle, [*taken_back, *events])
            if not one.unread and not taken_back and retelling.known(one.line, events):
                continue
            states += len(events)
            for place, part in enumerate(self._parts(one)):
                if place == len(parts):
                    parts.append([])
                parts[place].append(part)
        self._session.to_index(len({one.handle for part in parts for one in part}), states)
        for round_, together in enumerate(parts):
            if round_:
                self._session.flush(self._failures)
            self._fold(together, flush=True)
        self._bury(gone, retelling.last)
        self._points.landed.extend(retelling.landed)

    def _parts(self, one: _Gathered) -> Iterator[_Gathered]:
        """`one` in pieces that fit into memory; whole in a forecast, in which nothing is committed between them."""
        if self._session.dry_run or len(one.events) <= _MOST_STATES:
            yield one
            return
        unread = {event.origin for event in one.unread}
        for start in range(0, len(one.events), _MOST_STATES):
            events = one.events[start : start + _MOST_STATES]
            due = [e for e in events if isinstance(e, Observed) and e.origin in unread]
            yield replace(one, events=events, unread=due)

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
                self._fold_offshoot(revision, offshoot)
        self._points = held_back

    def _fold_offshoot(self, revision: str, offshoot: Offshoot) -> None:
        """Record how a revision differs from the line, and commit the states that it alone has."""
        states = dict(offshoot.states)
        for event in offshoot.aside:
            handle: Handle | None = self._state.holder_at(self._source.no, event.key, offshoot.sequence)
            if handle is None:
                handle = self._beside.setdefault(
                    event.key, NewDocument(-1 - len(self._beside), event.key, None)
                )
            landed = self._landed(self._numbers.get(handle, handle), event, offshoot.sequence)
            if landed is None:
                self._pending.setdefault(handle, []).append(event)
            else:
                states[event.key] = landed
        self._session.batch.points.offshoots[revision] = (offshoot.sequence, states)
        self._fold_pending()
        self._session.flush(self._failures)

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

    def _fold_pending(self) -> None:
        """Fold what was gathered; a document stands in one batch at most once."""
        pending, self._pending = self._pending, {}
        self._fold([self._gathered(handle, events) for handle, events in pending.items()])

    def _fold(self, gathered: Sequence[_Gathered], *, flush: bool = False) -> None:
        """Fold these documents, and commit on the way where that is right without a cursor."""

        def commit() -> None:
            if flush and not self._session.dry_run:
                self._session.flush(self._failures)

        ahead: Lookahead[_Gathered, Sequence[Prepared]] = self._session.lookahead(
            self._prepare, _weight, held_up=commit
        )
        for one, prepared in ahead.each(gathered):
            document_no = self._numbers.get(one.handle, one.document_no)
            folded = self._session.fold(self._change(replace(one, document_no=document_no), iter(prepared)))
            self._numbers[one.handle] = folded.document_no
            if self._session.full:
                commit()

    def _gathered(self, handle: Handle, events: list[DocumentEvent]) -> _Gathered:
        document_no = handle if isinstance(handle, int) else self._numbers.get(handle)
        line = [] if document_no is None else self._state.line(document_no)
        with_text = {version.origin for version in line if version.manifest_no is not None}
        unread = [e for e in events if isinstance(e, Observed) and e.origin not in with_text]
        return _Gathered(handle, document_no, events, line, unread)

    def _prepare(self, one: _Gathered) -> list[Prepared]:
        """Read and render its first states, as many as may be held; the others have to wait for their turn."""
        prepared, room = [], self._index.limits.held_bytes // 4
        for event in one.unread:
            if room <= 0:
                break
            prepared.append(self._read(event))
            room -= len(prepared[-1].data)
        return prepared

    def _read(self, event: Observed) -> Prepared:
        return prepare(self._index, Contents(0), event)

    def _change(self, one: _Gathered, prepared: Iterator[Prepared]) -> DocumentChange:
        unread = {event.origin for event in one.unread}
        steps: list[VersionDraft | Withdrawal] = []
        relabelled: list[tuple[str, tuple[str, ...]]] = []
        for event in one.events:
            match event:
                case Observed():
                    read = (next(prepared, None) or self._read(event)) if event.origin in unread else None
                    steps.append(self._observed(event, read))
                case Renamed():
                    steps.append(_draft(VersionKind.CONTENT, event, carries=True))
                case Absent():
                    steps.append(_draft(VersionKind.TOMBSTONE, event))
                case Withdrawn(_, origins):
                    steps.append(Withdrawal(origins))
                    places = {v.origin: v.key for v in one.line}
                    places |= {step.origin: step.key for step in steps if isinstance(step, VersionDraft)}
                    for origin in places.keys() & set(origins):
                        self._failures.over(_place(places[origin], origin))
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
            history_open=self._configured.history_open
            or (self._retelling is not None and self._retelling.event.history_open),
        )

    def _read_again(self, retry: frozenset[str] | None) -> None:
        """Try the reads again that failed and are due: their states will not be listed a second time."""
        due = set(self._failures.due(retry))
        again: dict[int, list[VersionDraft]] = {}
        unread = self._state.unread(self._source.no) if due else []
        documents = {no for no, version in unread if _place(version.key, version.origin) in due}
        for document_no, version in unread:
            place = _place(version.key, version.origin)
            # Those that were renamed while they could not be read are not listed for themselves.
            if place in due or (document_no in documents and not self._failures.listed(place)):
                event = Observed(
                    version.key,
                    partial(self._configured.connector.read_state, version.key, version.origin),
                    origin=version.origin,
                )
                again.setdefault(document_no, []).append(self._observed(event, self._read(event)))
        for document_no, drafts in again.items():
            self._session.fold(DocumentChange(document_no, tuple(drafts)))
        self._session.flush(self._failures)

    def _observed(self, event: Observed, prepared: Prepared | None) -> VersionDraft:
        """The state as a draft; `prepared` is None where its text is recorded already."""
        assert event.origin is not None
        time = event.times[0] if event.times else SourceTime(self._started, TimeBasis.OBSERVED)
        place = _place(event.key, event.origin)
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
            if prepared.error is None:
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
            if document_no not in met and not any(_within(key, scope) for scope in hidden)
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


def _draft(kind: VersionKind, event: Renamed | Absent, *, carries: bool = False) -> VersionDraft:
    return VersionDraft(
        kind=kind,
        origin=event.origin,
        key=event.key,
        time=event.time,
        sequence=event.sequence,
        author=event.author,
        message=event.message,
        carries=carries,
    )


def _place(key: str, origin: str) -> str:
    """How a state that could not be indexed stands among the failures."""
    return f"{key}@{origin}"


def _within(key: str, scope: str) -> bool:
    return not scope or key == scope or key.startswith(scope + "/")
