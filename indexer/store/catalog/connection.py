"""Opening the catalog: pragmas, migrations, and SQLite's errors in words for people."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from indexer.errors import BusyError, DamagedStoreError, NewerSchemaError, StorageFullError, StoreError

_SHARED_MEMORY = 32_768  # bytes: SQLite makes its -shm file in steps of so many
_BUSY_TIMEOUT = 10_000  # [ms] a reader's wait while the writer checkpoints


def migrations() -> list[tuple[int, str]]:
    """Every migration as (schema number, SQL), ascending."""
    folder = resources.files("indexer.store.catalog") / "migrations"
    found = [
        (int(entry.name[:4]), entry.read_text()) for entry in folder.iterdir() if entry.name.endswith(".sql")
    ]
    return sorted(found)


def connect(
    path: Path,
    *,
    create: bool = False,
    migrate: bool = False,
    known: Sequence[tuple[int, str]] | None = None,
) -> sqlite3.Connection:
    """Open the catalog at `path`.

    `create` makes it where it is missing; `migrate` brings an older schema up to date, which only
    the holder of the writer's lock may do. `known` are the migrations, ascending; this release's
    own unless given. Raises `NewerSchemaError`, `DamagedStoreError`,
    `StoreError` where it is missing or older than this release and may not be migrated.
    """
    if not create and not path.exists():
        raise StoreError(
            f"nothing is indexed in {path.parent}", remedy="run `indexer backfill`", code="nothing-indexed"
        )
    with translated(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT}")
            known = known or migrations()
            schema = _schema(connection)
            if schema > known[-1][0]:
                raise NewerSchemaError(
                    f"{path} was written by a newer release (schema {schema}, this one knows {known[-1][0]})",
                    remedy="upgrade indexer, or point data_dir at another folder",
                )
            if schema < known[-1][0]:
                if not (migrate or (create and schema == 0)):
                    raise StoreError(
                        f"{path} was written by an older release (schema {schema} of {known[-1][0]})",
                        remedy="run `indexer backfill` once: it brings the catalog up to date",
                    )
                connection.execute("PRAGMA journal_mode = WAL")
                for number, script in known:
                    if number > schema:
                        _apply(connection, number, script)
            # FULL: a commit that was acknowledged survives a power loss.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            # What is deleted is overwritten, so that nothing of it is left in the file's unused space.
            connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
    return connection


def _schema(connection: sqlite3.Connection) -> int:
    schema: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return schema


def _apply(connection: sqlite3.Connection, number: int, script: str) -> None:
    """Run one migration in one transaction, the schema number with it."""
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _no_room(folder: Path) -> bool:
    """Whether there is no room for the file that readers and writers share, which SQLite reports as an I/O error."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < _SHARED_MEMORY


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours, with the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error, path) from error


def _translate(error: sqlite3.Error, path: Path) -> StoreError | BusyError:
    code = (
        getattr(error, "sqlite_errorcode", None) or 0
    ) & 0xFF  # extended codes carry the primary in the low byte
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _no_room(path.parent)):
        return StorageFullError(
            f"the disk is full: {path.parent}",
            remedy="free some space and run the command again; nothing that was indexed is lost",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError(
            f"another process is writing to {path.parent}", remedy="try again when it has finished"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DamagedStoreError(
            f"the catalog {path} is damaged ({error})",
            remedy="put the data folder back from a backup, or move it away and run `indexer backfill`",
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        return StoreError(
            f"the catalog {path} cannot be used ({error})",
            remedy="check the folder's permissions and the disk",
        )
    if "no such table" in str(error) or "no such column" in str(error):
        return DamagedStoreError(
            f"the catalog {path} lacks a table ({error})",
            remedy="put the data folder back from a backup, or move it away and run `indexer backfill`",
        )
    return StoreError(
        f"the catalog {path} refused a statement ({error})", remedy="run `indexer check --deep`"
    )
