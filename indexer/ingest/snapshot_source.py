"""Bringing a source up to date that knows only the present: list, compare, decide, fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indexer.errors import ReadError
from indexer.ingest.attachments import Attachments
from indexer.ingest.contents import ContentFacts, Contents
from indexer.ingest.doubts import concerns, without_foreign
from indexer.ingest.drafts import DocumentChange, VersionDraft
from indexer.ingest.failures import Failures
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.likeness import Likeness
from indexer.ingest.listing import Listing, take_listing, with_these
from indexer.ingest.lookahead import Lookahead
from indexer.ingest.preparing import Prepared, prepare
from indexer.ingest.session import RefusedError, Session
from indexer.ingest.states import is_unread, state_origin, unread_origin
from indexer.ingest.withholding import with_masked
from indexer.model import Instant, Source, TimeBasis, VersionKind
from indexer.plan.attachments import is_attachment, root_of
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
from indexer.ports import Observed, SourceTime, Unknown
from indexer.ports.batch import SeenRow
from indexer.ports.catalog import Recorded
from indexer.timing import snapshot_time

_UNTOLD = ("vanished", "changing")
"""Reasons after which the next scan tells what became of a document: nothing is recorded of it now."""


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
        """Keys whose scan state this run wrote, in whichever commit."""
        self._left: set[str] = set()
        """Keys that a document left in this run."""
        self._failures = Failures(index.clock, index.parser.versions, {})
        self._attachments = Attachments(index, configured, session, self._failures, {}, {})
        self._unpack_again: set[str] = set()
        """Carriers of attachments that failed and are due again, or that somebody asked for."""

    def run(
        self,
        *,
        accept_deletions: bool,
        retry: frozenset[str] | None,
        scopes: Sequence[str] | None = None,
    ) -> None:
        """Bring the source up to date. `retry` names keys to read whatever their etags say.

        `scopes`: only what lies at or under these keys is looked at, buried and spoken of; whatever moved
        has to be looked at where it was and where it is. Raises `SourceError` where it cannot be listed, `StoreError` where nothing can be written.
        """
        listing = take_listing(self._configured.connector, self._source.cursor, scopes)
        with self._index.catalog.recorded() as state:
            seen = state.seen(self._source.no)
            self._verified = state.verified(self._source.no)
            self._failures = Failures(
                self._index.clock, self._index.parser.versions, state.failures(self._source.no)
            )
            buried = with_masked(state.buried(self._source.no), listing.seen)
        self._recorded = {key: known for key, known in seen.items() if not is_attachment(key)}
        self._attachments = Attachments(
            self._index, self._configured, self._session, self._failures, seen, buried
        )
        self._session.listed(len(listing.seen))
        unknown = listing.unknown
        if accept_deletions:
            unknown = [scope for scope in unknown if scope.reason != "other-device"]
        comparison = compare(
            self._recorded,
            (Seen(o.key, o.etag, o.file_id, o.size) for o in listing.seen.values()),
            [scope.scope for scope in unknown],
            complete=listing.end.complete or scopes is not None,
            scopes=scopes,
        )
        due = self._failures.due(retry)
        self._unpack_again = set(map(root_of, self._attachments.due(due)))
        again = self._unpack_again.union(key for key in due if not is_attachment(key))
        comparison = with_these(without_foreign(comparison, unknown), listing, again)
        decisions = self._decide(comparison, listing, buried)
        if not accept_deletions:
            self._refuse_mass_deletion(decisions)
        self._apply(decisions, listing)
        if scopes is None:
            self._finish(listing, unknown, comparison)
        else:
            self._finish_part(listing, unknown, scopes)

    # --- decide ---------------------------------------------------------------------

    def _decide(
        self, comparison: Comparison, listing: Listing, buried: Mapping[str, int]
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

    def _apply(self, decisions: tuple[Decision, ...], listing: Listing) -> None:
        """Commit what moved or went away in one piece, then everything else in bounded batches.

        Keys change hands when documents move: a state between two moves would leave a document
        without its key, so that a crash there would lose it from sight.
        """
        together = Moved | Buried | Touched | Unreadable
        self._attachments.bury_unwanted(listing.seen, self._observed_now)
        left = [self._one(d, listing) for d in decisions if isinstance(d, together)]
        held = {row.key for row in self._session.batch.seen}
        self._left = {key for key in left if key is not None}
        self._session.batch.unseen.extend(sorted(self._left - held))
        self._session.flush(self._failures)
        rest = [decision for decision in decisions if not isinstance(decision, together)]
        ahead: Lookahead[Decision, Sequence[Prepared]] = self._session.lookahead(
            lambda decision: [self._prepare(listing.seen[decision.key], _carried_at(decision))],
            lambda decision: listing.seen[decision.key].size or 0,
            held_up=lambda: self._session.flush(self._failures),
        )
        for decision, (prepared,) in ahead.each(rest):
            self._one(decision, listing, prepared)
            self._session.flush_if_full(self._failures)

    def _one(self, decision: Decision, listing: Listing, prepared: Prepared | None = None) -> str | None:
        """Carry out one decision; the key that its document left by it."""
        key = decision.key
        left: str | None = None
        carried_at = _carried_at(decision)
        match decision:
            case Buried(document_no, key):
                self._session.fold(DocumentChange(document_no, (self._tombstone(document_no, key),)))
                self._attachments.buried(key, self._observed_now)
                left = key
            case Moved(document_no, previous_key, key, edited):
                observed = listing.seen[key]
                if edited or self._lacks_text(document_no, previous_key):
                    self._take_in(document_no, observed, carried_at)
                else:
                    self._moved(document_no, observed)
                    self._carry_on(observed, previous_key, again=self._attachments.failing(previous_key))
                left = previous_key
            case Touched(document_no, key):
                self._touched(document_no, listing.seen[key])
            case Edited(document_no, key) | Resumed(document_no, key):
                self._take_in(document_no, listing.seen[key], carried_at, prepared)
            case Created(key):
                self._take_in(None, listing.seen[key], carried_at, prepared)
            case Unreadable(document_no, key, _, left):
                self._unread(document_no, listing.seen[key])
                self._carry_on(listing.seen[key], carried_at)
        self._contents.release(key)
        return left

    @property
    def _observed_now(self) -> SourceTime:
        return SourceTime(self._started, TimeBasis.OBSERVED)

    def _tombstone(self, document_no: int, key: str) -> VersionDraft:
        time = self._observed_now
        instant = self._assigned(document_no, time.instant)
        return VersionDraft(VersionKind.TOMBSTONE, f"gone:{key}@{instant}", key, time)

    def _moved(self, document_no: int, observed: Observed) -> None:
        """The same content at another key: a version without any new text."""
        time = self._observed_now
        found = self._contents.look(observed)
        origin = state_origin(found.hash, observed.key, self._assigned(document_no, time.instant))
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
            self._take_in(document_no, observed, observed.key)
        else:
            self._saw(document_no, observed, found)
            self._failures.over(observed.key)
            self._carry_on(observed, observed.key, again=observed.key in self._unpack_again)

    def _lacks_text(self, document_no: int, key: str) -> bool:
        """Whether the document failed before in such a way that its last state has no text yet."""
        if not self._failures.listed(key):
            return False
        last = self._index.catalog.current().last(document_no)
        return last is None or last.manifest_no is None

    def _prepare(self, observed: Observed, carried_at: str | None) -> Prepared:
        wanted = self._attachments.wanted(carried_at, observed.key)
        return prepare(self._index, self._contents, observed, wanted)

    def _carry_on(self, observed: Observed, carried_at: str | None, *, again: bool = False) -> None:
        """The carrier is as it was, as far as anybody knows; `again`: look into it all the same."""
        if again:
            prepared = self._prepare(observed, carried_at)
            if prepared.rendered is not None:
                self._attachments.carried(observed.key, prepared.unpacked, self._observed_now, carried_at)
                return
        if carried_at is not None and carried_at != observed.key:
            self._attachments.moved(carried_at, observed.key, self._observed_now)

    def _take_in(
        self,
        document_no: int | None,
        observed: Observed,
        carried_at: str | None,
        prepared: Prepared | None = None,
    ) -> None:
        """Fold a new state of a document, and of what it carried at `carried_at`.

        One that was at another key is at this one now, come what may.
        """
        prepared = prepared or self._prepare(observed, carried_at)
        moved = carried_at not in (None, observed.key)
        found = prepared.found
        if found is None:
            assert isinstance(prepared.error, ReadError)
            if prepared.error.reason != "vanished":
                self._failures.document(observed.key, prepared.error)
            if moved or prepared.error.reason not in _UNTOLD:
                self._unread(document_no, observed)
                self._carry_on(observed, carried_at)
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
        if prepared.error is None or self._session.withholds(found.hash):
            self._failures.over(observed.key)
        else:
            self._failures.document(observed.key, prepared.error)
        folded = self._session.fold(
            DocumentChange(document_no, (draft,), history_open=self._configured.history_open)
        )
        self._saw(folded.document_no, observed, found)
        if prepared.rendered is None:
            self._carry_on(observed, carried_at)
        else:
            self._attachments.carried(observed.key, prepared.unpacked, time, carried_at)

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
                and (last.content_hash == found.hash or is_unread(last.origin, observed))
            ):
                return last.origin, SourceTime(last.source_time, TimeBasis.OBSERVED)
        verified = self._verified.get(observed.key, self._source.last_scan)
        time = snapshot_time(found.times, verified, self._index.clock.now())
        return state_origin(found.hash, observed.key, self._assigned(document_no, time.instant)), time

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
        origin = unread_origin(observed)
        if document_no is not None:
            line = self._index.catalog.current().line(document_no)
            if any(v.origin == origin for v in line) and not is_unread(line[-1].origin, observed):
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

    def _finish(self, listing: Listing, unknown: list[Unknown], comparison: Comparison) -> None:
        """Record how far the scan came; doubts that concern nothing recorded are settled."""
        batch, end = self._session.batch, listing.end
        doubts = [u for u in unknown if u.reason != "other-device" or concerns(u, comparison.unverifiable)]
        cursor = end.cursor
        if cursor is not None and not any(u.reason == "other-device" for u in doubts):
            cursor = self._configured.connector.accept(cursor)
        self._failures.scopes(doubts)
        present = listing.seen.keys() | self._attachments.keys
        self._failures.forget_missing(present, (u.scope for u in doubts))
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

    def _finish_part(self, listing: Listing, unknown: Sequence[Unknown], scopes: Sequence[str]) -> None:
        """Record what became of these scopes; the next complete scan says how the source is."""
        for doubt in unknown:
            self._failures.scope(doubt.scope, doubt.reason, doubt.detail)
        present = listing.seen.keys() | self._attachments.keys
        self._failures.forget_missing(present, (u.scope for u in unknown), scopes)
        self._session.problems.extend(u.detail for u in unknown)
        self._session.flush(self._failures)


def _carried_at(decision: Decision) -> str | None:
    """Where the document was to which the decision is about, with what it carried; None: it was nowhere."""
    match decision:
        case Created() | Resumed():
            return None
        case Moved() | Unreadable():
            return decision.previous_key or decision.key
    return decision.key


def _as_seen(known: Recorded, verified: Instant | None) -> SeenRow:
    return SeenRow(
        known.key, known.document_no, known.etag or "", known.file_id, known.content_hash, known.size,
        known.settled, verified,
    )  # fmt: skip
