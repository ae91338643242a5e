"""The catalog's part in removing for good: purges are written down, carried out, and looked up."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from indexer.clock import Clock
from indexer.model import FOREVER, Instant
from indexer.ports.batch import Placement
from indexer.ports.purges import (
    Beliefs,
    Clearing,
    PurgeRecord,
    PurgeRequest,
    PurgeScope,
    PurgeStage,
    RenditionBelief,
    Thinning,
)
from indexer.store.catalog import manifests, purging
from indexer.store.catalog import thinning as thinning_out
from indexer.store.catalog.commit import raw_hash
from indexer.store.catalog.connection import translated
from indexer.store.catalog.snapshot_texts import within

_COLUMNS: Final = "no, id, scope, source_no, source, reason, by_whom, recorded, stage, files, copies"


class CatalogPurges:
    """Implements `ports.purges.Purges`; the catalog inherits it."""

    path: Path
    _sql: sqlite3.Connection

    def request_purge(self, request: PurgeRequest, clock: Clock) -> PurgeRecord:
        with self._writing() as connection:
            uid, name, copies = connection.execute(
                "SELECT uid, name, copies FROM source WHERE no = ?", (request.source_no,)
            ).fetchone()
            last = connection.execute("SELECT value FROM meta WHERE key = 'last_recorded'").fetchone()
            now = max(clock.now(), int(last[0]) + 1 if last else 0)
            no = connection.execute(
                """INSERT INTO purge (id, scope, source_no, source, source_mark, reason, by_whom, lasting, recorded, stage, copies)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (clock.draw_id("x"), request.scope, request.source_no, name, purging.source_mark(uid),
                 request.reason, request.by, request.lasting, now, PurgeStage.RECORDED, copies),
            ).lastrowid  # fmt: skip
            connection.executemany(
                # What was thinned out before is purged now.
                "INSERT OR REPLACE INTO purged_version VALUES (?, ?)",
                [(version_no, no) for version_no in request.version_nos],
            )
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_recorded', ?)", (str(now),))
        assert no is not None
        return purge_record(self._sql, no)

    def unfinished_purges(self) -> list[PurgeRecord]:
        with translated(self.path):
            rows = self._sql.execute(
                f"SELECT {_COLUMNS} FROM purge WHERE stage <> ? ORDER BY no", (PurgeStage.FINISHED,)
            )
            return [_read(row) for row in rows]

    def clear_purge(self, clearing: Clearing) -> None:
        # Removing a source's lines table by table, every line would be looked for in tables without an index for that.
        with self._unreferenced(), self._writing() as connection:
            purging.clear(connection, clearing)

    def thin_out(self, thinning: Thinning, clock: Clock) -> PurgeRecord:
        with self._writing() as connection:
            no = thinning_out.thin_out(connection, thinning, clock)
        return purge_record(self._sql, no)

    def mark_purge(self, purge_no: int, stage: PurgeStage) -> None:
        with self._writing() as connection:
            connection.execute("UPDATE purge SET stage = ?, files = NULL WHERE no = ?", (stage, purge_no))

    def compact(self) -> bool:
        with translated(self.path):
            self._sql.execute("VACUUM")
            busy, *_ = self._sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    @contextmanager
    def _unreferenced(self) -> Iterator[None]:
        self._sql.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            self._sql.execute("PRAGMA foreign_keys = ON")

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError


