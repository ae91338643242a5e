"""Bringing a source up to date that keeps its own history: events, document by document, are folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from indexer.ingest.contents import Contents
from indexer.ingest.drafts import DocumentChange, VersionDraft, Withdrawal
from indexer.ingest.failures import Failures
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.lookahead import Lookahead
from indexer.ingest.preparing import Prepared, prepare
from indexer.ingest.session import RefusedError, Session
from indexer.model import Source, TimeBasis, VersionKind
from indexer.plan.history import DocumentEvent, Handle, Threads
from indexer.plan.snapshot import refusal
from indexer.ports import (
    Absent,
    Checkpoint,
    ListingEnd,
    Observed,
    Relabelled,
    Renamed,
    SourceTime,
    Unknown,
    Withdrawn,
)
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
                case Checkpoint(cursor):
                    self._commit_pending(cursor)
                case ListingEnd():
                    self._fold_pending()
                    self._finish(event, unknown, accept_deletions)
                case _:
                    self._gather(event)

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
        self._session.flush(self._failures)

    def _fold_pending(self) -> None:
        """Fold what was gathered; a document stands in one batch at most once."""
        pending, self._pending = self._pending, {}
        gathered = [self._gathered(handle, events) for handle, events in pending.items()]
        ahead: Lookahead[_Gathered, Sequence[Prepared]] = self._session.lookahead(self._prepare, _weight)
        for one, prepared in ahead.each(gathered):
            folded = self._session.fold(self._change(one, iter(prepared)))
            self._numbers[one.handle] = folded.document_no

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
            history_open=self._configured.history_open,
        )

    def _read_again(self, retry: frozenset[str] | None) -> None:
        """Try the reads again that failed and are due: their states will not be listed a second time."""
        due = set(self._failures.due(retry))
        again: dict[int, list[VersionDraft]] = {}
        for document_no, version in self._state.unread(self._source.no) if due else ():
            if _place(version.key, version.origin) in due:
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
        if end.complete:
            self._bury_omitted([u.scope for u in unknown], accept_deletions)
        self._failures.scopes(unknown)
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

    def _bury_omitted(self, hidden: Iterable[str], accept_deletions: bool) -> None:
        """A complete listing that leaves documents out says that they are gone."""
        scopes = list(hidden)
        met = {handle if isinstance(handle, int) else self._numbers.get(handle) for handle in self._met}
        live = self._state.live_documents(self._source.no)
        gone = {
            document_no: key
            for document_no, key in live.items()
            if document_no not in met and not any(_within(key, scope) for scope in scopes)
        }
        limits = self._index.limits
        reason = refusal(len(gone), len(live), limits.max_deletion_share, limits.min_deletions)
        if reason is not None and not accept_deletions:
            # What was observed stands, without the cursor: the listing that tells of the deletions comes again.
            self._session.flush(self._failures)
            raise RefusedError(reason)
        for document_no, key in gone.items():
            time = SourceTime(self._started, TimeBasis.OBSERVED)
            tombstone = VersionDraft(VersionKind.TOMBSTONE, f"omitted:{key}@{self._started}", key, time)
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
