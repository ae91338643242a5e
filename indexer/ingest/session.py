"""One source's run: batches are filled, committed when full, and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from indexer import logs
from indexer.clock import rfc3339
from indexer.ingest.drafts import DocumentChange, Folded, VersionDraft
from indexer.ingest.failures import Failures
from indexer.ingest.folding import Fold
from indexer.ingest.index import Index
from indexer.ingest.lookahead import Lookahead, attentively
from indexer.ingest.preparing import Prepared
from indexer.ingest.progress import Progress
from indexer.ingest.reports import Forecast, SourceReport
from indexer.ingest.texts import unknown_texts
from indexer.ingest.writing import Writer
from indexer.model import FOREVER, Source
from indexer.ports.batch import Batch

_log = logs.get("ingest")
_Thing = TypeVar("_Thing")
_AHEAD = 3
"""Batches whose texts are being embedded: one to wait for, one to go on with, one for what differs in size."""


class RefusedError(Exception):
    """The source's listing is not believed without being confirmed; nothing of it was applied."""


class Session:
    """Collects changes of one source into batches and commits them, or only counts them."""

    def __init__(
        self,
        index: Index,
        source: Source,
        writer: Writer,
        progress: Progress,
        *,
        dry_run: bool,
        read_state: Callable[[str, str], bytes | None] = lambda key, origin: None,
    ) -> None:
        """`read_state` as in `Fold`."""
        self._index = index
        self._source = source
        self._writer = writer
        self._progress = progress
        self._read_state = read_state
        self.dry_run = dry_run
        """Whether nothing is committed, so that nothing can be built on what was folded before."""
        self.report = SourceReport(source.name)
        if dry_run:
            self.report.forecast = Forecast()
            self._present = index.catalog.current().present_tokens(source.no)
        self._counted: set[str] = set()
        self._seen_tokens = 0
        self._new()

    @property
    def problems(self) -> list[str]:
        """What kept the source from being brought up to date, one line each."""
        return self.report.problems

    def _new(self) -> None:
        self.batch = Batch(self._index.catalog.next_instant(self._index.clock), self._source.no)
        self._fold: Fold | None = None
        """Of the batch in hand: while there is one, this session has the writer's turn."""
        self._documents = 0
        self._versions = 0

    def _begin(self) -> Fold:
        """The fold of the batch; with it begins the writer's turn, as it draws numbers."""
        if self._fold is None:
            if not self.dry_run:
                self._index.turns.take(self._index.urgency, meanwhile=self._index.go_on)
            try:
                self.batch.recorded = self._index.catalog.next_instant(self._index.clock)
                self._fold = Fold(self._index, self._index.catalog.current(), self.batch, self._read_state)
            except BaseException:
                self._end()
                raise
        return self._fold

    def _end(self) -> None:
        """The batch is committed or dropped, and the turn over."""
        if not self.dry_run:
            self._index.turns.give_back()
        self._fold = None

    def listed(self, documents: int) -> None:
        """The listing showed so many documents."""
        self.report.documents_seen = documents
        self._progress.listed(self._source.name, documents)

    def to_index(self, documents: int, versions: int | None = None) -> None:
        """So many of them will be read, in so many versions where that is known."""
        self._progress.to_index(self._source.name, documents, versions)

    def told(self, done: int, total: int) -> None:
        """The source has told so much of what is new, in its own unit."""
        self._progress.told(self._source.name, done, total)

    def keep_original(self, data: bytes, content_hash: str) -> None:
        """Store a document's bytes before anything refers to them, unless they were purged."""
        if self.withholds(content_hash):
            return
        self.batch.originals.append((content_hash, len(data)))
        if not self.dry_run:
            self._index.originals.put(data)
            self._index.step("original kept")

    def withholds(self, content_hash: str) -> bool:
        """Whether these bytes were purged from this source: nothing of them is to be kept, nor said."""
        state = self._index.catalog.current()
        return state.withheld(self._source.no, None, content_hash) is not None

    def groups(
        self,
        things: Sequence[_Thing],
        prepare: Callable[[_Thing], Sequence[Prepared]],
        weight: Callable[[_Thing], int],
        *,
        whole: bool = False,
    ) -> Iterator[list[tuple[_Thing, Sequence[Prepared]]]]:
        """Things with what was read and rendered of them (all states of a thing at once), embedded, to be folded together.

        Whoever asks folds each group and flushes, so that nothing is in hand while the next one is waited for.
        `weight` is in bytes. `whole`: all of them are to be one commit, so that there is one group, unless they weigh too much.
        """
        limits = self._index.limits
        waiting: dict[int, list[str]] = {}

        def arrived(states: Sequence[Prepared]) -> None:
            waiting[id(states)] = self._announce(states)

        def full(group: Sequence[tuple[_Thing, Sequence[Prepared]]]) -> bool:
            if whole:
                return False
            return (
                len(group) >= limits.batch_documents
                or sum(len(waiting[id(states)]) for _, states in group) >= limits.batch_passages
            )

        ahead = Lookahead(
            prepare,
            weight,
            arrived=arrived,
            room=lambda: self._writer.ahead.waiting < _AHEAD * limits.batch_passages,
            most_weight=limits.held_bytes,
            meanwhile=self.going_on,
            ahead=self._index.depths.ahead,
        )
        for group in ahead.groups(things, full):
            texts = [text for _, states in group for text in waiting.pop(id(states))]
            self._writer.ahead.finish(texts, self.going_on)
            yield group

    def embed_ahead(self, states: Sequence[Prepared]) -> None:
        """Embed what the next commit will want of these, before it has the writer's turn."""
        self._writer.ahead.finish(self._announce(states), self.going_on)

    def _announce(self, states: Sequence[Prepared]) -> list[str]:
        """Let be embedded what is not committed yet; those texts."""
        if self.dry_run:
            return []
        current = self._index.catalog.current()
        texts = [
            text
            for prepared in states
            for rendered in prepared.renderings
            for text in unknown_texts(current, rendered)
        ]
        self._writer.ahead.announce(texts)
        return texts

    def attentively(self, work: Callable[[], _Thing]) -> _Thing:
        """What `work` brings, or raises; the run can be ended, or overtaken, as long as it takes. It must need no index."""
        return attentively(work, self.going_on)

    def going_on(self) -> None:
        """One more item: the run may be ended here, and if nothing is in hand, whatever is more urgent may be indexed."""
        if self._fold is None:
            self._index.between()
        else:
            self._index.go_on()

    def fold(self, change: DocumentChange) -> Folded:
        """Add a document's change to the batch; a document at most once in each batch."""
        folded = self._begin().apply(change)
        for purge_no in dict.fromkeys(folded.withheld):
            self.report.remarks.append(_stays_away(self._index, folded.document_no, change, purge_no))
        self._versions += folded.versions_added
        if folded.changed:
            key = next((step.key for step in reversed(change.steps) if isinstance(step, VersionDraft)), None)
            _log.debug("folded", document=key, versions=folded.versions_added)
            self._documents += 1
            self.batch.source.last_change = self.batch.recorded
        return folded

    @property
    def full(self) -> bool:
        """Whether the batch is worth a commit."""
        limits = self._index.limits
        return self._fold is not None and (
            len(self._fold.texts.new_texts) >= limits.batch_passages
            or len(self.batch.rows) >= 8 * limits.batch_passages
            or self._documents >= limits.batch_documents
        )

    def flush_if_full(self, failures: Failures) -> None:
        """Commit if there is enough to commit."""
        if self.full:
            self.flush(failures)

    def flush(self, failures: Failures) -> None:
        """Commit the batch, failures included, and begin the next. Raises what `Writer.commit` raises."""
        failures.settle(self.batch)
        self.report.failed = failures.count
        if self.batch.empty:
            if self._fold is not None:
                self._end()
            return
        fold = self._begin()
        try:
            if self.dry_run:
                self._foresee(fold)
            else:
                self._writer.commit(self.batch, fold.texts)
                self._count()
        finally:
            self._end()
        self._new()
        # Nothing is in hand: whatever is more urgent may be indexed here.
        self._index.between()

    def close(self) -> None:
        """The run is over, however it ended: nothing is in hand any more."""
        if self._fold is not None:
            self._end()

    def abandon(self) -> None:
        """Drop what was not committed."""
        self.close()
        self._writer.ahead.drop()
        self._new()

    def begin_anew(self) -> None:
        """The source is listed again in this same run: what was committed counts, and what was said is said again."""
        self.abandon()
        self.report.problems.clear()
        self.report.remarks.clear()

    def _count(self) -> None:
        work, report = self.batch.work, self.report
        report.versions_added += self._versions
        report.passages_embedded += work.embedded_passages
        report.tokens_embedded += work.embedded_tokens
        report.passages_closed += sum(
            row.closed_recorded == self.batch.recorded and row.recorded_to == FOREVER
            for row in self.batch.changed_rows
        )
        self._seen_tokens += work.seen_tokens
        report.tokens_reused = max(0, self._seen_tokens - report.tokens_embedded)
        self._progress.committed(
            self._source.name, self._documents, self._versions, work.embedded_passages, work.embedded_tokens
        )

    def _foresee(self, fold: Fold) -> None:
        forecast = self.report.forecast
        assert forecast is not None
        forecast.documents += self._documents
        forecast.versions += self._versions
        for embedded, tokens in fold.texts.new_texts.values():
            if embedded not in self._counted:
                self._counted.add(embedded)
                forecast.passages += 1
                forecast.tokens += tokens
        tokens_of = {manifest.no: manifest.tokens for manifest in self.batch.manifests}
        document_of = {version.no: version.document_no for version in self.batch.versions}
        for rendition in self.batch.renditions:
            document_no = document_of.get(rendition.version_no)
            if document_no is not None and rendition.manifest_no in tokens_of:
                self._present[document_no] = tokens_of[rendition.manifest_no]
        forecast.whole_tokens = sum(self._present.values())


def _stays_away(index: Index, document_no: int, change: DocumentChange, purge_no: int) -> str:
    """That what a source shows of a document was purged. Without the names of the document, which were purged as well."""
    state = index.catalog.current()
    purge = state.purge_named(purge_no)
    which = "a new document" if change.document_no is None else f"document {state.document_id(document_no)}"
    return f"{which}: what the source shows of it was purged on {rfc3339(purge.recorded)} and stays away ({purge.id})"