class RecordedPurges:
    """Implements `ports.purges.PurgeLookups`, inside one read transaction."""

    _sql: sqlite3.Connection

    def purge_targets(self, purge_no: int) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for document_no, version_no in self._sql.execute(
            """SELECT v.document_no, v.no FROM purged_version p JOIN version v ON v.no = p.version_no
               WHERE p.purge_no = ? ORDER BY v.document_no, v.no""",
            (purge_no,),
        ):
            found.setdefault(document_no, []).append(version_no)
        return found

    def beliefs(self, document_no: int) -> Beliefs:
        placements = self._sql.execute(
            "SELECT * FROM placement WHERE document_no = ? ORDER BY no", (document_no,)
        )
        renditions = self._sql.execute(
            """SELECT t.version_no, t.manifest_no, t.recorded_from
               FROM version v JOIN rendition t ON t.version_no = v.no
               WHERE v.document_no = ? ORDER BY t.recorded_from, t.no""",
            (document_no,),
        )
        aside = self._sql.execute("SELECT no FROM version WHERE document_no = ? AND aside", (document_no,))
        return Beliefs(
            [Placement(*row) for row in placements],
            [RenditionBelief(*row) for row in renditions],
            frozenset(row[0] for row in aside),
        )

    def same_bytes(self, version_nos: Sequence[int]) -> list[int]:
        chosen = set(version_nos)
        found = {
            no
            for condition in within("v.no", version_nos)
            for (no,) in self._sql.execute(
                f"""SELECT o.no FROM version v JOIN version o ON o.content_hash = v.content_hash
                    WHERE {condition} AND v.content_hash IS NOT NULL AND v.size <> 0"""
            )
        }
        return sorted(found - chosen)

    def passages_only_in(self, version_nos: Sequence[int]) -> frozenset[int]:
        within_them: dict[int, set[int]] = {}
        elsewhere: dict[int, set[int]] = {}
        chosen = set(version_nos)
        documents: set[int] = set()
        for condition in within("no", version_nos):
            documents.update(
                row[0] for row in self._sql.execute(f"SELECT document_no FROM version WHERE {condition}")
            )
        for document_no in documents:
            for version_no, entries in self._sql.execute(
                """SELECT t.version_no, m.entries FROM manifest m JOIN rendition t ON t.manifest_no = m.no
                   WHERE m.document_no = ?""",
                (document_no,),
            ):
                side = within_them if version_no in chosen else elsewhere
                side.setdefault(document_no, set()).update(manifests.passage_numbers(entries))
        return frozenset().union(*(held - elsewhere.get(no, set()) for no, held in within_them.items()))

    def rows_of_passages(self, passage_nos: Iterable[int]) -> list[int]:
        return [
            no
            for condition in within("passage_no", sorted(passage_nos))
            for (no,) in self._sql.execute(f"SELECT no FROM row WHERE {condition} ORDER BY no")
        ]

    def with_old_texts(self, source_no: int, before: Instant, after_document: int, limit: int) -> list[int]:
        rows = self._sql.execute(
            """SELECT p.document_no FROM placement p
               WHERE p.source_no = :source AND p.document_no > :after AND p.recorded_to = :open
                 AND p.closed_recorded < :open AND p.number > 1 AND p.valid_to <= :before
                 AND EXISTS (SELECT 1 FROM rendition t WHERE t.version_no = p.version_no)
               GROUP BY p.document_no ORDER BY p.document_no LIMIT :limit""",
            {"source": source_no, "after": after_document, "open": FOREVER, "before": before, "limit": limit},
        )
        return [row[0] for row in rows]

    def copies(self) -> set[str]:
        rows = self._sql.execute("SELECT copies FROM source WHERE copies IS NOT NULL")
        return {folder for (folders,) in rows for folder in json.loads(folders)}

    def copies_of(self, source_no: int) -> tuple[str, ...]:
        (folders,) = self._sql.execute("SELECT copies FROM source WHERE no = ?", (source_no,)).fetchone()
        return tuple(json.loads(folders)) if folders else ()

    def carried(self, document_no: int) -> list[int]:
        rows = self._sql.execute(
            """SELECT DISTINCT c.document_no
               FROM placement p JOIN placement c ON c.source_no = p.source_no
                    AND c.key >= p.key || '//' AND c.key < p.key || '/0'
               WHERE p.document_no = ? AND c.document_no <> p.document_no ORDER BY 1""",
            (document_no,),
        )
        return [row[0] for row in rows]

    def withheld(self, source_no: int, document_no: int | None, content_hash: str) -> int | None:
        raw = raw_hash(content_hash)
        kept_away = self._sql.execute(
            "SELECT purge_no, document_no, source_mark FROM purged_state WHERE content_hash = ? ORDER BY purge_no DESC",
            (raw,),
        ).fetchall()
        if not kept_away:
            return None
        mark = self._mark(source_no)
        here = [(purge_no, of) for purge_no, of, source in kept_away if source == mark]
        # What is purged has no content hash any more: these have the bytes and may keep them.
        holders = self._sql.execute(
            """SELECT v.document_no FROM version v JOIN document d ON d.no = v.document_no
               WHERE v.content_hash = ? AND d.source_no = ?""",
            (raw, source_no),
        ).fetchall()
        own = [purge_no for purge_no, of in here if document_no is not None and of == document_no]
        if own and (document_no,) not in holders:
            return int(own[0])
        return int(here[0][0]) if here and not holders else None

    def withheld_origins(self, source_no: int) -> Mapping[str, int]:
        return dict(
            self._sql.execute(
                "SELECT origin, purge_no FROM purged_state WHERE source_mark = ? ORDER BY purge_no",
                (self._mark(source_no),),
            )
        )

    def left_of_purged(self) -> list[tuple[str, str]]:
        nameless = f"g.scope <> '{PurgeScope.RETENTION}' AND "
        kept = {
            "text": "EXISTS (SELECT 1 FROM rendition t WHERE t.version_no = v.no)",
            "content": "v.content_hash IS NOT NULL",
            "name or message": nameless + "coalesce(v.title, v.author, v.message, v.metadata) IS NOT NULL",
            "key": nameless
            + "EXISTS (SELECT 1 FROM placement p WHERE p.version_no = v.no AND substr(p.key, 1, 7) <> 'purged_'"
            " AND NOT EXISTS (SELECT 1 FROM placement q WHERE q.key = p.key AND q.source_no = p.source_no"
            f" AND q.version_no NOT IN {purging.STRUCK}))",
        }
        return [
            (version_id, what)
            for what, condition in kept.items()
            for (version_id,) in self._sql.execute(
                f"""SELECT v.id FROM purged_version x JOIN purge g ON g.no = x.purge_no JOIN version v ON v.no = x.version_no
                    WHERE g.stage <> 'recorded' AND {condition}"""
            )
        ]

    def unused_manifests(self) -> list[int]:
        rows = self._sql.execute(
            "SELECT no FROM manifest WHERE NOT EXISTS (SELECT 1 FROM rendition WHERE manifest_no = manifest.no)"
        )
        return [row[0] for row in rows]

    def purges(self) -> frozenset[str]:
        rows = self._sql.execute("SELECT id FROM purge WHERE stage <> ?", (PurgeStage.RECORDED,))
        return frozenset(row[0] for row in rows)

    def purge_named(self, purge_no: int) -> PurgeRecord:
        return purge_record(self._sql, purge_no)

    def _mark(self, source_no: int) -> str:
        (uid,) = self._sql.execute("SELECT uid FROM source WHERE no = ?", (source_no,)).fetchone()
        return purging.source_mark(uid)


def purge_record(connection: sqlite3.Connection, no: int) -> PurgeRecord:
    """The purge with this number."""
    return _read(connection.execute(f"SELECT {_COLUMNS} FROM purge WHERE no = ?", (no,)).fetchone())


def _read(row: Sequence[Any]) -> PurgeRecord:
    no, id_, scope, source_no, source, reason, by, recorded, stage, files, copies = row
    return PurgeRecord(
        no, id_, PurgeScope(scope), source_no, source, reason, by, recorded, PurgeStage(stage),
        json.loads(files) if files else {}, tuple(json.loads(copies)) if copies else (),
    )  # fmt: skip
