"""`restore`: a backup becomes the data folder again, after everything in it was verified.

Order; a restore that dies leaves a folder that the next one begins anew, and that is no index:

1. everything in the backup is held against its hash, before anything is written;
2. originals and passages are copied;
3. the catalog is copied and renamed into place: from here on there is an index;
4. the passages table is held against the catalog, row by row; one that differs is dropped, and made anew
   by the next backfill.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from indexer.check.report import CheckReport
from indexer.check.table import Projected, compare_rows
from indexer.clock import Clock
from indexer.errors import DamagedStoreError, StorageFullError, StoreError, UsageError
from indexer.ports import VersionGoneError
from indexer.stewardship.backup_folder import Backup, BackupFolder, Passages, hash_of
from indexer.store.catalog.catalog import FILE_NAME, Catalog
from indexer.store.catalog.copying import CatalogFacts, catalog_facts, prepare_copy
from indexer.store.durable import is_full, make_folder, sync_folder, sync_new
from indexer.store.lock import FILE_NAME as LOCK
from indexer.store.lock import writer_lock

_MARK: Final = "unfinished-restore"
"""Stands in a data folder while it is restored; last to go."""
_PASSAGES: Final = "passages"
_ORIGINALS: Final = "originals"
_SHOWN: Final = 3
_UNFINISHED_CATALOG: Final = f"{FILE_NAME}.unfinished"

Note = Callable[[str], None]
Step = Callable[[str], None]


def _nothing(_text: str) -> None:
    """Nobody listens, and nothing happens between two steps."""


@dataclass(slots=True)
class RestoreReport:
    """What was restored."""

    backup: Backup
    originals: int = 0
    passages: bool = False
    """Whether the passages table came with it; else the next backfill makes it anew."""
    lost: tuple[str, ...] = ()
    """Originals that are damaged or missing in the backup, and were left out."""
    remarks: list[str] = field(default_factory=list)
    seconds: float = 0.0


def restore(
    source: Path,
    folder: Path,
    clock: Clock,
    *,
    accept_losses: bool = False,
    note: Note = _nothing,
    step: Step = _nothing,
) -> RestoreReport:
    """Make `folder`, which is missing or empty, what the backup in `source` holds.

    `accept_losses`: originals that are damaged or missing in the backup are left out; texts and answers do
    not depend on them. Raises `UsageError` where there is something in `folder` already, `NotFoundError`
    where there is no complete backup, `DamagedStoreError` where it is damaged, `NewerSchemaError` where a
    newer release wrote it, `BusyError`, `StorageFullError` and `StoreError`.
    """
    began = clock.monotonic()
    place = BackupFolder(source)
    try:
        backup = place.require()
        _require_empty(folder)
        report, facts = _verified(place, backup, accept_losses, note)
        step("verified")
        make_folder(folder)
        with writer_lock(folder, clock):
            # Once more: verifying takes its time, and somebody may have made an index there meanwhile.
            _require_empty(folder)
            _begin(folder)
            _copy(place, folder, report, facts, step)
            _settle(folder, report, clock, note, step)
            (folder / _MARK).unlink()
            sync_folder(folder)
    except OSError as error:
        raise _failed(folder, source, error) from error
    report.seconds = clock.monotonic() - began
    return report


def taken_over(folder: Path) -> None:
    """Somebody writes to the index in `folder`: a restore that was interrupted is not begun anew over that.

    Only for the holder of the writer's lock.
    """
    (folder / _MARK).unlink(missing_ok=True)


def _require_empty(folder: Path) -> None:
    """Raise `UsageError` if there is anything in `folder` that an interrupted restore did not put there."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"data_dir {folder} is not a folder", remedy="set data_dir to another place")
    if not folder.exists() or (folder / _MARK).exists():
        return
    found = sorted(entry.name for entry in folder.iterdir() if entry.name != LOCK)
    if found:
        shown = ", ".join(found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        raise UsageError(
            f"the data folder {folder} is not empty ({shown})",
            remedy="move it away first, or set data_dir to another folder: nothing is overwritten",
        )


def _verified(
    place: BackupFolder, backup: Backup, accept_losses: bool, note: Note
) -> tuple[RestoreReport, CatalogFacts]:
    """Hold everything in the backup against its hash. Raises `DamagedStoreError` and `NewerSchemaError`."""
    catalog = place.catalog_file(backup.id)
    if not catalog.is_file() or hash_of(catalog) != backup.catalog.hash:
        raise DamagedStoreError(
            f"the catalog of the backup, {catalog}, is {'damaged' if catalog.is_file() else 'missing'}",
            remedy="restore from another backup: without it nothing can be told of the rest",
        )
    facts = catalog_facts(catalog)
    report = RestoreReport(backup)
    if backup.passages is None:
        report.remarks.append("the backup holds no passages: the next `indexer backfill` makes them anew")
    elif damaged := _damaged_passages(place, backup.passages):
        report.remarks.append(
            f"the passages of the backup are damaged ({damaged}): "
            "the next `indexer backfill` makes them anew from the catalog, which embeds each once"
        )
    else:
        report.passages = True
    lost = sorted(set(_damaged_originals(place, facts)) - set(backup.missing))
    if lost and not accept_losses:
        shown = ", ".join(lost[:_SHOWN]) + (" …" if len(lost) > _SHOWN else "")
        raise DamagedStoreError(
            f"{len(lost)} originals in the backup {place.path} are damaged or missing ({shown})",
            remedy="restore from another backup, or add --accept-losses: texts and answers do not depend on them",
        )
    report.lost = (*backup.missing, *lost)
    if report.lost:
        report.remarks.append(f"{len(report.lost)} originals are damaged or missing in the backup")
    for remark in report.remarks:
        note(remark)
    return report, facts


def _damaged_passages(place: BackupFolder, passages: Passages) -> str | None:
    """The first file of the table that is not what it was."""
    for file in passages.files:
        stored = place.passage_file(file)
        if not stored.is_file() or stored.stat().st_size != file.size or hash_of(stored) != file.hash:
            return file.path
    return None


def _damaged_originals(place: BackupFolder, facts: CatalogFacts) -> Iterator[str]:
    for content_hash in facts.originals:
        try:
            if place.originals.get(content_hash) is None:
                yield content_hash
        except DamagedStoreError:
            yield content_hash


def _begin(folder: Path) -> None:
    """Mark the folder, then remove what an interrupted restore left in it."""
    (folder / _MARK).touch(mode=0o600)
    sync_folder(folder)
    for entry in folder.iterdir():
        if entry.name in (_MARK, LOCK):
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _copy(place: BackupFolder, folder: Path, report: RestoreReport, facts: CatalogFacts, step: Step) -> None:
    new: list[Path] = []
    lost = set(report.lost)
    for content_hash in facts.originals:
        if content_hash not in lost:
            stored = place.original_file(content_hash)
            new.append(_copied(stored, folder / _ORIGINALS / stored.parent.name / stored.name))
            report.originals += 1
    step("originals restored")
    passages = report.backup.passages
    if report.passages and passages is not None:
        table = folder / _PASSAGES / f"{passages.fingerprint}.lance"
        new += [_copied(place.passage_file(file), table / file.path) for file in passages.files]
    step("passages restored")
    sync_new(folder, new)
    copy = _copied(place.catalog_file(report.backup.id), folder / _UNFINISHED_CATALOG)
    prepare_copy(copy, passages.published if report.passages and passages is not None else None)
    for leftover in ("-wal", "-shm"):
        Path(f"{copy}{leftover}").unlink(missing_ok=True)
    step("catalog prepared")
    copy.replace(folder / FILE_NAME)
    sync_folder(folder)
    step("catalog restored")


def _copied(source: Path, target: Path) -> Path:
    make_folder(target.parent)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    return target


def _settle(folder: Path, report: RestoreReport, clock: Clock, note: Note, step: Step) -> None:
    """Bring the catalog to this release's schema, and hold the passages against it."""
    from indexer.store.passages import LancePassages

    with Catalog(folder, migrate=True) as catalog:
        passages = report.backup.passages
        if not report.passages or passages is None:
            return
        store = LancePassages(folder / _PASSAGES, passages.fingerprint, passages.dimension, clock=clock)
        found = CheckReport()
        try:
            with catalog.snapshot() as snapshot:
                compare_rows(store.at(passages.table_version), Projected.read(snapshot), found)
        except (DamagedStoreError, VersionGoneError) as error:
            found.add("exact", "passages table", str(error))
        if found.ok:
            return
        remark = (
            f"the restored passages are not those of the catalog ({found.problems[0].detail}): "
            "the next `indexer backfill` makes them anew from the catalog, which embeds each once"
        )
        report.passages = False
        report.remarks.append(remark)
        note(remark)
        catalog.unpublish(passages.fingerprint)
        step("unpublished")
        store.drop()


def _failed(folder: Path, source: Path, error: OSError) -> StoreError:
    if is_full(error):
        return StorageFullError(
            f"the disk is full: {folder}",
            remedy="free some space, then restore again: it begins anew, and the backup is untouched",
        )
    return StoreError(
        f"{source} could not be restored to {folder} ({error.strerror}: {error.filename})",
        remedy="check the permissions of both folders and the disks, then restore again",
    )
