"""The commit protocol: embed, write the passages table, then commit the catalog.

Order (docs/invariants.md has a line for what each gap leaves behind):

1. originals      were put by the reading side: content-addressed, so a crash leaves harmless bytes;
2. passages table one commit, invisible until published; recovery takes it back;
3. catalog        one transaction, with the published number: the sole commit point.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

from indexer.errors import StoreError
from indexer.ingest.embedding_ahead import EmbeddingAhead
from indexer.ingest.index import Index
from indexer.ingest.recovery import Note, nobody, recover
from indexer.ingest.texts import TextBook
from indexer.model import Instant, Published, Row
from indexer.ports import PassageStore, StoredPassage, UpkeepDue, Vector
from indexer.ports.batch import Batch, Placement

_FIRST_UPKEEP: Final = 32
"""Commits of one run after which the table is looked after for the first time; about 8,000 passages."""


class Writer:
    """Commits batches, one after another. Made once for a run; recovers before its first table write."""

    def __init__(self, index: Index, note: Note = nobody, *, upkeep: bool = True) -> None:
        """`upkeep`: look after the table during a long run; else somebody calls `upkeep` in good time."""
        self._index = index
        self._note = note
        self._table: PassageStore | None = None
        self.ahead = EmbeddingAhead(index.embedder, index.depths)
        """What the next commits will want embedded."""
        self.committed = 0
        """How many batches this run committed."""
        self._next_upkeep: float = _FIRST_UPKEEP if upkeep else float("inf")

    def recover(self) -> PassageStore:
        """The passages table, level with the catalog: recovered at the first call, and after commits that failed half-way.

        Those may have been anybody's: whoever else writes to the table in this process, or this writer itself, when the
        disk was full for the catalog and not for the table.
        """
        if self._table is None or not self._is_level(self._table):
            self._table = recover(self._index, self._note)
            self._index.step("recovered")
        return self._table

    def _is_level(self, table: PassageStore) -> bool:
        """Whether the table's newest version is the published one. Costs about a millisecond."""
        fingerprint = self._index.embedder.fingerprint
        published = next(
            (
                p.table_version
                for p, _, _ in self._index.catalog.publications()
                if p.fingerprint == fingerprint
            ),
            None,
        )
        return table.newest() == published

    def commit(self, batch: Batch, texts: TextBook) -> None:
        """Make `batch` durable and visible, all at once. Does nothing for an empty one.

        Raises `StorageFullError`, `StoreError`, `EmbeddingError`; then nothing of it is visible.
        """
        if batch.empty:
            return
        if batch.changes_passages:
            table = self.recover()
            searched = self._searched(table, batch, texts)
            self._index.step("embedded")
            self._date(batch)
            stored = [StoredPassage(row, *searched[row.no]) for row in batch.rows]
            version = table.commit(stored, batch.changed_rows)
            self._index.step("passages written")
            embedder = self._index.embedder
            batch.published = Published(
                embedder.fingerprint, embedder.dimension, version, batch.recorded, active=True
            )
        else:
            self._date(batch)
        self._index.catalog.commit(batch)
        self.committed += 1
        self._index.step("catalog committed")
        if self.committed >= self._next_upkeep:
            # Searches during a long run read in full what no index covers yet. A refresh costs in
            # proportion to the table, so that the pauses between two grow with it.
            self._next_upkeep = self.committed + max(_FIRST_UPKEEP, self.committed // 4)
            self.upkeep()

    def upkeep_due(self) -> UpkeepDue:
        """Whether the table is to be looked after. Recovers it first, and raises what that raises."""
        return self.recover().upkeep_due()

    def upkeep(self) -> bool:
        """Compact where it pays, publish what that made, then prune what nobody can be reading; whether that came to its end.

        What fails of it is noted and tried again next time: indexing is not affected.
        """
        try:
            self._keep_up()
        except StoreError as error:
            self._note(f"upkeep of the passages table failed and is tried again next time: {error}")
            return False
        return True

    def _keep_up(self) -> None:
        table = self._table
        if table is None or not table.upkeep_due():
            return
        version = table.compact()
        self._index.step("compacted")
        catalog, embedder = self._index.catalog, self._index.embedder
        with catalog.snapshot() as snapshot:
            recorded = snapshot.recorded
        catalog.publish(Published(embedder.fingerprint, embedder.dimension, version, recorded, active=True))
        self._index.step("compaction published")
        for published, previous, _ in catalog.publications():
            if published.fingerprint == embedder.fingerprint:
                table.prune(keep=[v for v in (published.table_version, previous) if v is not None])
        self._index.step("pruned")

    def _date(self, batch: Batch) -> None:
        """Date the batch as late as can be: reading and embedding took their time.

        A batch that is dated when it was begun would change what was believed in the meantime, and
        somebody may have asked for that already.
        """
        then, now = batch.recorded, self._index.catalog.next_instant(self._index.clock)
        batch.recorded = now
        batch.rows = [dated(row, then, now) for row in batch.rows]
        batch.changed_rows = [dated(row, then, now) for row in batch.changed_rows]
        batch.placements = [dated(placement, then, now) for placement in batch.placements]
        batch.changed_placements = [dated(placement, then, now) for placement in batch.changed_placements]
        if batch.source.last_change is not None:
            batch.source.last_change = now

    def _searched(self, table: PassageStore, batch: Batch, texts: TextBook) -> dict[int, tuple[str, Vector]]:
        """Row number → what is searched of it: a text that was ever committed is not embedded again."""
        if not batch.rows:
            return {}
        wanted = {row.embed_no for row in batch.rows}
        vectors = table.vectors(sorted(wanted - texts.new_texts.keys()))
        embedded = dict(texts.embedded)
        foreign = {row.passage_no for row in batch.rows} - embedded.keys()
        if foreign:
            with self._index.catalog.snapshot() as snapshot:
                embedded.update((no, p.embedded) for no, p in snapshot.passages(foreign).items())
        missing: dict[int, str] = {}
        for row in batch.rows:
            if row.embed_no not in vectors:
                missing[row.embed_no] = embedded[row.passage_no]
        vectors.update(self._embed(batch, missing, texts))
        return {row.no: (embedded[row.passage_no], vectors[row.embed_no]) for row in batch.rows}

    def _embed(self, batch: Batch, missing: dict[int, str], texts: TextBook) -> dict[int, Vector]:
        if not missing:
            return {}
        made = self.ahead.take(list(missing.values()))
        batch.work.embedded_passages += len(missing)
        batch.work.embedded_tokens += self._tokens(missing, texts)
        return dict(zip(missing, made, strict=True))

    def _tokens(self, missing: dict[int, str], texts: TextBook) -> int:
        counted = {no: texts.new_texts[no][1] for no in missing if no in texts.new_texts}
        others = [text for no, text in missing.items() if no not in counted]
        return sum(counted.values()) + sum(self._index.embedder.counter.count(others))


_Dated = TypeVar("_Dated", Row, Placement)


def dated(belief: _Dated, then: Instant, now: Instant) -> _Dated:
    """The belief with `now` wherever it says that something was recorded at `then`."""
    return replace(
        belief,
        recorded_from=now if belief.recorded_from == then else belief.recorded_from,
        recorded_to=now if belief.recorded_to == then else belief.recorded_to,
        closed_recorded=now if belief.closed_recorded == then else belief.closed_recorded,
    )
