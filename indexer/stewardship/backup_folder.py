"""The folder of a backup: what lies where in it, what makes it complete, and what of it nobody needs.

    INDEXER-BACKUP          says whose folder it is; written first
    backup.json             names the one complete backup; replaced in one step, last: the commit point
    catalog/ID.sqlite       the catalog of each backup; only the one that is named counts
    passages/HASH           files of the passages table, by the hash of their content
    originals/ab/HASH.zst   as in the data folder

Nothing that `backup.json` names is ever written to again, so that an interrupted backup leaves the one
before it whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from blake3 import blake3

from indexer.errors import BusyError, DamagedStoreError, NewerSchemaError, NotFoundError, UsageError
from indexer.model import Instant, Published
from indexer.store.durable import files_under, make_folder, sync_folder, write_durably
from indexer.store.originals import FileOriginals

FORMAT: Final = 1
_MARK: Final = "INDEXER-BACKUP"
_MARK_TEXT: Final = (
    "This folder is written by `indexer backup` and read by `indexer restore`.\n"
    "What is put here by others is not touched; what belongs to no backup any more is deleted.\n"
)
_NAMES: Final = "backup.json"
_CATALOGS: Final = "catalog"
_PASSAGES: Final = "passages"
_ORIGINALS: Final = "originals"
_UNFINISHED: Final = "unfinished"
_PIECE: Final = 1 << 20
"""Bytes that are read at once."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a backup."""

    path: str
    """Where it belongs, relative to the table's folder; of the catalog: its name in the backup."""
    size: int
    hash: str
    """Of its bytes, 64 digits."""


@dataclass(frozen=True, slots=True)
class Passages:
    """The passages table of a backup."""

    fingerprint: str
    dimension: int
    table_version: int
    recorded: Instant
    files: tuple[StoredFile, ...]

    @property
    def published(self) -> Published:
        """The commit point that it belongs to."""
        return Published(self.fingerprint, self.dimension, self.table_version, self.recorded, active=True)


@dataclass(frozen=True, slots=True)
class Backup:
    """A complete backup, as `backup.json` names it."""

    id: str
    taken: Instant
    recorded: Instant
    """The instant of the last commit that is in it."""
    schema: int
    sources: tuple[str, ...]
    """Marks of its sources, sorted."""
    counts: Mapping[str, int]
    catalog: StoredFile
    passages: Passages | None
    """None: to be made anew from the catalog."""
    missing: tuple[str, ...] = ()
    """Originals that were missing or damaged in the data folder already."""


