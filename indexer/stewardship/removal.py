"""Carrying out what was asked to be removed for good, stage by stage; each can be begun again.

Order (docs/invariants.md has a line for what each gap leaves behind):

1. catalog        the purge is written down: from here on whoever writes finishes it;
2. passages table written anew without the rows, as a version that nobody opens yet;
3. catalog        one transaction removes everything and publishes that version: readers see it gone;
4. passages table every other file of it is deleted, and so is every other table;
5. originals      those that nothing refers to are deleted;
6. catalog        its file is written anew, without unused space, and its log is emptied.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from indexer.errors import DamagedStoreError, StoreError
from indexer.ingest.index import Index
from indexer.ingest.recovery import Note, nobody
from indexer.model import Published, Row
from indexer.ports import Rewritten, VersionGoneError
from indexer.ports.purges import Clearing, PurgeRecord, PurgeScope, PurgeStage
from indexer.stewardship.reweaving import RowChanges, without

_TABLES: Final = "passages"
_COPIES: Final = "copies"
_STAGING: Final = "staging-*"
"""What connectors need only while they read; one that was killed leaves it behind."""


def finish_interrupted(index: Index, note: Note = nobody) -> None:
    """Carry out what others were asked to remove and did not finish. Costs one look at the catalog if there is nothing."""
    for record in index.catalog.unfinished_purges():
        what = "thinning out by" if record.scope is PurgeScope.RETENTION else "a purge that was asked for by"
        note(f"{what} {record.by} was interrupted: finishing it")
        if not carry_out(index, record, note):
            note("what was purged may be left in unused space of the catalog's file: a reader has it open")


def carry_out(
    index: Index, record: PurgeRecord, note: Note = nobody, *, originals: Collection[str] | None = None
) -> bool:
    """Go on with a purge from the stage at which it is; whether it is finished.

    It is not where a reader kept the catalog's old file in use: then only unused space is left to be
    cleared, and the next writer does it. `originals`: those to delete, where they are known; else all that
    nothing refers to. Raises `StoreError` and its kinds; the next writer goes on then, too.
    """
    stage = record.stage
    if stage is PurgeStage.RECORDED:
        _clear(index, record, note)
        index.step("catalog cleared")
        record, stage = index.catalog.current().purge_named(record.no), PurgeStage.CLEARED
    if stage is PurgeStage.CLEARED:
        _erase_passages(index, record)
        index.step("passages erased")
        _erase_originals(index, originals)
        _erase_copies(index, record)
        index.step("originals erased")
        index.catalog.mark_purge(record.no, PurgeStage.ERASED)
    # What is only thinned out is no secret: its space is used again in time, and nothing is written anew for that.
    if record.scope is not PurgeScope.RETENTION and not index.catalog.compact():
        return False
    index.step("catalog compacted" if record.scope is not PurgeScope.RETENTION else "thinning settled")
    index.catalog.mark_purge(record.no, PurgeStage.FINISHED)
    index.step("purge finished")
    return True


def _clear(index: Index, record: PurgeRecord, note: Note) -> None:
    changes = _changes(index, record)
    whole_source = record.scope is PurgeScope.SOURCE
    clearing = Clearing(
        record.no,
        index.catalog.next_instant(index.clock),
        () if whole_source else sorted(changes.dropped),
        changes.added,
    )
    if changes.dropped or changes.added:
        clearing = _rewritten(index, clearing, changes, note)
    index.step("passages rewritten")
    index.catalog.clear_purge(clearing)


def _changes(index: Index, record: PurgeRecord) -> RowChanges:
    state = index.catalog.current()
    if record.scope is PurgeScope.SOURCE:
        with index.catalog.snapshot() as snapshot:
            return RowChanges(
                frozenset(row.no for row in snapshot.rows() if row.source_no == record.source_no), ()
            )
    dropped: set[int] = set()
    added: list[Row] = []
    next_no = state.next_numbers()["row"]
    for document_no, version_nos in state.purge_targets(record.no).items():
        beliefs = state.beliefs(document_no)
        with index.catalog.snapshot() as snapshot:
            manifests = snapshot.manifest_passages({r.manifest_no for r in beliefs.renditions})
            rows = snapshot.rows(document_no=document_no)
        contents = {no: frozenset(passages) for no, passages in manifests.items()}
        changes = without(beliefs, frozenset(version_nos), contents, rows, next_no + len(added))
        dropped |= changes.dropped
        added += changes.added
    return RowChanges(frozenset(dropped), tuple(added))


def _rewritten(index: Index, clearing: Clearing, changes: RowChanges, note: Note) -> Clearing:
    """`clearing` with the passages table that goes with it: the active one, written anew. All others go."""
    kept: dict[str, Sequence[str]] = {}
    retired: list[str] = []
    published: Published | None = None
    for publication, _, filled_through in index.catalog.publications():
        made: Rewritten | None = None
        if publication.active and filled_through is None:
            store = index.passages(publication.fingerprint, publication.dimension)
            try:
                made = store.rewrite(publication.table_version, _replacing(changes))
            except (DamagedStoreError, VersionGoneError) as error:
                note(f"{error}: the passages table is dropped, and the next backfill makes it anew")
        if made is None:
            retired.append(publication.fingerprint)
            kept[publication.fingerprint] = ()
            continue
        kept[publication.fingerprint] = made.files
        published = Published(
            publication.fingerprint, publication.dimension, made.version, clearing.recorded, active=True
        )
    for path in (index.folder / _TABLES).glob("*.lance"):
        kept.setdefault(path.stem, ())  # of a first commit that never reached the catalog
    return Clearing(
        clearing.purge_no,
        clearing.recorded,
        clearing.dropped_rows,
        clearing.added_rows,
        published,
        retired,
        kept,
    )


def _replacing(changes: RowChanges) -> Callable[[Row], Sequence[Row]]:
    """What stands for a row of the table: new rows stand beside the first that has their passage."""
    waiting: dict[int, list[Row]] = {}
    for row in changes.added:
        waiting.setdefault(row.passage_no, []).append(row)

    def replaced(row: Row) -> Sequence[Row]:
        itself = [] if row.no in changes.dropped else [row]
        return [*itself, *waiting.pop(row.passage_no, ())]

    return replaced


def _erase_passages(index: Index, record: PurgeRecord) -> None:
    for fingerprint, files in record.files.items():
        store = index.passages(fingerprint, 0)
        if files:
            store.keep_only(files)
        else:
            store.drop()


def _erase_originals(index: Index, chosen: Collection[str] | None) -> None:
    """Delete these bytes, or all that nothing refers to, those that an interrupted run left behind included."""
    if chosen is not None:
        index.originals.discard(chosen)
        return
    index.originals.keep_only(set(index.catalog.current().originals()))


def _erase_copies(index: Index, record: PurgeRecord) -> None:
    copies = index.folder / _COPIES
    for leftover in copies.glob(f"**/{_STAGING}"):
        _remove(leftover)
    for folder in set(record.copies) - index.catalog.current().copies():
        place = (index.folder / folder).resolve()
        if place.is_relative_to(copies.resolve()) and place.exists():
            _remove(place)


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise StoreError(
            f"{folder} could not be deleted: {error.strerror}",
            remedy="check the folder's permissions and the disk",
        ) from error
