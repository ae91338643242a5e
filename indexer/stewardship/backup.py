"""`backup`: a consistent copy of catalog, passages and originals in a folder, also while another process writes.

No lock of the data folder is taken. The catalog is copied first, as it stands at one instant; it says
which version of the passages table and which originals belong to it. Order:

1. the catalog, under a new name;
2. the files of the passages table's version, and the originals, that the folder does not have yet;
3. `backup.json` is replaced: from here on this is the backup of the folder;
4. what only the backup before it needed is deleted.

Upkeep or a purge may take away what step 2 is about to copy; then all of it is taken again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from indexer.clock import Clock
from indexer.errors import BusyError, DamagedStoreError, StorageFullError, StoreError, UsageError
from indexer.ports import VersionGoneError
from indexer.stewardship.backup_folder import Backup, BackupFolder, Passages, StoredFile, hash_of
from indexer.store.catalog.catalog import FILE_NAME, Catalog
from indexer.store.catalog.copying import CatalogFacts, catalog_facts, copy_catalog
from indexer.store.durable import is_full
from indexer.store.originals import FileOriginals
from indexer.store.passages.version_files import version_files

_ATTEMPTS: Final = 5
_PASSAGES: Final = "passages"
_ORIGINALS: Final = "originals"
_NAMED_AGAIN: Final = "_versions/"
"""Files below it may be written again under the same name; all others of a passages table never are."""

Note = Callable[[str], None]
Step = Callable[[str], None]


def _nothing(_text: str) -> None:
    """Nobody listens, and nothing happens between two steps."""


@dataclass(slots=True)
class BackupReport:
    """What a backup did."""

    backup: Backup
    copied_files: int = 0
    copied_bytes: int = 0
    reused_files: int = 0
    """Files that the folder had already."""
    removed_files: int = 0
    removed_bytes: int = 0
    seconds: float = 0.0


class _OutdatedError(Exception):
    """What belongs to the copy of the catalog was taken away meanwhile."""


def back_up(
    folder: Path, target: Path, clock: Clock, note: Note = _nothing, step: Step = _nothing
) -> BackupReport:
    """Bring the backup in `target` up to date with the data folder `folder`.

    `step` is called between the steps, as in `Index`. Raises `UsageError` where `target` cannot be one,
    `BusyError` where another backup goes into it, or the index changes faster than it is copied,
    `StorageFullError` (the earlier backup stays whole) and `StoreError` with its kinds.
    """
    _require_apart(folder, target)
    Catalog(folder).close()  # says it in plain words where there is no index
    began = clock.monotonic()
    place = BackupFolder(target)
    try:
        place.prepare()
        with place.alone():
            report = _Taking(folder, place, clock, note, step).run()
    except OSError as error:
        raise _unwritten(target, error) from error
    report.seconds = clock.monotonic() - began
    return report


class _Taking:
    def __init__(self, folder: Path, place: BackupFolder, clock: Clock, note: Note, step: Step) -> None:
        self._folder = folder
        self._place = place
        self._clock = clock
        self._note = note
        self._step = step
        self._had: Backup | None = None
        self._pool: dict[str, StoredFile] = {}

    def run(self) -> BackupReport:
        try:
            self._had = self._place.read()
        except DamagedStoreError as error:
            self._note(f"{error.message}: a new backup takes its place")
        try:
            for _ in range(_ATTEMPTS):
                try:
                    return self._attempt()
                except _OutdatedError:
                    self._note("the index was cleaned up meanwhile: taking the copy again")
        except (OSError, StoreError) as error:
            if isinstance(error, StorageFullError) or is_full(error):
                self._clean_up(self._had)
            raise
        raise BusyError(
            f"{self._folder} changed again and again while it was copied",
            remedy="try again when less is written to it, or what is purged is finished",
        )

    def _attempt(self) -> BackupReport:
        backup_id = self._clock.draw_id("b")
        copy = self._place.catalog_file(backup_id)
        copy_catalog((self._folder / FILE_NAME).absolute(), copy)
        self._step("catalog copied")
        facts = catalog_facts(copy)
        self._require_same_index(facts)
        backup = Backup(
            backup_id, self._clock.now(), facts.recorded, facts.schema, tuple(sorted(facts.sources)),
            facts.counts, _stored(copy), None,
        )  # fmt: skip
        report = BackupReport(backup, copied_files=1, copied_bytes=backup.catalog.size)
        passages = self._copy_passages(facts, report)
        self._step("passages copied")
        missing = self._copy_originals(facts, report)
        self._step("originals copied")
        self._place.sync()
        self._require_unpurged(facts)
        report.backup = replace(backup, passages=passages, missing=tuple(missing))
        self._place.publish(report.backup)
        self._step("backup named")
        report.removed_files, report.removed_bytes = self._place.clean(report.backup, facts.originals)
        self._step("remains deleted")
        return report

    def _copy_passages(self, facts: CatalogFacts, report: BackupReport) -> Passages | None:
        published = facts.published
        if published is None:
            return None
        table = self._folder / _PASSAGES / f"{published.fingerprint}.lance"
        known = self._known(published.fingerprint)
        files: list[StoredFile] = []
        try:
            for path in version_files(table, published.table_version):
                had = known.get(path)
                size = (table / path).stat().st_size
                if had is not None and had.size == size and not path.startswith(_NAMED_AGAIN):
                    report.reused_files += 1
                    files.append(had)
                    continue
                taken = replace(self._place.take(table / path), path=path)
                files.append(taken)
                report.copied_files += 1
                report.copied_bytes += taken.size
                self._step("a file copied")
        except (VersionGoneError, FileNotFoundError) as error:
            if self._present() != published:
                raise _OutdatedError from error
            self._note(f"the passages table is damaged ({error}) and is left out: `indexer rebuild` mends it")
            return None
        except DamagedStoreError as error:
            self._note(
                f"{error.message}: the passages table is left out, and made anew when this is restored"
            )
            return None
        return Passages(
            published.fingerprint, published.dimension, published.table_version, published.recorded,
            tuple(files),
        )  # fmt: skip

    def _known(self, fingerprint: str) -> dict[str, StoredFile]:
        """The files of the table that the folder has already, by path."""
        had = self._had.passages if self._had else None
        if had is None or had.fingerprint != fingerprint:
            return {}
        return {file.path: file for file in had.files if _size(self._place.passage_file(file)) == file.size}

    def _copy_originals(self, facts: CatalogFacts, report: BackupReport) -> list[str]:
        """The hashes of those that are missing or damaged in the data folder."""
        live, held = FileOriginals(self._folder / _ORIGINALS), set(self._place.originals.hashes())
        missing: list[str] = []
        for content_hash in facts.originals:
            if content_hash in held:
                report.reused_files += 1
                continue
            try:
                whole = live.get(content_hash) is not None
            except DamagedStoreError:
                whole = False
            if not whole:
                missing.append(content_hash)
                continue
            try:
                taken = self._place.take(live.path_of(content_hash), self._place.original_file(content_hash))
            except FileNotFoundError:
                missing.append(content_hash)
                continue
            report.copied_files += 1
            report.copied_bytes += taken.size
            self._step("an original copied")
        if missing:
            self._require_unpurged(facts)
            self._note(
                f"{len(missing)} originals are missing or damaged in {self._folder} and are not in the backup: "
                "`indexer check --deep` lists them"
            )
        return missing

    def _require_unpurged(self, facts: CatalogFacts) -> None:
        """Raise `_OutdatedError` if something was removed for good since: a backup must not bring it back."""
        with Catalog(self._folder) as catalog:
            if catalog.current().purges() != facts.purges:
                raise _OutdatedError

    def _present(self) -> object:
        with Catalog(self._folder) as catalog, catalog.snapshot() as snapshot:
            return snapshot.published()

    def _require_same_index(self, facts: CatalogFacts) -> None:
        had = set(self._had.sources) if self._had else set()
        if had and facts.sources and not had & facts.sources:
            raise UsageError(
                f"{self._place.path} holds the backup of another index",
                remedy="name a folder of its own for each index",
            )

    def _clean_up(self, had: Backup | None) -> None:
        """Give back the space that a backup took which came to nothing."""
        try:
            originals = catalog_facts(self._place.catalog_file(had.id)).originals if had else ()
            self._place.clean(had, originals)
        except (OSError, StoreError) as error:
            self._note(f"what the backup had copied could not be deleted again: {error}")


def _require_apart(folder: Path, target: Path) -> None:
    inner, outer = target.resolve(), folder.resolve()
    if inner.is_relative_to(outer):
        raise UsageError(
            f"{target} lies in the data folder {folder}, and would be lost with it",
            remedy="name a folder elsewhere, best on another disk",
        )


def _stored(copy: Path) -> StoredFile:
    return StoredFile(copy.name, copy.stat().st_size, hash_of(copy))


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None


def _unwritten(target: Path, error: OSError) -> StoreError:
    if is_full(error):
        return StorageFullError(
            f"the disk is full: {target}",
            remedy="free some space, then run again; the earlier backup in it is whole",
        )
    return StoreError(
        f"the backup in {target} could not be written ({error.strerror}: {error.filename})",
        remedy="check the folder's permissions and the disk; an earlier backup in it is whole",
    )
