"""Writing a batch: one SQLite transaction, the commit point of everything."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

import zstandard

from indexer.model import FOREVER, Instant, Published, Row
from indexer.ports.batch import Batch
from indexer.store.catalog import attributes, points


def write(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write `batch` inside the caller's transaction."""
    now = batch.recorded
    compress = zstandard.ZstdCompressor(level=3).compress
    many = connection.executemany
    many(
        "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?)",
        [(d.no, d.id, d.source_no, d.lineage, d.history_open, now) for d in batch.documents],
    )
    many(
        "INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (v.no, v.id, v.document_no, v.kind, v.origin, v.sequence, v.aside, v.source_time, v.time_basis, now,
             raw_hash(v.content_hash), v.size, v.author, v.message, v.title, _json(v.metadata))
            for v in batch.versions
        ],
    )  # fmt: skip
    many(
        "UPDATE version SET content_hash = ?, size = ? WHERE no = ?",
        [(raw_hash(hashed), size, no) for no, hashed, size in batch.identified],
    )
    many(
        "INSERT OR IGNORE INTO original VALUES (?, ?, ?)",
        [(raw_hash(hashed), size, now) for hashed, size in batch.originals],
    )
    many(
        "INSERT INTO placement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (p.no, p.version_no, p.document_no, p.source_no, p.number, p.key,
             p.valid_from, p.valid_to, p.recorded_from, p.recorded_to, p.closed_recorded)
            for p in batch.placements
        ],
    )  # fmt: skip
    many(
        "UPDATE placement SET valid_to = ?, recorded_to = ?, closed_recorded = ? WHERE no = ?",
        [(p.valid_to, p.recorded_to, p.closed_recorded, p.no) for p in batch.changed_placements],
    )
    many(
        "INSERT INTO manifest VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (m.no, m.document_no, m.hash, raw_hash(m.text_hash), m.passages, m.tokens, m.entries)
            for m in batch.manifests
        ],
    )
    many(
        "INSERT OR IGNORE INTO pipeline (name) VALUES (?)",
        [(name,) for name in dict.fromkeys(r.pipeline for r in batch.renditions)],
    )
    many(
        "UPDATE rendition SET recorded_to = ? WHERE version_no = ? AND recorded_to = ?",
        [(now, r.version_no, FOREVER) for r in batch.renditions],
    )
    many(
        "INSERT INTO rendition SELECT ?, ?, ?, no, ?, ?, ?, ? FROM pipeline WHERE name = ?",
        [
            (r.no, r.version_no, r.manifest_no, r.title, _json(r.metadata), now, FOREVER, r.pipeline)
            for r in batch.renditions
        ],
    )
    many("INSERT INTO embedding VALUES (?, ?)", batch.embeddings)
    many(
        "INSERT INTO passage VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (p.no, p.id, p.document_no, p.embed_no, p.tokens,
             json.dumps(p.heading, ensure_ascii=False), p.table_header, compress(p.text.encode()))
            for p in batch.passages
        ],
    )  # fmt: skip
    insert_rows(connection, batch.rows)
    many(
        "UPDATE row SET valid_to = ?, recorded_to = ?, closed_recorded = ? WHERE no = ?",
        [(r.valid_to, r.recorded_to, r.closed_recorded, r.no) for r in batch.changed_rows],
    )
    _withheld(connection, batch)
    _labels(connection, batch.labels, now, stated=False)
    _labels(connection, batch.stated_labels, now, stated=True)
    attributes.write(connection, batch.attributes, now)
    points.write(connection, batch.source_no, batch.points, now)
    _scan_state(connection, batch)
    _source(connection, batch)
    if batch.published is not None:
        publish(connection, batch.published)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_recorded', ?)", (str(now),))


def insert_rows(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Write new weave rows inside the caller's transaction."""
    connection.executemany(
        "INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (r.no, r.passage_no, r.document_no, r.valid_from, r.valid_to,
             r.recorded_from, r.recorded_to, r.closed_recorded)
            for r in rows
        ],
    )  # fmt: skip


def publish(connection: sqlite3.Connection, published: Published, rows_through: int | None = None) -> None:
    """Make a table version the one that readers open. An active fingerprint retires the others."""
    if published.active:
        connection.execute("UPDATE published SET active = 0 WHERE fingerprint <> ?", (published.fingerprint,))
    connection.execute(
        """INSERT INTO published VALUES (:fingerprint, :dimension, :version, :recorded, NULL, :through, :active)
           ON CONFLICT (fingerprint) DO UPDATE SET previous = table_version, table_version = :version,
               recorded = :recorded, rows_through = :through, active = :active, dimension = :dimension""",
        {
            "fingerprint": published.fingerprint,
            "dimension": published.dimension,
            "version": published.table_version,
            "recorded": published.recorded,
            "through": rows_through,
            "active": published.active,
        },
    )


