"""Whether the passages table is the projection of the catalog's rows that it must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.check.report import CheckReport
from indexer.errors import EmbeddingError
from indexer.ingest.index import Index
from indexer.model import Published, Row
from indexer.ports import PassageSnapshot, StoredPassage, Vector, VersionGoneError
from indexer.ports.catalog import CatalogSnapshot as Snapshot

_REMEDY = "run `indexer rebuild`"
_LENGTH_TOLERANCE = 1e-3
_SAMPLE = 32
"""Texts that are embedded again and compared, spread evenly over the table."""
_LEAST_COSINE = 0.999

Sample = dict[int, tuple[str, Vector]]
"""Row number → its embedded text and its vector."""


@dataclass(frozen=True, slots=True)
class Projected:
    """What the passages table has to hold."""

    rows: Mapping[int, Row]
    """By number."""
    texts: Mapping[int, str]
    """Passage number → what is embedded of it."""

    @classmethod
    def read(cls, snapshot: Snapshot) -> Projected:
        """What the catalog says of it."""
        rows = {row.no: row for row in snapshot.rows()}
        passages = snapshot.passages({row.passage_no for row in rows.values()})
        return cls(rows, {no: passage.embedded for no, passage in passages.items()})


def check_table(index: Index, published: Published | None, report: CheckReport) -> None:
    """Compare every row of the published table with the catalog, texts and vectors included."""
    with index.catalog.snapshot() as snapshot:
        projected = Projected.read(snapshot)
    if published is None:
        if projected.rows:
            report.add("exact", "passages table", f"none is published — {_REMEDY}")
        return
    store = index.passages(published.fingerprint, published.dimension)
    try:
        sample = compare_rows(store.at(published.table_version), projected, report)
    except VersionGoneError:
        report.add("exact", "passages table", f"the published version is gone — {_REMEDY}")
        return
    if published.fingerprint == index.embedder.fingerprint:
        _check_sample(index, sample, report)


def compare_rows(table: PassageSnapshot, projected: Projected, report: CheckReport) -> Sample:
    """Hold every row of `table` against the catalog; some of their texts, with their vectors, to embed again.

    Raises `VersionGoneError` and `DamagedStoreError`.
    """
    rows, texts = projected.rows, projected.texts
    vectors: dict[int, Vector] = {}
    seen: set[int] = set()
    sample: Sample = {}
    spacing = max(1, len(rows) // _SAMPLE)
    for batch in table.scan():
        for stored in batch:
            if stored.row.no in seen:
                report.add("exact", f"row {stored.row.no}", f"stands twice in the passages table — {_REMEDY}")
            seen.add(stored.row.no)
            _check_row(stored, rows.get(stored.row.no), texts, vectors, report)
            if stored.row.no % spacing == 0:
                sample[stored.row.no] = (stored.embedded, stored.vector)
    for no in sorted(rows.keys() - seen):
        report.add("exact", f"row {no}", f"is missing in the passages table — {_REMEDY}")
    return sample


def _check_row(
    stored: StoredPassage,
    row: Row | None,
    texts: Mapping[int, str],
    vectors: dict[int, Vector],
    report: CheckReport,
) -> None:
    where = f"row {stored.row.no}"
    if row is None:
        report.add("exact", where, f"is in the passages table only — {_REMEDY}")
        return
    if stored.row != row:
        report.add("exact", where, f"differs between the passages table and the catalog — {_REMEDY}")
    if stored.embedded != texts.get(row.passage_no):
        report.add("exact", where, f"has another text in the passages table — {_REMEDY}")
    vector = stored.vector
    length = float(vector @ vector) ** 0.5
    if not abs(length - 1) <= _LENGTH_TOLERANCE:  # also true of NaN
        report.add("exact", where, f"its vector has length {length:.3f} instead of 1 — {_REMEDY}")
    other = vectors.setdefault(row.embed_no, vector)
    if other is not vector and not (other == vector).all():
        report.add("minimal", where, f"an equal text has another vector — {_REMEDY}")


def _check_sample(index: Index, sample: Sample, report: CheckReport) -> None:
    if not sample:
        return
    try:
        again = index.embedder.embed([text for text, _ in sample.values()])
    except EmbeddingError as error:
        report.add("exact", "embedding model", str(error))
        return
    for (no, (_, vector)), fresh in zip(sample.items(), again, strict=True):
        if float(vector @ fresh) < _LEAST_COSINE:
            report.add("exact", f"row {no}", f"its vector is not the one that its text has — {_REMEDY}")
