"""Bringing attachments up to date with their carriers: in the same commit, whatever happens to those."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from indexer.errors import ReadError
from indexer.ingest.drafts import DocumentChange, VersionDraft
from indexer.ingest.failures import Failures
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.session import Session
from indexer.ingest.states import state_origin
from indexer.ingest.unpacking import Unpacked, Wanted
from indexer.model import TimeBasis, VersionKind
from indexer.plan.attachments import by_root, decide_attachments, is_attachment, root_of
from indexer.plan.decisions import Buried, Created, Decision, Edited, Moved, Resumed, Touched
from indexer.ports import SourceTime
from indexer.ports.batch import SeenRow
from indexer.ports.recorded import Recorded


class Attachments:
    """The attachments of one source, as recorded and as this run finds them.

    Everything that is said of a carrier's attachments goes into the batch that says it of the
    carrier, so that a crash leaves both or neither.
    """

    def __init__(
        self,
        index: Index,
        configured: ConfiguredSource,
        session: Session,
        failures: Failures,
        recorded: Mapping[str, Recorded],
        tombstoned: Mapping[str, int],
    ) -> None:
        self._index = index
        self._session = session
        self._failures = failures
        self._recorded = by_root(known for key, known in recorded.items() if is_attachment(key))
        self._tombstoned = tombstoned
        self._wants = configured.connector.wants
        self._most_kept = index.limits.max_original_size if configured.keep_originals else -1
        """The size up to which originals are kept; negative for none. [bytes]"""
        self._left: set[str] = set()
        self._held: set[str] = set()

    @property
    def keys(self) -> set[str]:
        """Where attachments are, by all that was recorded and done."""
        recorded = {key for attachments in self._recorded.values() for key in attachments}
        return (recorded - self._left) | self._held

    def wanted(self, previous_root: str | None, root: str) -> Wanted:
        """What is to be looked at of that which `root` carries, and carried at `previous_root`."""
        settled = {
            root + key[len(previous_root or "") :]: known.content_hash
            for key, known in self._recorded.get(previous_root or "", {}).items()
            if known.content_hash is not None and not self._failures.listed(key)
        }
        return Wanted(self._wants, settled)

    def due(self, keys: Iterable[str]) -> set[str]:
        """Those of `keys`, of documents to be read again, that are attachments and wanted."""
        return {key for key in keys if is_attachment(key) and self._wants(key)}

    def bury_unwanted(self, listed: Container[str], time: SourceTime) -> None:
        """What the settings let in before and do not now is gone, as a file that they exclude is.

        What is not `listed` goes or stays with what becomes of it.
        """
        for root, attachments in self._recorded.items():
            for key in sorted(attachments) if root in listed else ():
                if not self._wants(key):
                    self._bury(attachments.pop(key).document_no, key, time)

    def failing(self, root: str) -> bool:
        """Whether anything that `root` carries is on the list of failures."""
        return any(map(self._failures.listed, self._recorded.get(root, ())))

    def carried(
        self, root: str, unpacked: Iterable[Unpacked], time: SourceTime, previous_root: str | None
    ) -> None:
        """`root`, which was read, carries these, since `time`. `previous_root` None: it carried nothing before."""
        there = {item.key: item for item in unpacked}
        recorded = {} if previous_root is None else self._recorded.get(previous_root, {})
        if not recorded and not there:
            return
        decisions = decide_attachments(
            recorded,
            previous_root or root,
            root,
            {key: item.hash for key, item in there.items()},
            {key for key, item in there.items() if item.untouched},
            self._tombstoned,
        )
        for decision in decisions:
            self._one(decision, there.get(decision.key), time)

    def moved(self, previous_root: str, root: str, time: SourceTime) -> None:
        """The carrier is at another key, and what it carries with it; nothing was read."""
        for key, known in sorted(self._recorded.get(previous_root, {}).items()):
            self._renamed(known.document_no, key, root + key[len(previous_root) :], known, None, time)

    def buried(self, root: str, time: SourceTime) -> None:
        """The carrier is gone, and what it carried with it."""
        for key, known in sorted(self._recorded.get(root, {}).items()):
            self._bury(known.document_no, key, time)

    # --- one attachment ----------------------------------------------------------------------

    def _one(self, decision: Decision, item: Unpacked | None, time: SourceTime) -> None:
        match decision:
            case Buried(document_no, key):
                self._bury(document_no, key, time)
            case Moved(document_no, previous_key, key, edited):
                known = self._recorded[root_of(previous_key)][previous_key]
                if edited and item is not None:
                    self._leave(previous_key)
                    self._take_in(document_no, item, time)
                else:
                    self._renamed(document_no, previous_key, key, known, item, time)
            case Touched(document_no, key):
                if item is not None and not item.untouched:
                    self._mend(document_no, item, time)
            case Edited(document_no, key) | Resumed(document_no, key):
                assert item is not None
                self._take_in(document_no, item, time)
            case Created():
                assert item is not None
                self._take_in(None, item, time)

    def _take_in(self, document_no: int | None, item: Unpacked, time: SourceTime) -> None:
        """Fold a new state of an attachment."""
        if len(item.data) <= self._most_kept:
            self._session.keep_original(item.data, item.hash)
        kind = VersionKind.UNREADABLE if item.rendered is None else VersionKind.CONTENT
        origin, time = self._state_of(document_no, item, time)
        draft = VersionDraft(
            kind, origin, item.key, time, content_hash=item.hash, size=len(item.data), rendered=item.rendered
        )
        folded = self._session.fold(DocumentChange(document_no, (draft,)))
        if item.error is None or self._session.withholds(item.hash):
            self._failures.over(item.key)
        else:
            self._failures.document(item.key, item.error)
        self._saw(item.key, folded.document_no, item.hash, len(item.data))

    def _mend(self, document_no: int, item: Unpacked, time: SourceTime) -> None:
        """It failed before and is as it was: a version only gains the text that it lacked."""
        if not self._has_text(document_no):
            self._take_in(document_no, item, time)
        elif item.error is None:
            self._failures.over(item.key)

    def _renamed(
        self,
        document_no: int,
        previous_key: str,
        key: str,
        known: Recorded,
        item: Unpacked | None,
        time: SourceTime,
    ) -> None:
        """The same content at another key."""
        if not self._wants(key):
            self._bury(document_no, previous_key, time)
            return
        self._leave(previous_key)
        has_text = self._has_text(document_no)
        if not has_text and item is not None and not item.untouched:
            self._take_in(document_no, item, time)
            return
        draft = VersionDraft(
            VersionKind.CONTENT if has_text else VersionKind.UNREADABLE,
            self._origin(document_no, known.content_hash or "", key, time),
            key,
            time,
            content_hash=known.content_hash,
            size=known.size,
            carries=has_text,
        )
        self._session.fold(DocumentChange(document_no, (draft,)))
        if has_text:
            self._failures.over(key)
        else:
            self._failures.document(
                key, ReadError("unreadable", "it could not be read yet", remedy="it is tried again")
            )
        self._saw(key, document_no, known.content_hash, known.size)

    def _bury(self, document_no: int, key: str, time: SourceTime) -> None:
        instant = self._assigned(document_no, time.instant)
        draft = VersionDraft(VersionKind.TOMBSTONE, f"gone:{key}@{instant}", key, time)
        self._session.fold(DocumentChange(document_no, (draft,)))
        self._leave(key)

    # --- states ------------------------------------------------------------------------------

    def _state_of(self, document_no: int | None, item: Unpacked, time: SourceTime) -> tuple[str, SourceTime]:
        """The origin and time of a state: those of the last version, where it is that one, read at last."""
        last = None if document_no is None else self._index.catalog.current().last(document_no)
        if (
            last is not None
            and last.kind is VersionKind.UNREADABLE
            and last.manifest_no is None
            and (last.key, last.content_hash) == (item.key, item.hash)
        ):
            return last.origin, SourceTime(last.source_time, TimeBasis.OBSERVED)
        return self._origin(document_no, item.hash, item.key, time), time

    def _origin(self, document_no: int | None, content: str, key: str, time: SourceTime) -> str:
        return state_origin(content, key, self._assigned(document_no, time.instant))

    def _assigned(self, document_no: int | None, instant: int) -> int:
        """The instant at which a state is placed, after all of its document; see `Applying`."""
        if document_no is None:
            return instant
        placed = self._index.catalog.current().placements(document_no, only_open=True)
        return max(instant, placed[-1].valid_from + 1) if placed else instant

    def _has_text(self, document_no: int) -> bool:
        last = self._index.catalog.current().last(document_no)
        return last is not None and last.manifest_no is not None

    def _saw(self, key: str, document_no: int, content: str | None, size: int | None) -> None:
        self._held.add(key)
        self._session.batch.seen.append(SeenRow(key, document_no, "", None, content, size, True))

    def _leave(self, key: str) -> None:
        self._left.add(key)
        # What is seen at a key in the same commit counts, whichever was said first.
        self._session.batch.unseen.append(key)
