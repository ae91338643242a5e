"""What was decided about the documents of a source that knows only the present, carried out state by state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial

from indexer import logs
from indexer.errors import ReadError
from indexer.ingest.attachments import Attachments
from indexer.ingest.contents import ContentFacts, Contents
from indexer.ingest.drafts import DocumentChange, VersionDraft
from indexer.ingest.failures import Failures
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.overtaking import Overtaken
from indexer.ingest.preparing import Prepared, prepare
from indexer.ingest.session import Session
from indexer.ingest.states import is_unread, state_origin, unread_origin
from indexer.model import Instant, Source, TimeBasis, VersionKind
from indexer.plan.decisions import Moved, Unreadable
from indexer.plan.snapshot import Buried, Created, Decision, Edited, Resumed, Touched
from indexer.ports import Observed, SourceTime
from indexer.ports.batch import SeenRow
from indexer.ports.recorded import Recorded
from indexer.timing import snapshot_time

UNTOLD = ("vanished", "changing", "not-answering", "source-crashed")
"""Reasons that say nothing of a document, so that the next scan tells what became of it: nothing is recorded of it now."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A pass over a source, and what was recorded of the source when it began."""

    started: Instant
    recorded: Mapping[str, Recorded]
    """What was seen at each key; what documents carry is not among it."""
    verified: Mapping[str, Instant]
    """When keys were last seen, where that was not the source's last complete scan."""
    listed: Mapping[str, Observed]
    """What this pass found at each key."""
    complete: bool = True
    """Whether it is of all of the source, so that its start says when each key was seen."""