class BackupFolder:
    """One such folder. Raises `OSError` where the disk fails, unless said otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.originals = FileOriginals(path / _ORIGINALS)

    def prepare(self) -> None:
        """Make it where it is missing. Raises `UsageError` where it is something else."""
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"{self.path} is not a folder", remedy="name a folder for the backup")
        make_folder(self.path)
        if not (self.path / _MARK).exists():
            if any(self.path.iterdir()):
                raise UsageError(
                    f"{self.path} holds something that is no backup",
                    remedy="name an empty folder, one that does not exist yet, or that of an earlier backup",
                )
            write_durably(
                self.path / _MARK, _MARK_TEXT.encode(), temporary=self.path / f"{_MARK}.{_UNFINISHED}"
            )
        for name in (_CATALOGS, _PASSAGES, _ORIGINALS, _UNFINISHED):
            make_folder(self.path / name)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Only one backup at a time is taken into it. Raises `BusyError`. Shares that know no locks are trusted."""
        descriptor = os.open(self.path / _MARK, os.O_RDONLY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError(
                    f"another backup into {self.path} is under way", remedy="try again when it has finished"
                ) from error
            except OSError:
                pass  # a network share without locks
            yield
        finally:
            os.close(descriptor)

    def read(self) -> Backup | None:
        """The complete backup that is there; None if there is none.

        Raises `DamagedStoreError` where it cannot be read, `NewerSchemaError` where a newer release wrote it.
        """
        file = self.path / _NAMES
        try:
            told = json.loads(file.read_bytes())
            if told["format"] > FORMAT:
                raise NewerSchemaError(
                    f"the backup in {self.path} was written by a newer release (format {told['format']}, "
                    f"this one knows {FORMAT})",
                    remedy="upgrade indexer first",
                )
            return _backup(told)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedStoreError(
                f"{file} is damaged ({error})", remedy="take a backup into another folder"
            ) from error

    def require(self) -> Backup:
        """The complete backup that is there. Raises `NotFoundError` if there is none, and as `read` does."""
        backup = self.read() if self.path.is_dir() else None
        if backup is None:
            begun = (self.path / _MARK).exists()
            what = "no backup in it was finished" if begun else "it is no folder that `indexer backup` wrote"
            raise NotFoundError(
                f"there is no backup in {self.path}: {what}", remedy="name another folder", code="no-backup"
            )
        return backup

    def publish(self, backup: Backup) -> None:
        """Make it the complete backup of the folder, in one step; all that it names has to be durable."""
        text = json.dumps({"format": FORMAT, **asdict(backup)}, indent=1)
        write_durably(
            self.path / _NAMES, text.encode(), temporary=self.path / _UNFINISHED / f"{backup.id}.json"
        )

    def catalog_file(self, backup_id: str) -> Path:
        """Where the catalog of a backup is."""
        return self.path / _CATALOGS / f"{backup_id}.sqlite"

    def passage_file(self, file: StoredFile) -> Path:
        """Where a file of the passages table is."""
        return self.path / _PASSAGES / file.hash

    def original_file(self, content_hash: str) -> Path:
        """Where an original is."""
        digits = content_hash.removeprefix("b3:")
        return self.path / _ORIGINALS / digits[:2] / f"{digits[2:]}.zst"

    def take(self, source: Path, target: Path | None = None) -> StoredFile:
        """Copy a file to `target`, or among the files of passages tables, durably. Its `path` is its name.

        Raises `FileNotFoundError` where `source` is gone.
        """
        temporary = self.path / _UNFINISHED / source.name
        digest, size = blake3(), 0
        with open(source, "rb") as read:
            try:
                with open(os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as written:
                    while piece := read.read(_PIECE):
                        digest.update(piece)
                        size += len(piece)
                        written.write(piece)
                    written.flush()
                    os.fsync(written.fileno())
                place = target or self.path / _PASSAGES / digest.hexdigest()
                make_folder(place.parent)
                temporary.replace(place)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
        return StoredFile(source.name, size, digest.hexdigest())

    def sync(self) -> None:
        """Return once the names of all files are on the disk."""
        for folder in {
            self.path / _CATALOGS,
            self.path / _PASSAGES,
            *(self.path / _ORIGINALS).glob("??"),
            self.path / _ORIGINALS,
        }:
            sync_folder(folder)

    def clean(self, kept: Backup | None, originals: Sequence[str]) -> tuple[int, int]:
        """Delete what the backup `kept`, with these originals, does not need: how many files, how many bytes."""
        needed = set(map(self.original_file, originals))
        if kept is not None:
            needed.add(self.catalog_file(kept.id))
            needed |= {self.passage_file(file) for file in (kept.passages.files if kept.passages else ())}
        files = size = 0
        for name in (_CATALOGS, _PASSAGES, _ORIGINALS, _UNFINISHED):
            for file in list(files_under(self.path / name)):
                if file not in needed:
                    size += file.stat().st_size
                    file.unlink()
                    files += 1
        return files, size


def hash_of(file: Path) -> str:
    """The hash of a file's bytes, 64 digits."""
    digest = blake3()
    with open(file, "rb") as read:
        while piece := read.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _backup(told: Mapping[str, Any]) -> Backup:
    passages = told["passages"]
    named = [
        told["id"],
        *([passages["fingerprint"], *(f["path"] for f in passages["files"])] if passages else ()),
    ]
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in named):
        raise ValueError("it names files outside the folder")
    return Backup(
        id=told["id"],
        taken=told["taken"],
        recorded=told["recorded"],
        schema=told["schema"],
        sources=tuple(told["sources"]),
        counts=told["counts"],
        catalog=StoredFile(**told["catalog"]),
        passages=None
        if passages is None
        else Passages(**{**passages, "files": tuple(StoredFile(**file) for file in passages["files"])}),
        missing=tuple(told["missing"]),
    )