def raw_hash(text: str | None) -> bytes | None:
    """The stored form of a ``b3:…`` hash."""
    return None if text is None else bytes.fromhex(text.removeprefix("b3:"))


def hash_text(raw: bytes | None) -> str | None:
    """The ``b3:…`` form of a stored hash."""
    return None if raw is None else f"b3:{raw.hex()}"


def _json(metadata: Mapping[str, str]) -> str | None:
    return json.dumps(dict(metadata), ensure_ascii=False, sort_keys=True) if metadata else None


def _withheld(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write which versions are states that were purged and came again."""
    for w in batch.withheld:
        # One that is new was written without anything that tells of it; one that could not be read before was not.
        connection.execute(
            """UPDATE version SET kind = CASE kind WHEN 'tombstone' THEN kind ELSE 'content' END, origin = ?,
                   content_hash = NULL, size = NULL, author = NULL, message = NULL, title = NULL, metadata = NULL
               WHERE no = ?""",
            (w.origin, w.version_no),
        )
        connection.execute("UPDATE placement SET key = ? WHERE version_no = ?", (w.key, w.version_no))
        connection.execute("INSERT INTO purged_version VALUES (?, ?)", (w.version_no, w.purge_no))
        connection.execute(
            "INSERT INTO purged_state SELECT no, source_mark, ?, ?, ? FROM purge WHERE no = ?",
            (w.document_no, w.origin, raw_hash(w.content_hash), w.purge_no),
        )


def _labels(
    connection: sqlite3.Connection,
    labels: Mapping[int, tuple[int, tuple[str, ...]]],
    now: Instant,
    *,
    stated: bool,
) -> None:
    """Close the labels that a version has lost and open those that it has gained, of one origin."""
    for version_no, (document_no, names) in labels.items():
        held = {
            name: no
            for no, name in connection.execute(
                "SELECT no, name FROM label WHERE version_no = ? AND recorded_to = ? AND stated = ?",
                (version_no, FOREVER, stated),
            )
        }
        connection.executemany(
            "UPDATE label SET recorded_to = ? WHERE no = ?",
            [(now, no) for name, no in held.items() if name not in names],
        )
        connection.executemany(
            """INSERT INTO label (document_no, version_no, name, stated, recorded_from, recorded_to)
               VALUES (?, ?, ?, ?, ?, ?)""",
            [
                (document_no, version_no, name, stated, now, FOREVER)
                for name in dict.fromkeys(names)
                if name not in held
            ],
        )


def _scan_state(connection: sqlite3.Connection, batch: Batch) -> None:
    connection.executemany(
        "DELETE FROM seen WHERE source_no = ? AND key = ?", [(batch.source_no, key) for key in batch.unseen]
    )
    connection.executemany(
        "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (batch.source_no, s.key, s.document_no, s.etag, s.file_id,
             raw_hash(s.content_hash), s.size, s.settled, s.verified)
            for s in batch.seen
        ],
    )  # fmt: skip
    connection.executemany(
        "DELETE FROM failure WHERE source_no = ? AND key = ? AND scope = ?",
        [(batch.source_no, key, scope) for key, scope in batch.cleared],
    )
    connection.executemany(
        """INSERT INTO failure VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET reason = excluded.reason, detail = excluded.detail,
               permanent = excluded.permanent, attempts = attempts + 1, last_seen = excluded.last_seen,
               next_retry = excluded.next_retry, tried_with = excluded.tried_with""",
        [
            (batch.source_no, f.key, f.scope, f.reason, f.detail, f.permanent,
             batch.recorded, batch.recorded, f.next_retry, f.tried_with)
            for f in batch.failures
        ],
    )  # fmt: skip


def _source(connection: sqlite3.Connection, batch: Batch) -> None:
    update, work = batch.source, batch.work
    if update.history_open is not None:
        connection.execute(
            "UPDATE document SET history_open = :open WHERE source_no = :source AND history_open <> :open",
            {"open": update.history_open, "source": batch.source_no},
        )
    connection.execute(
        """UPDATE source SET cursor = coalesce(?, cursor), state = coalesce(?, state), name = coalesce(?, name),
               detail = CASE WHEN ? IS NULL THEN detail ELSE nullif(?, '') END,
               last_scan = coalesce(?, last_scan), last_change = coalesce(?, last_change),
               embedded_passages = embedded_passages + ?, embedded_tokens = embedded_tokens + ?,
               seen_passages = seen_passages + ?, seen_tokens = seen_tokens + ?
           WHERE no = ?""",
        (update.cursor, update.state, update.name, update.detail, update.detail,
         update.last_scan, update.last_change,
         work.embedded_passages, work.embedded_tokens, work.seen_passages, work.seen_tokens, batch.source_no),
    )  # fmt: skip
