"""The passages table of one fingerprint: commits, versions, recovery."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexer.clock import Clock, SystemClock
from indexer.errors import DamagedStoreError, StoreError
from indexer.heaps import give_back, limit_heaps
from indexer.model import Instant, Row
from indexer.ports import Rewritten, StoredPassage, UpkeepDue, VersionGoneError
from indexer.store.durable import files_under, make_folder, sync_folder, sync_new
from indexer.store.passages import columns, upkeep
from indexer.store.passages.condition import numbers_in
from indexer.store.passages.faults import REBUILD, reading, writing
from indexer.store.passages.loop import run
from indexer.store.passages.snapshot import LanceSnapshot
from indexer.store.passages.upkeep import TEXT_INDEX, UpkeepBounds

RETENTION: Final[Instant] = 3_600_000_000
"""An hour: how long a version that something newer superseded can still be opened."""
INDEX_CACHE_BYTES: Final = 512 * 2**20
"""Parts of indexes that are kept in memory; LanceDB would take up to 6 GiB."""
METADATA_CACHE_BYTES: Final = 8 * 2**20
"""Of versions, and of where columns lie in files: each commit adds some, and with eight times as much nothing gets faster, while
under edits without rest 60 MiB more are held (benchmarks/README.md, "The service")."""
_ONCE: Final = 5_000
"""Row numbers asked for in one query."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
_HINT: Final = "latest_version_hint.json"
"""Rewritten by every commit under the same name, unlike all other files."""


