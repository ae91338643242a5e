"""Bringing a source up to date that knows only the present: list, compare, decide, apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from indexer.errors import ReadError
from indexer.ingest.afoot import without_burials_elsewhere, without_what_moves
from indexer.ingest.applying import UNTOLD, Applying, Scan
from indexer.ingest.attachments import Attachments
from indexer.ingest.contents import Contents
from indexer.ingest.doubts import concerns, without_foreign
from indexer.ingest.failures import Failures
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.likeness import Likeness
from indexer.ingest.listing import Listing, places_left, take_listing, with_these
from indexer.ingest.overtaking import Overtaken
from indexer.ingest.session import RefusedError, Session
from indexer.ingest.withholding import with_masked
from indexer.masks import mask_key
from indexer.model import Instant, Source
from indexer.plan.attachments import is_attachment, root_of
from indexer.plan.decisions import Comparison, Seen
from indexer.plan.snapshot import Buried, Decision, compare, decide, refusal
from indexer.ports import Unknown
from indexer.ports.batch import SeenRow
from indexer.ports.recorded import Recorded


class SnapshotRun:
    """One pass over one snapshot source."""

    def __init__(self, index: Index, configured: ConfiguredSource, source: Source, session: Session) -> None:
        self._index = index
        self._configured = configured
        self._source = source
        self._session = session
        self._started = index.clock.now()
        self._began = index.clock.monotonic()
        self._contents = Contents(index.limits.held_bytes)
        self._verified: dict[str, Instant] = {}
        self._recorded: dict[str, Recorded] = {}
        self._failures = Failures(index.clock, index.parser.versions, {})
        self._attachments = Attachments(index, configured, session, self._failures, {}, {})
        self._overtaken = Overtaken()
        self.scopes: Sequence[str] | None = None
        """What it looks at; None: everything."""
        self._deciding = False
        """Whether it decides about all that was recorded of the source, which is something."""

    @property
    def overtakable(self) -> bool:
        """Whether some scopes may be looked at before this one goes on."""
        return self._overtaken.allowed

    @property
    def deciding(self) -> bool:
        """Whether this scan is still to decide what of the recorded moved or went away."""
        return self._deciding and not self._overtaken.decided

    def overtaken_in(self, scopes: Sequence[str]) -> None:
        """While this look or scan went on, with nothing of it in hand, these were looked at anew."""
        self._overtaken.add(scopes)
        recorded = self._index.catalog.current().failures(self._source.no, self.scopes)
        self._failures.renew(recorded, self._overtaken.covers)

    def run(
        self,
        *,
        accept_deletions: bool,
        retry: frozenset[str] | None,
        scopes: Sequence[str] | None = None,
    ) -> None:
        """Bring the source up to date. `retry` names keys to read whatever their etags say.

        `scopes`: only what lies at or under these keys is looked at, buried and spoken of, and where a file is new there,
        the place that it was known from: whether it moved here. Raises `SourceError` where it cannot be listed, `StoreError` where nothing can be written.
        """
        self.scopes = scopes
        self._deciding = scopes is None and self._index.catalog.current().present(self._source.no) > 0
        listing = take_listing(
            self._configured.connector, self._source.cursor, scopes, self._session.going_on
        )
        asked = scopes
        if scopes is not None:
            scopes = self.scopes = self._widened(listing, scopes)
        with self._index.catalog.recorded() as state:
            seen = state.seen(self._source.no, scopes)
            self._verified = state.verified(self._source.no, scopes)
            self._failures = Failures(
                self._index.clock, self._index.parser.versions, state.failures(self._source.no, scopes)
            )
            # A key that was purged stands there under its mask, which lies in no scope.
            places = None if scopes is None else [*scopes, *map(mask_key, listing.seen)]
            buried = with_masked(state.buried(self._source.no, places), listing.seen)
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
        unpack_again = set(map(root_of, self._attachments.due(due)))
        again = unpack_again.union(key for key in due if not is_attachment(key))
        comparison = with_these(without_foreign(comparison, unknown), listing, again)
        hashes = self._hash(comparison, listing)
        # What was looked at since the listing began is recorded as it was later.
        self._overtaken.allowed = False
        self._overtaken.take_from(listing.seen, self._recorded)
        comparison = self._overtaken.without(comparison)
        comparison = replace(comparison, to_read=tuple(map(self._contents.as_read, comparison.to_read)))
        decisions, waiting = without_what_moves(
            self._decide(comparison, listing, hashes, buried),
            listing.seen,
            self._index.afoot,
            self._began if scopes is None else None,
        )
        decisions, left = without_burials_elsewhere(decisions, listing.seen, asked)
        if scopes is not None:
            self.scopes = [scope for scope in scopes if scope not in left]
        if not accept_deletions:
            self._refuse_mass_deletion(decisions)
        scan = Scan(self._started, self._recorded, self._verified, listing.seen, complete=scopes is None)
        applying = Applying(
            self._index, self._configured, self._source, self._session, scan, self._contents, self._failures,
            self._attachments, unpack_again, self._overtaken,
        )  # fmt: skip
        applying.apply(decisions)
        if scopes is None:
            self._finish(listing, unknown, comparison, applying.rewritten | applying.left, waiting)
        else:
            self._finish_part(listing, unknown, scopes, left)

    def _widened(self, listing: Listing, scopes: Sequence[str]) -> Sequence[str]:
        """`scopes`, and where files came from that are new in them, of which `listing` tells as well from now on."""
        while True:
            with self._index.catalog.recorded() as state:
                left = places_left(listing, state.seen(self._source.no, scopes), state, self._source.no)
            if not left:
                return scopes
            more = take_listing(self._configured.connector, self._source.cursor, left, self._session.going_on)
            listing.seen.update(more.seen)
            listing.unknown.extend(doubt for doubt in more.unknown if doubt not in listing.unknown)
            # What is there now may have come from elsewhere, too.
            scopes = (*scopes, *left)

    # --- decide ---------------------------------------------------------------------

    def _hash(self, comparison: Comparison, listing: Listing) -> dict[str, str | None]:
        """What `decide` is to know of the contents."""
        self._session.to_index(len(comparison.to_read))
        hashes: dict[str, str | None] = {}
        # Contents decide about renames; where no document left its key there can be none, and
        # nothing is read before it is indexed.
        vacating = comparison.missing or any(seen.key in self._recorded for seen in comparison.to_read)
        for seen in comparison.to_read:
            self._session.going_on()
            if self._overtaken.covers(seen.key):
                continue
            if not vacating:
                hashes[seen.key] = f"not hashed: {seen.key}"
                continue
            try:
                hashes[seen.key] = self._contents.look(listing.seen[seen.key]).hash
            except ReadError as error:
                if error.reason not in UNTOLD:
                    hashes[seen.key] = None
                if error.reason != "vanished":
                    self._failures.document(seen.key, error)
        return hashes

    def _decide(
        self,
        comparison: Comparison,
        listing: Listing,
        hashes: Mapping[str, str | None],
        buried: Mapping[str, int],
    ) -> tuple[Decision, ...]:
        likeness = Likeness(self._index, self._contents, listing.seen, self._session.attentively)
        return decide(self._recorded, comparison, hashes, likeness.similarity, buried)

    def _refuse_mass_deletion(self, decisions: Iterable[Decision]) -> None:
        limits = self._index.limits
        gone = sum(isinstance(decision, Buried) for decision in decisions)
        if not gone:
            return
        live = self._index.catalog.current().live(self._source.no)
        reason = refusal(gone, live, limits.max_deletion_share, limits.min_deletions)
        if reason is not None:
            raise RefusedError(reason)

    # --- finish ------------------------------------------------------------------------------

    def _finish(
        self,
        listing: Listing,
        unknown: list[Unknown],
        comparison: Comparison,
        changed: Set[str],
        waiting: Set[str],
    ) -> None:
        """Record how far the scan came; doubts that concern nothing recorded are settled.

        `changed`: keys of whose scan state all is written; `waiting`: those that were left for the next look.
        """
        batch, end = self._session.batch, listing.end
        doubts = [u for u in unknown if u.reason != "other-device" or concerns(u, comparison.unverifiable)]
        cursor = end.cursor
        if cursor is not None and not any(u.reason == "other-device" for u in doubts):
            cursor = self._configured.connector.accept(cursor)
        self._failures.scopes(doubts)
        present = listing.seen.keys() | self._attachments.keys
        self._failures.forget_missing(present, (*(u.scope for u in doubts), *self._overtaken))
        before = self._source.last_scan
        # What was at such a key may have been found elsewhere.
        left = (self._recorded[key] for key in sorted(waiting - changed) if key in self._recorded)
        for known in (*comparison.unverifiable, *left):
            if (
                before is not None
                and known.key not in self._verified
                and not self._overtaken.covers(known.key)
            ):
                batch.seen.append(_as_seen(known, before))
        for key in self._verified:
            known_now = self._recorded.get(key)
            changed_since = key in changed or key in waiting or self._overtaken.covers(key)
            if key in listing.seen and known_now is not None and not changed_since:
                batch.seen.append(_as_seen(known_now, None))
        batch.source.cursor = cursor
        batch.source.last_scan = self._started if end.complete else None
        batch.source.state = "incomplete" if doubts else "ok"
        batch.source.detail = doubts[0].detail if doubts else ""
        self._session.problems.extend(u.detail for u in doubts)
        self._session.flush(self._failures)

    def _finish_part(
        self, listing: Listing, unknown: Sequence[Unknown], scopes: Sequence[str], left: Set[str]
    ) -> None:
        """Record what became of these scopes, but for what was `left`; the next complete scan says how the source is."""
        for doubt in unknown:
            self._failures.scope(doubt.scope, doubt.reason, doubt.detail)
        present = listing.seen.keys() | self._attachments.keys
        hidden = (*(u.scope for u in unknown), *self._overtaken, *left)
        self._failures.forget_missing(present, hidden, scopes)
        self._failures.scopes_seen(hidden)
        self._session.problems.extend(u.detail for u in unknown)
        self._session.flush(self._failures)


def _as_seen(known: Recorded, verified: Instant | None) -> SeenRow:
    return SeenRow(
        known.key, known.document_no, known.etag or "", known.file_id, known.content_hash, known.size,
        known.settled, verified,
    )  # fmt: skip
