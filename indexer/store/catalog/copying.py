"""A consistent copy of the catalog, taken while another process may write to it, and what such a copy says."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import DamagedStoreError, NewerSchemaError, StorageFullError
from indexer.model import Instant, Published
from indexer.store.catalog.connection import migrations, translated
from indexer.store.catalog.purging import source_mark
from indexer.store.durable import sync_file


@dataclass(frozen=True, slots=True)
class CatalogFacts:
    """What a copy of the catalog says, as far as a backup has to know it."""

    schema: int
    recorded: Instant
    """The instant of the last commit that is in it."""
    published: Published | None
    """The passages table that belongs to it, if that is complete."""
    originals: tuple[str, ...]
    """Hashes of the bytes that it says are kept."""
    sources: frozenset[str]
    """Marks of the sources in it, by which copies of one index are known."""
    purges: frozenset[str]
    """Ids of what was removed for good."""
    counts: Mapping[str, int]
    """Documents and versions."""


def copy_catalog(catalog: Path, target: Path) -> None:
    """Write the catalog as it stands at one instant to the new file `target`, durably and without unused space.

    Takes no lock on `target`, which may lie on a network share. Raises `StorageFullError` and `StoreError`.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with translated(catalog):
        connection = sqlite3.connect(f"{catalog.as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            connection.execute("PRAGMA busy_timeout = 10000")
            # One statement is one read transaction. Nobody else opens the new file, so it needs no locks.
            connection.execute("VACUUM INTO ?", (f"{target.absolute().as_uri()}?vfs=unix-none",))
        except sqlite3.Error as error:
            code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            if code == sqlite3.SQLITE_FULL:
                raise StorageFullError(
                    f"the disk is full: {target.parent}", remedy="free some space"
                ) from error
            raise
        finally:
            connection.close()
    sync_file(target)


def catalog_facts(copy: Path) -> CatalogFacts:
    """What the copy says. Raises `NewerSchemaError` and `DamagedStoreError`."""
    with _opened(copy) as connection:
        schema = int(connection.execute("PRAGMA user_version").fetchone()[0])
        known = migrations()[-1][0]
        if schema > known:
            raise NewerSchemaError(
                f"{copy} was written by a newer release (schema {schema}, this one knows {known})",
                remedy="upgrade indexer first",
            )
        last = connection.execute("SELECT value FROM meta WHERE key = 'last_recorded'").fetchone()
        row = connection.execute(
            """SELECT fingerprint, dimension, table_version, recorded FROM published
               WHERE active = 1 AND rows_through IS NULL"""
        ).fetchone()
        has_purges = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'purge'").fetchone()
        purges = connection.execute("SELECT id FROM purge WHERE stage <> 'recorded'") if has_purges else ()
        counted = {"documents": "document", "versions": "version"}
        return CatalogFacts(
            schema=schema,
            recorded=int(last[0]) if last else 0,
            published=None if row is None else Published(row[0], row[1], row[2], row[3], active=True),
            originals=tuple(
                f"b3:{raw.hex()}" for (raw,) in connection.execute("SELECT hash FROM original ORDER BY hash")
            ),
            sources=frozenset(source_mark(uid) for (uid,) in connection.execute("SELECT uid FROM source")),
            purges=frozenset(row[0] for row in purges),
            counts={
                name: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for name, table in counted.items()
            },
        )


def prepare_copy(copy: Path, kept: Published | None) -> None:
    """Make a copy a catalog to be written to: only the passages table `kept` is published by it, if any."""
    with translated(copy):
        connection = sqlite3.connect(copy, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            fingerprint = None if kept is None else kept.fingerprint
            connection.execute("DELETE FROM published WHERE fingerprint IS NOT ?", (fingerprint,))
            connection.execute("UPDATE published SET previous = NULL")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    sync_file(copy)


@contextmanager
def _opened(copy: Path) -> Iterator[sqlite3.Connection]:
    """To be read, without locks: nobody writes to it."""
    try:
        connection = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise DamagedStoreError(
            f"the copy {copy} of the catalog cannot be read ({error})", remedy="take another backup"
        ) from error