class LancePassages:
    """`ports.PassageStore` in a LanceDB table under `folder`, which is made by the first commit.

    LanceDB issues no fsync; every commit here ends with one of each file and folder that it made.
    """

    def __init__(
        self,
        folder: Path,
        fingerprint: str,
        dimension: int,
        *,
        clock: Clock | None = None,
        retention: Instant = RETENTION,
        bounds: UpkeepBounds | None = None,
        index_cache_bytes: int = INDEX_CACHE_BYTES,
    ) -> None:
        if not _NAME.fullmatch(fingerprint):
            raise ValueError(f"not a fingerprint that can name a table: {fingerprint!r}")
        self._folder = folder
        self._name = fingerprint
        self._dimension = dimension
        self._clock = clock or SystemClock()
        self._retention = retention
        self._bounds = bounds or UpkeepBounds()
        self.index_cache_bytes = index_cache_bytes
        """Of indexes, how much is kept in memory at most."""
        self._preparing = threading.Lock()
        self._caches: Any = None
        self._cached: frozenset[str] = frozenset()
        """The indexes that were there when the caches were last asked for."""
        self._connection: Any = None
        self._opened: tuple[tuple[int, int, int], LanceSnapshot] | None = None
        """The version that was read last: opening one costs as much as searching a small table."""

    def newest(self) -> int | None:
        if upkeep.newest_version(self._path) is None:
            return None
        with reading(self._what):
            return int(self._open().version)

    def commit(self, add: Sequence[StoredPassage], change: Sequence[Row]) -> int:
        newest = upkeep.newest_version(self._path)
        if newest is None:
            return self._create(_merged(add, change, []))
        table = self._table_to_write()
        present = self._read(table, change, {passage.row.no for passage in add})
        rows = _merged(add, change, present)
        if not rows:
            return int(table.version)
        data = columns.to_arrow(rows, self._dimension)
        with writing(self._what), self._durably():
            merge = table.merge_insert(columns.KEY).when_matched_update_all().when_not_matched_insert_all()
            merge.execute(data)
            # Without one, text cannot be searched; and one over no rows would cover nothing.
            if TEXT_INDEX not in upkeep.index_names(table):
                upkeep.build_text_index(table)
        return int(table.version)

    def remove(self, row_nos: Sequence[int]) -> int:
        table = self._table_to_write()
        with writing(self._what), self._durably():
            for condition in _conditions(columns.KEY, row_nos):
                table.delete(condition)
        return int(table.version)

    def restore(self, version: int) -> int:
        table = self._at(version)
        with writing(self._what), self._durably():
            table.restore()
            table.checkout_latest()
        return int(table.version)

    def drop(self) -> None:
        with writing(self._what):
            if self._path.exists():
                # Versions first: what is left by a crash in between is no table, and `drop` goes on with it.
                shutil.rmtree(self._path / "_versions", ignore_errors=True)
                shutil.rmtree(self._path)
                sync_folder(self._folder)
        self._connection = None

    def vectors(self, embed_nos: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        if not embed_nos or upkeep.newest_version(self._path) is None:
            return {}
        table = self._newest_table()
        found: dict[int, NDArray[np.float32]] = {}
        with reading(self._what):
            for condition in _conditions("embed_no", embed_nos):
                batch = table.search().where(condition).select(["embed_no", columns.VECTOR]).to_arrow()
                found.update(zip(batch.column("embed_no").to_pylist(), columns.vectors(batch), strict=True))
        return found

    def at(self, version: int) -> LanceSnapshot:
        opened, identity = self._opened, upkeep.identity(self._path, version)
        if opened is not None and identity is not None and opened[0] == identity:
            return opened[1]
        self._require(version)
        session = self._session
        with self._reading_at(version):
            table, names = run(self._opened_to_read(version, session))
        snapshot = LanceSnapshot(
            table,
            partial(self._reading_at, version),
            text_index=TEXT_INDEX in names,
            numbers_indexed=upkeep.numbers_indexed(names),
            partitions=upkeep.partitions(names),
        )
        self._opened = None if identity is None else (identity, snapshot)
        return snapshot

    def compact(self) -> int:
        table = self._table_to_write()
        with reading(self._what):
            work = upkeep.plan(table, self._bounds)
        if not work:
            return int(table.version)
        with writing(self._what), self._durably():
            upkeep.carry_out(table, work)
        newest = int(table.version)
        del table  # it has the caches too
        self._forget()
        give_back()
        return newest

    def upkeep_due(self) -> UpkeepDue:
        if upkeep.newest_version(self._path) is None:
            return UpkeepDue.NO
        with reading(self._what):
            work = upkeep.plan(self._open(), self._bounds)
        if not work:
            return UpkeepDue.NO
        return UpkeepDue.NOW if work.pressing else UpkeepDue.WHEN_QUIET

    def prune(self, keep: Iterable[int]) -> None:
        with writing(self._what):
            before = (self._clock.now() - self._retention) * 1_000
            upkeep.delete_versions(self._path, frozenset(keep), before)

    def rewrite(self, version: int, replaced: Callable[[Row], Sequence[Row]]) -> Rewritten:
        import pyarrow as pa

        former = self.at(version)
        unread: list[Exception] = []

        def batches() -> Iterator[Any]:
            try:
                for stored in former.scan():
                    rows = [
                        StoredPassage(row, p.embedded, p.vector) for p in stored for row in replaced(p.row)
                    ]
                    if rows:
                        yield from columns.to_arrow(rows, self._dimension).to_batches()
            except (DamagedStoreError, VersionGoneError) as error:
                unread.append(error)
                raise

        before = set(files_under(self._path))
        try:
            with writing(self._what), self._durably():
                data = pa.RecordBatchReader.from_batches(columns.schema(self._dimension), batches())
                table = self._connected().create_table(self._name, data=data, mode="overwrite")
                upkeep.carry_out(table, upkeep.plan(table, self._bounds))
        except StoreError as error:
            # LanceDB would have it that the new table could not be written.
            raise unread[0] if unread else error from error
        new = (file for file in files_under(self._path) if file not in before or file.name == _HINT)
        files = tuple(sorted(str(file.relative_to(self._path)) for file in new))
        return Rewritten(int(table.version), files)

    def keep_only(self, files: Sequence[str]) -> None:
        kept = set(files)
        with writing(self._what):
            gone = [file for file in files_under(self._path) if str(file.relative_to(self._path)) not in kept]
            # Manifests first: without its own a version is gone, and not damaged, for whoever opens it.
            for file in sorted(gone, key=lambda file: file.suffix != ".manifest"):
                file.unlink()
            for folder in {file.parent for file in gone}:
                sync_folder(folder)
            upkeep.remove_empty_folders(self._path)
        self._opened = None

    # --- inside ------------------------------------------------------------------------------

    @property
    def _path(self) -> Path:
        return self._folder / f"{self._name}.lance"

    @property
    def _what(self) -> str:
        return f"the passages table {self._path}"

    def _forget(self) -> None:
        """Let go of what is kept of versions and indexes that something newer superseded."""
        with self._preparing:
            self._caches = self._connection = self._opened = None

    def _connected(self) -> Any:
        session = self._session
        with self._preparing:
            if self._connection is None:
                import lancedb

                self._connection = lancedb.connect(str(self._folder), session=session)
            return self._connection

    @property
    def _session(self) -> Any:
        """The caches, one set for all that is opened; made anew when an index was.

        What they hold of an index that was superseded, open files too, they would give up only when they are full.
        """
        with self._preparing:
            present = upkeep.index_folders(self._path)
            if not present <= self._cached:
                self._caches = self._connection = None
            self._cached = present
            if self._caches is None:
                # Statistics of an index would carry its centroids, and warn on stderr that they do.
                os.environ.setdefault("LANCE_INCLUDE_VECTOR_CENTROIDS", "false")
                # What it warns of on stderr is either no news (duplicate vectors) or raised as an error as well.
                os.environ.setdefault("LANCEDB_LOG", "error")
                limit_heaps()
                import lancedb

                self._caches = lancedb.Session(
                    index_cache_size_bytes=self.index_cache_bytes,
                    metadata_cache_size_bytes=METADATA_CACHE_BYTES,
                )
            return self._caches

    def _open(self) -> Any:
        return self._connected().open_table(self._name)

    def _newest_table(self) -> Any:
        if upkeep.newest_version(self._path) is None:
            raise DamagedStoreError(f"{self._what} is missing", remedy=REBUILD)
        with reading(self._what):
            return self._open()

    def _table_to_write(self) -> Any:
        """The newest version, with all the columns that this release writes."""
        table = self._newest_table()
        with reading(self._what):
            missing = columns.missing_periods(table)
        if missing:
            with writing(self._what), self._durably():
                table.add_columns(missing)
        return table

    def _at(self, version: int) -> Any:
        self._require(version)
        with self._reading_at(version):
            table = self._open()
            table.checkout(version)
            return table

    async def _opened_to_read(self, version: int, session: Any) -> tuple[Any, frozenset[str]]:
        """The table at `version` for asynchronous use, and the names of its indexes."""
        import lancedb

        connection = await lancedb.connect_async(str(self._folder), session=session)
        table = await connection.open_table(self._name)
        await table.checkout(version)
        return table, frozenset(index.name for index in await table.list_indices())

    def _require(self, version: int) -> None:
        """Raise `DamagedStoreError` for a version that cannot have been published."""
        newest = upkeep.newest_version(self._path)
        if newest is None or version > newest:
            missing = "is missing" if newest is None else f"has no version {version} (its newest is {newest})"
            raise DamagedStoreError(f"{self._what} {missing}", remedy=REBUILD)

    @contextmanager
    def _reading_at(self, version: int) -> Iterator[None]:
        """Like `reading`, but knows a version that was pruned from one that is damaged."""
        try:
            with reading(self._what):
                yield
        except DamagedStoreError as error:
            if version in upkeep.all_versions(self._path):
                raise
            raise VersionGoneError(f"version {version} of {self._what} was pruned") from error

    def _create(self, rows: list[StoredPassage]) -> int:
        data = columns.to_arrow(rows, self._dimension)
        with writing(self._what):
            make_folder(self._folder)
        with writing(self._what), self._durably():
            table = self._connected().create_table(self._name, data)
            if rows:
                upkeep.build_text_index(table)
        return int(table.version)

    def _read(self, table: Any, change: Sequence[Row], added: set[int]) -> list[StoredPassage]:
        """The rows that `change` is about, as the newest version has them.

        They are written again as a whole: LanceDB merges some columns of a row as well, but not in
        the same commit as new rows, and it moves the whole row either way.
        """
        wanted = [row.no for row in change if row.no not in added]
        found: list[StoredPassage] = []
        with reading(self._what):
            for condition in _conditions(columns.KEY, wanted):
                found += columns.from_arrow(table.search().where(condition).to_arrow())
        return found

    @contextmanager
    def _durably(self) -> Iterator[None]:
        """Whatever the block adds to the table's folder is on the disk afterwards."""
        before = set(files_under(self._path))
        yield
        new = [file for file in files_under(self._path) if file not in before or file.name == _HINT]
        sync_new(self._path, new)


def _merged(
    add: Sequence[StoredPassage], change: Sequence[Row], present: Sequence[StoredPassage]
) -> list[StoredPassage]:
    """The rows to write: those added, and those present or added that `change` gives new times."""
    rows = {passage.row.no: passage for passage in (*present, *add)}
    for row in change:
        if row.no in rows:
            rows[row.no] = replace(rows[row.no], row=row)
    return [rows[no] for no in sorted(rows)]


def _conditions(column: str, numbers: Iterable[int]) -> Iterator[str]:
    distinct = sorted(set(numbers))
    for start in range(0, len(distinct), _ONCE):
        yield numbers_in(column, distinct[start : start + _ONCE])