class Applying:
    """The decisions of one pass on their way into the index."""

    def __init__(
        self,
        index: Index,
        configured: ConfiguredSource,
        source: Source,
        session: Session,
        scan: Scan,
        contents: Contents,
        failures: Failures,
        attachments: Attachments,
        unpack_again: Set[str],
        overtaken: Overtaken,
    ) -> None:
        """`unpack_again`: carriers of attachments that failed and are due again, or that somebody asked for."""
        self.rewritten: set[str] = set()
        """Keys whose scan state this pass wrote, in whichever commit."""
        self.left: set[str] = set()
        """Keys that a document left in this pass."""
        self._index = index
        self._configured = configured
        self._source = source
        self._session = session
        self._scan = scan
        self._contents = contents
        self._failures = failures
        self._attachments = attachments
        self._unpack_again = unpack_again
        self._overtaken = overtaken
        self._ready: dict[str, Prepared] = {}
        """What was read before its decision is carried out."""

    def apply(self, decisions: Sequence[Decision]) -> None:
        """Commit what moved or went away in one piece, then everything else in bounded batches.

        Keys change hands when documents move: a state between two moves would leave a document
        without its key, so that a crash there would lose it from sight.
        """
        at_once, rest = self._parted(decisions)
        self._read_ahead(at_once)
        self._attachments.bury_unwanted(self._scan.listed, self._observed_now)
        left = []
        for decision in at_once:
            self._session.going_on()
            left.append(self._one(decision))
        held = {row.key for row in self._session.batch.seen}
        self.left = {key for key in left if key is not None}
        self._session.batch.unseen.extend(sorted(self.left - held))
        self._overtaken.allowed = self._overtaken.decided = True
        self._session.flush(self._failures)
        for group in self._session.groups(
            rest,
            lambda decision: [self._prepare(self._scan.listed[decision.key], _carried_at(decision))],
            lambda decision: self._scan.listed[decision.key].size or 0,
        ):
            for decision, (prepared,) in group:
                if self._overtaken.covers(decision.key):
                    self._contents.release(decision.key)
                    continue
                self._one(decision, prepared)
                self._session.flush_if_full(self._failures)
            self._session.flush(self._failures)

    def _parted(self, decisions: Sequence[Decision]) -> tuple[list[Decision], list[Decision]]:
        """What is committed together, and what can wait: all that is to be read at its own place."""
        at_once: list[Decision] = []
        rest: list[Decision] = []
        for decision in decisions:
            match decision:
                case Touched(document_no, key):
                    waits = key in self._unpack_again or self._lacks_text(document_no, key)
                case Moved() | Buried() | Unreadable():
                    waits = False
                case _:
                    waits = True
            (rest if waits else at_once).append(decision)
        return at_once, rest

    def _read_ahead(self, decisions: Sequence[Decision]) -> None:
        """Read what has to be read for these, before any of them is carried out: nobody has to wait for that."""
        for decision in decisions:
            if not isinstance(decision, Moved):
                continue
            failing = self._attachments.failing(decision.previous_key)
            if decision.edited or failing or self._lacks_text(decision.document_no, decision.previous_key):
                observed, carried_at = self._scan.listed[decision.key], _carried_at(decision)
                self._ready[decision.key] = self._session.attentively(
                    partial(self._read, observed, carried_at)
                )
        self._session.embed_ahead(list(self._ready.values()))

    def _one(self, decision: Decision, prepared: Prepared | None = None) -> str | None:
        """Carry out one decision; the key that its document left by it."""
        with logs.bound(document=decision.key):
            return self._carried_out(decision, prepared)

    def _carried_out(self, decision: Decision, prepared: Prepared | None) -> str | None:
        key = decision.key
        left: str | None = None
        carried_at = _carried_at(decision)
        match decision:
            case Buried(document_no, key):
                self._session.fold(DocumentChange(document_no, (self._tombstone(document_no, key),)))
                self._attachments.buried(key, self._observed_now)
                left = key
            case Moved(document_no, previous_key, key, edited):
                observed = self._scan.listed[key]
                if edited or self._lacks_text(document_no, previous_key):
                    self._take_in(document_no, observed, carried_at)
                else:
                    self._moved(document_no, observed)
                    self._carry_on(observed, previous_key, again=self._attachments.failing(previous_key))
                left = previous_key
            case Touched(document_no, key):
                self._touched(document_no, self._scan.listed[key], prepared)
            case Edited(document_no, key) | Resumed(document_no, key):
                self._take_in(document_no, self._scan.listed[key], carried_at, prepared)
            case Created(key):
                self._take_in(None, self._scan.listed[key], carried_at, prepared)
            case Unreadable(document_no, key, _, left):
                self._unread(document_no, self._scan.listed[key])
                self._carry_on(self._scan.listed[key], carried_at)
        self._contents.release(key)
        return left

    @property
    def _observed_now(self) -> SourceTime:
        return SourceTime(self._scan.started, TimeBasis.OBSERVED)

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

    def _touched(self, document_no: int, observed: Observed, prepared: Prepared | None) -> None:
        """Other times, the same content: no version, unless a failure of it can be mended now."""
        found = self._contents.look(observed)
        changed_since = found.hash != self._scan.recorded[observed.key].content_hash
        if changed_since or self._lacks_text(document_no, observed.key):
            self._take_in(document_no, observed, observed.key, prepared)
        else:
            if prepared is not None:
                self._ready[observed.key] = prepared
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
        return self._ready.pop(observed.key, None) or self._read(observed, carried_at)

    def _read(self, observed: Observed, carried_at: str | None) -> Prepared:
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
            if moved or prepared.error.reason not in UNTOLD:
                self._unread(document_no, observed)
                self._carry_on(observed, carried_at)
            return
        if not moved and self._moved_here_since(observed, found):
            return
        if self._configured.keep_originals and found.size <= self._index.limits.max_original_size:
            self._session.keep_original(prepared.data, found.hash)
        origin, time = self._state_of(document_no, observed, found, carried_at)
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

    def _moved_here_since(self, observed: Observed, found: ContentFacts) -> bool:
        """Whether a file came to the key since it was listed that was elsewhere: the next look sees both places."""
        if found.file_id is None or found.file_id == observed.file_id:
            return False
        if any(other.file_id == found.file_id for other in self._scan.listed.values()):
            return True
        # It may also have been where this pass did not look. By its contents too: some file systems number files anew.
        state = self._index.catalog.current()
        places = state.file_places(self._source.no, [found.file_id]) - {observed.key}
        recorded = state.seen(self._source.no, sorted(places))
        return any(place in places and known.content_hash == found.hash for place, known in recorded.items())

    def _state_of(
        self, document_no: int | None, observed: Observed, found: ContentFacts, previous_key: str | None
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
        verified = self._verified(document_no, previous_key or observed.key)
        time = snapshot_time(found.times, verified, self._index.clock.now())
        return state_origin(found.hash, observed.key, self._assigned(document_no, time.instant)), time

    def _verified(self, document_no: int | None, key: str) -> Instant | None:
        """When the document at `key` was last known to be in its previous state; None: it never was in any.

        Not before that state began. What was put back with a time between the two is a state from now on.
        """
        seen = self._scan.verified.get(key, self._source.last_scan)
        if document_no is None:
            return seen
        placed = self._index.catalog.current().placements(document_no, only_open=True)
        return max(seen or 0, placed[-1].valid_from) if placed else seen

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
        known = self._scan.recorded.get(observed.key)
        if known is not None and known.document_no == document_no and known.etag == observed.etag:
            return
        verified = self._verified(document_no, observed.key)
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
        self.rewritten.add(observed.key)
        self._session.batch.seen.append(
            SeenRow(
                key=observed.key,
                document_no=document_no,
                etag=(observed.etag or "") if found is None else found.etag,
                file_id=observed.file_id if found is None else found.file_id,
                content_hash=None if found is None else found.hash,
                size=observed.size if found is None else found.size,
                settled=found is None or found.settled,
                verified=None if self._scan.complete else self._scan.started,
            )
        )


def _carried_at(decision: Decision) -> str | None:
    """Where the document was to which the decision is about, with what it carried; None: it was nowhere."""
    match decision:
        case Created() | Resumed():
            return None
        case Moved() | Unreadable():
            return decision.previous_key or decision.key
    return decision.key
