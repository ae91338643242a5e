"""Bringing the passages table level with the catalog: after a crash, a loss, or a change of model.

The catalog is the truth. A table that is newer than what was published is taken back; one that is
missing, unreadable or of another model is filled from the catalog, which costs embeddings only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from indexer.errors import DamagedStoreError
from indexer.ingest.index import Index
from indexer.model import FOREVER, Instant, Published, Row
from indexer.ports import PassageStore, StoredPassage, VersionGoneError

Note = Callable[[str], None]


def nobody(_message: str) -> None:
    """Without a listener, notes go nowhere; what they tell is in the result as well."""


def recover(index: Index, note: Note = nobody) -> PassageStore:
    """The table of the configured model, holding exactly what the catalog has published.

    Called before the first table write of a run, never on an idle one.
    """
    table = index.table()
    fingerprint, dimension = index.embedder.fingerprint, index.embedder.dimension
    publication = next(
        (entry for entry in index.catalog.publications() if entry[0].fingerprint == fingerprint), None
    )
    if publication is None:
        table.drop()  # a first commit that never reached the catalog
        return fill(index, note=note)
    published, _, filled_through = publication
    try:
        newest = table.newest()
        if newest is None or newest < published.table_version:
            raise DamagedStoreError(
                f"the passages table {fingerprint} is missing", remedy="run `indexer rebuild`"
            )
        next(table.at(published.table_version).scan(batch=1), None)  # opening it reads none of its data
    except (DamagedStoreError, VersionGoneError) as error:
        what = error.message if isinstance(error, DamagedStoreError) else str(error)
        note(f"{what}: filling it again from the catalog, which embeds every passage once")
        return rebuild(index, note=note)
    if newest > published.table_version:
        version = table.restore(published.table_version)
        index.step("restored")
        index.catalog.publish(
            Published(fingerprint, dimension, version, published.recorded, published.active), filled_through
        )
    if filled_through is not None or not published.active:
        # A table that was level once and then retired lacks only what was recorded since.
        through = FOREVER if filled_through is None else filled_through
        return fill(index, resume=(published.recorded, through), note=note)
    return table


def needs_filling(index: Index) -> bool:
    """Whether the active table is of another model, or one that is only partly filled. Loads no table."""
    publications = index.catalog.publications()
    if not publications:
        # A rebuild that was stopped has forgotten its table already; a new index has no rows.
        return index.catalog.current().next_numbers()["row"] > 1
    fingerprint = index.embedder.fingerprint
    return not any(
        p.fingerprint == fingerprint and p.active and through is None for p, _, through in publications
    )


def rebuild(index: Index, note: Note = nobody) -> PassageStore:
    """Make the passages table anew from the catalog. Readers keep none of the old one."""
    index.catalog.unpublish(index.embedder.fingerprint)
    index.step("unpublished")
    index.table().drop()
    index.step("dropped")
    return fill(index, note=note)


def fill(index: Index, *, resume: tuple[Instant, int] | None = None, note: Note = nobody) -> PassageStore:
    """Copy every row of the catalog into the configured model's table, then make that the active one.

    Goes on where an earlier fill was interrupted: `resume` is the instant at which that began and
    the last row that it copied. The former model's table stays until this one has caught up.
    """
    table = index.table()
    fingerprint, dimension = index.embedder.fingerprint, index.embedder.dimension
    with index.catalog.snapshot() as snapshot:
        now = snapshot.recorded
    began, through = resume or (0, 0)
    version: int | None = None
    if resume is not None:
        for rows in _batches(index, began, 0):
            copied = [row for row in rows if row.no <= through]
            if copied:
                version = _copy(index, table, copied)
            if len(copied) < len(rows):
                break
    for rows in _batches(index, 0, through):
        if version is None and through == 0:
            note("filling the passages table of this model from the catalog")
        version = _copy(index, table, rows)
        through = rows[-1].no
        index.step("filled a part")
        index.catalog.publish(Published(fingerprint, dimension, version, began or now, active=False), through)
    newest = version if version is not None else table.newest()
    if newest is not None:
        index.catalog.publish(Published(fingerprint, dimension, newest, now, active=True))
        index.step("filled")
    return table


def _batches(index: Index, since: Instant, after_no: int) -> Iterator[list[Row]]:
    while True:
        with index.catalog.recorded() as state:
            rows = state.rows_changed_since(since, after_no, index.limits.batch_passages)
        if not rows:
            return
        yield rows
        after_no = rows[-1].no


def _copy(index: Index, table: PassageStore, rows: list[Row]) -> int:
    """Write rows with their texts and vectors, embedding what the table does not hold."""
    with index.catalog.snapshot() as snapshot:
        passages = snapshot.passages(row.passage_no for row in rows)
    vectors = table.vectors(sorted({row.embed_no for row in rows})) if table.newest() is not None else {}
    missing = {row.embed_no: passages[row.passage_no].embedded for row in rows if row.embed_no not in vectors}
    if missing:
        vectors.update(zip(missing, index.embedder.embed(list(missing.values())), strict=True))
    return table.commit(
        [StoredPassage(row, passages[row.passage_no].embedded, vectors[row.embed_no]) for row in rows], []
    )
