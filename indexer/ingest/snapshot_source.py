"""Bringing a source up to date that knows only the present: list, compare, decide, fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from indexer.errors import ReadError
from indexer.ingest.contents import ContentFacts, Contents
from indexer.ingest.doubts import concerns, without_foreign
from indexer.ingest.drafts import DocumentChange, VersionDraft
from indexer.ingest.failures import Failures
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.likeness import Likeness
from indexer.ingest.lookahead import Lookahead
from indexer.ingest.preparing import Prepared, prepare
from indexer.ingest.session import RefusedError, Session
from indexer.model import Instant, Source, TimeBasis, VersionKind
from indexer.plan.decisions import Comparison, Moved, Seen, Unreadable
from indexer.plan.snapshot import (
    Buried,
    Created,
    Decision,
    Edited,
    Resumed,
    Touched,
    compare,
    decide,
    refusal,
)
from indexer.ports import ListingEnd, Observed, SourceTime, Unknown
from indexer.ports.batch import SeenRow
from indexer.ports.catalog import Recorded
from indexer.timing import snapshot_time

_UNTOLD = ("vanished", "changing")
"""Reasons after which the next scan tells what became of a document: nothing is recorded of it now."""


@dataclass(slots=True)
class _Listing:
    """What the connector showed."""

    seen: dict[str, Observed] = field(default_factory=dict)
    unknown: list[Unknown] = field(default_factory=list)
    end: ListingEnd | None = None


class SnapshotRun:
    """One pass over one snapshot source."""

    def __init__(self, index: Index, configured: ConfiguredSource, source: Source, session: Session) -> None:
        self._index = index
        self._configured = configured
        self._source = source
        self._session = session
        self._started = index.clock.now()
        self._contents = Contents(index.limits.held_bytes)
        self._verified: dict[str, Instant] = {}
        self._recorded: dict[str, Recorded] = {}
        self._rewritten: set[str] = set()
        self._left: set[str] = set()
        """Keys that a document left in this run."""
        """Keys whose scan state this run wrote, in whichever commit."""
        self._failures = Failures(index.clock, index.parser.versions, {})

    def run(self, *, accept_deletions: bool, retry: frozenset[str] | None) -> None:
        """Bring the source up to date. `retry` names keys to read whatever their etags say.

        Raises `SourceError` where it cannot be listed, `StoreError` where nothing can be written.
        """
        listing = self._list()
        assert listing.end is not None
        with self._index.catalog.recorded() as state:
            self._recorded = state.seen(self._source.no)
            self._verified = state.verified(self._source.no)
            self._failures = Failures(
                self._index.clock, self._index.parser.versions, state.failures(self._source.no)
            )
            buried = state.buried(self._source.no)
        self._session.listed(len(listing.seen))
        unknown = listing.unknown
        if accept_deletions:
            unknown = [scope for scope in unknown if scope.reason != "other-device"]
        comparison = compare(
            self._recorded,
            (Seen(o.key, o.etag, o.file_id, o.size) for o in listing.seen.values()),
            [scope.scope for scope in unknown],
            complete=listing.end.complete,
        )
        comparison = self._with_retries(without_foreign(comparison, unknown), listing, retry)
        decisions = self._decide(comparison, listing, buried)
        if not accept_deletions:
            self._refuse_mass_deletion(decisions)
        self._apply(decisions, listing)
        self._finish(listing, unknown, comparison)

    # --- list and decide ---------------------------------------------------------------------

    def _list(self) -> _Listing:
        listing = _Listing()
        for event in self._configured.connector.changes(self._source.cursor):
            if isinstance(event, Observed):
                listing.seen[event.key] = event
            elif isinstance(event, Unknown):
                listing.unknown.append(event)
            elif isinstance(event, ListingEnd):
                listing.end = event
        return listing

    def _with_retries(
        self, comparison: Comparison, listing: _Listing, retry: frozenset[str] | None
    ) -> Comparison:
        """Add the documents that failed before and are due again, though their etags are the same."""
        present = {seen.key for seen in comparison.to_read}
        due = self._failures.due(retry)
        extra = [
            Seen(o.key, o.etag, o.file_id, o.size)
            for key in due
            if key not in present and (o := listing.seen.get(key)) is not None
        ]
        if not extra:
            return comparison
        return Comparison(
            comparison.unchanged - len(extra),
            tuple(sorted((*comparison.to_read, *extra), key=lambda seen: seen.key)),
            comparison.missing,
            comparison.unverifiable,
        )

    def _decide(
        self, comparison: Comparison, listing: _Listing, buried: Mapping[str, int]
    ) -> tuple[Decision, ...]:
        self._session.to_index(len(comparison.to_read))
        hashes: dict[str, str | None] = {}
        # Contents decide about renames; where no document left its key there can be none, and
        # nothing is read before it is indexed.
        vacating = comparison.missing or any(seen.key in self._recorded for seen in comparison.to_read)
        for seen in comparison.to_read:
            if not vacating:
                hashes[seen.key] = f"not hashed: {seen.key}"
                continue
            try:
                hashes[seen.key] = self._contents.look(listing.seen[seen.key]).hash
            except ReadError as error:
                if error.reason not in _UNTOLD:
                    hashes[seen.key] = None
                if error.reason != "vanished":
                    self._failures.document(seen.key, error)
        likeness = Likeness(self._index, self._contents, listing.seen)
        return decide(self._recorded, comparison, hashes, likeness.similarity, buried)

    def _refuse_mass_deletion(self, decisions: Iterable[Decision]) -> None:
        limits = self._index.limits
        gone = sum(isinstance(decision, Buried) for decision in decisions)
        reason = refusal(gone, len(self._recorded), limits.max_deletion_share, limits.min_deletions)
        if reason is not None:
            raise RefusedError(reason)

    # --- apply -------------------------------------------------------------------------------

    def _apply(self, decisions: tuple[Decision, ...], listing: _Listing) -> None:
        """Commit what moved or went away in one piece, then everything else in bounded batches.

        Keys change hands when documents move: a state between two moves would leave a document
        without its key, so that a crash there would lose it from sight.
        """
        together = Moved | Buried | Touched | Unreadable
        left = [self._one(d, listing) for d in decisions if isinstance(d, together)]
        held = {row.key for row in self._session.batch.seen}
        self._left = {key for key in left if key is not None}
        self._session.batch.unseen.extend(sorted(self._left - held))
        self._session.flush(self._failures)
        rest = [decision for decision in decisions if not isinstance(decision, together)]
        ahead: Lookahead[Decision, Sequence[Prepared]] = self._session.lookahead(
            lambda decision: [prepare(self._index, self._contents, listing.seen[decision.key])],
            lambda decision: listing.seen[decision.key].size or 0,
        )
        for decision, (prepared,) in ahead.in_order(rest):
            self._one(decision, listing, prepared)
            self._session.flush_if_full(self._failures)

    def _one(self, decision: Decision, listing: _Listing, prepared: Prepared | None = None) -> str | None:
        """Carry out one decision; the key that its document left by it."""
        key = decision.key
        left: str | None = None
        match decision:
            case Buried(document_no, key):
                self._session.fold(DocumentChange(document_no, (self._tombstone(document_no, key),)))
                left = key
            case Moved(document_no, previous_key, key, edited):
                observed = listing.seen[key]
                if edited or self._lacks_text(document_no, previous_key):
                    self._take_in(document_no, observed, moved=True)
                else:
                    self._moved(document_no, observed)
                left = previous_key
            case Touched(document_no, key):
                self._touched(document_no, listing.seen[key])
            case Edited(document_no, key) | Resumed(document_no, key):
                self._take_in(document_no, listing.seen[key], prepared)
            case Created(key):
                self._take_in(None, listing.seen[key], prepared)
            case Unreadable(document_no, key, _, left):
                self._unread(document_no, listing.seen[key])
        self._contents.release(key)
        return left

    def _tombstone(self, document_no: int, key: str) -> VersionDraft:
        time = SourceTime(self._started, TimeBasis.OBSERVED)
        instant = self._assigned(document_no, time.instant)
        return VersionDraft(VersionKind.TOMBSTONE, f"gone:{key}@{instant}", key, time)

    def _moved(self, document_no: int, observed: Observed) -> None:
        """The same content at another key: a version without any new text."""
        time = SourceTime(self._started, TimeBasis.OBSERVED)
        found = self._contents.look(observed)
        origin = _origin(found.hash, observed.key, self._assigned(document_no, time.instant))
        draft = VersionDraft(
            VersionKind.CONTENT,
            origin,
            observed.key,
            time,
            content_hash=found.hash,
            size=found.size,
            carries=True,
        )
        self._session.fold(DocumentChange(document_no, (draft,)))
        self._saw(document_no, observed, found)
        self._failures.over(observed.key)

    def _touched(self, document_no: int, observed: Observed) -> None:
        """Other times, the same content: no version, unless a failure of it can be mended now."""
        found = self._contents.look(observed)
        if self._lacks_text(document_no, observed.key):
            self._take_in(document_no, observed)
        else:
            self._saw(document_no, observed, found)
            self._failures.over(observed.key)

    def _lacks_text(self, document_no: int, key: str) -> bool:
        """Whether the document failed before in such a way that its last state has no text yet."""
        if not self._failures.listed(key):
            return False
        last = self._index.catalog.current().last(document_no)
        return last is None or last.manifest_no is None

    def _take_in(
        self,
        document_no: int | None,
        observed: Observed,
        prepared: Prepared | None = None,
        *,
        moved: bool = False,
    ) -> None:
        """Fold a new state of a document. One that `moved` is at its new key, come what may."""
        prepared = prepared or prepare(self._index, self._contents, observed)
        found = prepared.found
        if found is None:
            assert isinstance(prepared.error, ReadError)
            if prepared.error.reason != "vanished":
                self._failures.document(observed.key, prepared.error)
            if moved or prepared.error.reason not in _UNTOLD:
                self._unread(document_no, observed)
            return
        if self._configured.keep_originals and found.size <= self._index.limits.max_original_size:
            self._session.keep_original(prepared.data, found.hash)
        origin, time = self._state_of(document_no, observed, found)
        draft = VersionDraft(
            VersionKind.UNREADABLE if prepared.rendered is None else VersionKind.CONTENT,
            origin, observed.key, time, content_hash=found.hash, size=found.size,
            author=observed.author, message=observed.message, title=observed.title, labels=observed.labels,
            metadata=observed.metadata, rendered=prepared.rendered,
        )  # fmt: skip
        if prepared.error is None:
            self._failures.over(observed.key)
        else:
            self._failures.document(observed.key, prepared.error)
        folded = self._session.fold(
            DocumentChange(document_no, (draft,), history_open=self._configured.history_open)
        )
        self._saw(folded.document_no, observed, found)

    def _state_of(
        self, document_no: int | None, observed: Observed, found: ContentFacts
    ) -> tuple[str, SourceTime]:
        """The origin and time of a state: those of the last version, where it is that one, read at last."""
        with self._index.catalog.recorded() as state:
            last = None if document_no is None else state.last(document_no)
            if (
                last is not None
                and last.kind is VersionKind.UNREADABLE
                and last.manifest_no is None
                and last.key == observed.key
                and (last.content_hash == found.hash or _is_unread(last.origin, observed))
            ):
                return last.origin, SourceTime(last.source_time, TimeBasis.OBSERVED)
        verified = self._verified.get(observed.key, self._source.last_scan)
        time = snapshot_time(found.times, verified, self._index.clock.now())
        return _origin(found.hash, observed.key, self._assigned(document_no, time.instant)), time

    def _assigned(self, document_no: int | None, instant: Instant) -> Instant:
        """The instant that names a state: the one that it will be placed at, after all of its document.

        The clock's own would not do: after it was set back, an earlier state of the document can have
        the same one, and the new state would be taken for that.
        """
        if document_no is None:
            return instant
        placed = self._index.catalog.current().placements(document_no, only_open=True)
        return max(instant, placed[-1].valid_from + 1) if placed else instant

    def _unread(self, document_no: int | None, observed: Observed) -> None:
        """The bytes cannot be read: it exists, its text is unknown. No version if nothing else changed."""
        known = self._recorded.get(observed.key)
        if known is not None and known.document_no == document_no and known.etag == observed.etag:
            return
        verified = self._verified.get(observed.key, self._source.last_scan)
        time = snapshot_time(observed.times, verified, self._index.clock.now())
        origin = _unread_origin(observed)
        if document_no is not None:
            line = self._index.catalog.current().line(document_no)
            if any(v.origin == origin for v in line) and not _is_unread(line[-1].origin, observed):
                # A backup brought the size and the times of an earlier state back: it is another one.
                origin = f"{origin}#{self._assigned(document_no, time.instant)}"
        draft = VersionDraft(VersionKind.UNREADABLE, origin, observed.key, time, size=observed.size)
        folded = self._session.fold(DocumentChange(document_no, (draft,)))
        self._saw(folded.document_no, observed, None)

    def _saw(self, document_no: int, observed: Observed, found: ContentFacts | None) -> None:
        self._rewritten.add(observed.key)
        self._session.batch.seen.append(
            SeenRow(
                key=observed.key,
                document_no=document_no,
                etag=(observed.etag or "") if found is None else found.etag,
                file_id=observed.file_id,
                content_hash=None if found is None else found.hash,
                size=observed.size,
                settled=found is None or found.settled,
            )
        )

    # --- finish ------------------------------------------------------------------------------

    def _finish(self, listing: _Listing, unknown: list[Unknown], comparison: Comparison) -> None:
        """Record how far the scan came; doubts that concern nothing recorded are settled."""
        batch, end = self._session.batch, listing.end
        assert end is not None
        doubts = [u for u in unknown if u.reason != "other-device" or concerns(u, comparison.unverifiable)]
        cursor = end.cursor
        if cursor is not None and not any(u.reason == "other-device" for u in doubts):
            cursor = self._configured.connector.accept(cursor)
        self._failures.scopes(doubts)
        self._failures.forget_missing(listing.seen, (u.scope for u in doubts))
        before = self._source.last_scan
        for known in comparison.unverifiable:
            if before is not None and known.key not in self._verified:
                batch.seen.append(_as_seen(known, before))
        for key in self._verified:
            known_now = self._recorded.get(key)
            unmoved = key not in self._rewritten and key not in self._left
            if key in listing.seen and known_now is not None and unmoved:
                batch.seen.append(_as_seen(known_now, None))
        batch.source.cursor = cursor
        batch.source.last_scan = self._started if end.complete else None
        batch.source.state = "incomplete" if doubts else "ok"
        batch.source.detail = doubts[0].detail if doubts else ""
        self._session.problems.extend(u.detail for u in doubts)
        self._session.flush(self._failures)


def _as_seen(known: Recorded, verified: Instant | None) -> SeenRow:
    return SeenRow(
        known.key, known.document_no, known.etag or "", known.file_id, known.content_hash, known.size,
        known.settled, verified,
    )  # fmt: skip


def _origin(content_hash: str, key: str, instant: Instant) -> str:
    return f"{content_hash}@{instant}:{key}"


def _unread_origin(observed: Observed) -> str:
    """The same key, size and modification time are the same state, whenever it is read."""
    modified = observed.times[0].instant if observed.times else None
    return f"unread:{observed.size}@{modified}:{observed.key}"


def _is_unread(origin: str, observed: Observed) -> bool:
    """Whether a version at the key of `observed` is that very state, unread."""
    unread = _unread_origin(observed)
    return origin == unread or origin.startswith(f"{unread}#")
