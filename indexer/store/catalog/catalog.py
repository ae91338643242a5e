"""The catalog as its users hold it: snapshots for readers, lookups and commits for the one writer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer.clock import Clock
from indexer.model import Instant, Published, Source
from indexer.ports.batch import Batch
from indexer.store.catalog import commit
from indexer.store.catalog.connection import connect, translated
from indexer.store.catalog.purges import CatalogPurges
from indexer.store.catalog.query_log import CatalogQueryLog
from indexer.store.catalog.recorded import RecordedState
from indexer.store.catalog.snapshot import Snapshot

FILE_NAME = "catalog.sqlite"


class Catalog(CatalogPurges, CatalogQueryLog):
    """One open catalog. Not shared between threads; open as many as needed.

    Raises `StoreError` and its kinds; see `indexer.store.catalog.connection.connect`.
    """

    def __init__(self, folder: Path, *, create: bool = False, migrate: bool = False) -> None:
        self.path = folder / FILE_NAME
        self._sql = connect(self.path, create=create, migrate=migrate)

    def close(self) -> None:
        self._sql.close()

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        with self._reading():
            yield Snapshot(self._sql)

    @contextmanager
    def recorded(self) -> Iterator[RecordedState]:
        with self._reading():
            yield RecordedState(self._sql)

    def current(self) -> RecordedState:
        return RecordedState(self._sql)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with translated(self.path):
            if self._sql.in_transaction:  # a nested view sees what the outer one sees
                yield
                return
            self._sql.execute("BEGIN")
            try:
                yield
            finally:
                self._sql.execute("ROLLBACK")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with translated(self.path):
            self._sql.execute("BEGIN IMMEDIATE")
            try:
                yield self._sql
                self._sql.execute("COMMIT")
            except BaseException:
                if self._sql.in_transaction:
                    self._sql.execute("ROLLBACK")
                raise

    # --- writing: only by the holder of the writer's lock -----------------------------------

    def next_instant(self, clock: Clock) -> Instant:
        with self.snapshot() as snapshot:
            return max(clock.now(), snapshot.recorded + 1)

    def commit(self, batch: Batch) -> None:
        with self._writing() as connection:
            commit.write(connection, batch)

    def publish(self, published: Published, rows_through: int | None = None) -> None:
        with self._writing() as connection:
            commit.publish(connection, published, rows_through)

    def unpublish(self, fingerprint: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM published WHERE fingerprint = ?", (fingerprint,))

    def register(self, uid: str, name: str, kind: str, copies: Sequence[str] = ()) -> Source:
        known = self._source(uid)
        kept = json.dumps(list(copies))
        if known is not None and known.name == name and self._copies(known.no) == kept:
            return known
        with self._writing() as connection:
            connection.execute(
                "UPDATE source SET name = name || ' (former ' || no || ')' WHERE name = ? AND uid <> ?",
                (name, uid),
            )
            connection.execute(
                """INSERT INTO source (uid, name, kind, copies) VALUES (?, ?, ?, ?)
                   ON CONFLICT (uid) DO UPDATE SET name = excluded.name, copies = excluded.copies""",
                (uid, name, kind, kept),
            )
        registered = self._source(uid)
        assert registered is not None
        return registered

    def _source(self, uid: str) -> Source | None:
        with self.snapshot() as snapshot:
            return next((source for source in snapshot.sources() if source.uid == uid), None)

    def _copies(self, source_no: int) -> str:
        with self._reading():
            found = self._sql.execute("SELECT copies FROM source WHERE no = ?", (source_no,)).fetchone()
            return str(found[0])

    def record_run(
        self, started: Instant, finished: Instant, report: Mapping[str, Any], keep: int = 1000
    ) -> None:
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO run (started, finished, report) VALUES (?, ?, ?)",
                (started, finished, json.dumps(report)),
            )
            connection.execute("DELETE FROM run WHERE no <= (SELECT max(no) FROM run) - ?", (keep,))

    def publications(self) -> list[tuple[Published, int | None, int | None]]:
        with self._reading():
            return [
                (Published(row[0], row[1], row[2], row[3], bool(row[4])), row[5], row[6])
                for row in self._sql.execute(
                    "SELECT fingerprint, dimension, table_version, recorded, active, previous, rows_through FROM published"
                )
            ]

    def integrity(self) -> list[str]:
        with translated(self.path):
            found = [row[0] for row in self._sql.execute("PRAGMA integrity_check(20)")]
            found += [
                f"a line of table {row[0]} refers to nothing"
                for row in self._sql.execute("PRAGMA foreign_key_check")
            ]
        return [line for line in found if line != "ok"]
