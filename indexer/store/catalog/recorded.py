"""What the write side asks of the catalog: where a document stands, and which numbers are taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from indexer.masks import mask_key
from indexer.model import FOREVER, Instant, Row
from indexer.plan.attachments import SEPARATOR
from indexer.ports.batch import Placement
from indexer.ports.recorded import FailureGroup, FailureState, LineVersion, Recorded
from indexer.store.catalog import attributes, manifests
from indexer.store.catalog.commit import hash_text, raw_hash
from indexer.store.catalog.purges import RecordedPurges
from indexer.store.catalog.recorded_points import LINE, RecordedPoints, line_version
from indexer.store.catalog.scopes import lying_in

_TABLES = ("document", "version", "placement", "rendition", "manifest", "embedding", "passage", "row")
_CHUNK = 500


class RecordedState(RecordedPoints, RecordedPurges):
    """Lookups of the write side, inside one read transaction."""

    def next_numbers(self) -> dict[str, int]:
        return {
            table: self._sql.execute(f"SELECT coalesce(max(no), 0) + 1 FROM {table}").fetchone()[0]
            for table in _TABLES
        }

    def seen(self, source_no: int, scopes: Sequence[str] | None = None) -> dict[str, Recorded]:
        return {
            row[0]: Recorded(row[0], row[1], row[2], row[3], hash_text(row[4]), row[5], bool(row[6]))
            for row in lying_in(
                self._sql,
                "SELECT key, document_no, etag, file_id, content_hash, size, settled FROM seen WHERE source_no = ?",
                (source_no,),
                "key",
                scopes,
            )
        }

    def file_places(self, source_no: int, file_ids: Iterable[str]) -> set[str]:
        query = "SELECT key FROM seen WHERE source_no = ? AND file_id = ?"
        return {
            key
            for file_id in file_ids
            for (key,) in self._sql.execute(query, (source_no, file_id)).fetchall()
        }

    def verified(self, source_no: int, scopes: Sequence[str] | None = None) -> dict[str, Instant]:
        return dict(
            lying_in(
                self._sql,
                "SELECT key, verified FROM seen WHERE source_no = ? AND verified IS NOT NULL",
                (source_no,),
                "key",
                scopes,
            )
        )

    def live(self, source_no: int) -> int:
        query = "SELECT count(*) FROM seen WHERE source_no = ? AND instr(key, ?) = 0"
        return int(self._sql.execute(query, (source_no, SEPARATOR)).fetchone()[0])

    def present(self, source_no: int) -> int:
        query = "SELECT count(*) FROM seen WHERE source_no = ?"
        return int(self._sql.execute(query, (source_no,)).fetchone()[0])

    def buried(self, source_no: int, scopes: Sequence[str] | None = None) -> dict[str, int]:
        found = lying_in(
            self._sql,
            """SELECT p.key, p.document_no, p.recorded_from FROM placement p JOIN version v ON v.no = p.version_no
               WHERE p.source_no = ? AND v.kind = 'tombstone' AND p.recorded_to = ? AND p.closed_recorded = ?
                 AND p.number IS NOT NULL""",
            (source_no, FOREVER, FOREVER),
            "p.key",
            scopes,
        )
        # Of several that were deleted at one key, the last counts.
        return {key: document_no for key, document_no, _ in sorted(found, key=itemgetter(2))}

    def holder(self, source_no: int, lineage: str | None, key: str) -> int | None:
        if lineage is not None:
            row = self._sql.execute(
                "SELECT no FROM document WHERE source_no = ? AND lineage = ?", (source_no, lineage)
            ).fetchone()
        else:
            row = self._sql.execute(
                """SELECT p.document_no FROM placement p JOIN version v ON v.no = p.version_no
                   WHERE p.source_no = ? AND p.key IN (?, ?) AND p.number IS NOT NULL
                     AND p.recorded_to = ? AND p.closed_recorded = ?
                   ORDER BY v.kind = 'tombstone', p.recorded_from DESC, p.no DESC LIMIT 1""",
                (source_no, key, mask_key(key), FOREVER, FOREVER),
            ).fetchone()
            if row is None:
                # One that has nothing on the line (all of it was withdrawn, or it stands aside), and
                # had this key last.
                row = self._sql.execute(
                    """SELECT p.document_no FROM placement p JOIN document d ON d.no = p.document_no
                       WHERE p.source_no = ? AND p.key IN (?, ?) AND d.lineage IS NULL
                         AND NOT EXISTS (SELECT 1 FROM placement q WHERE q.document_no = p.document_no
                               AND (q.number IS NOT NULL AND q.recorded_to = ?
                                    OR (q.recorded_to, ifnull(q.number, 0)) > (p.recorded_to, ifnull(p.number, 0))))
                       ORDER BY p.recorded_to DESC, p.no DESC LIMIT 1""",
                    (source_no, key, mask_key(key), FOREVER),
                ).fetchone()
        return None if row is None else int(row[0])

    def lineage(self, document_no: int) -> str | None:
        row = self._sql.execute("SELECT lineage FROM document WHERE no = ?", (document_no,)).fetchone()
        return None if row is None else row[0]

    def document_id(self, document_no: int) -> str:
        return str(self._sql.execute("SELECT id FROM document WHERE no = ?", (document_no,)).fetchone()[0])

    def attributes(self, document_no: int) -> Mapping[str, tuple[str, ...]]:
        return attributes.read(self._sql, [document_no], FOREVER - 1).get(document_no, {})

    def line(self, document_no: int) -> list[LineVersion]:
        return [
            line_version(row)
            for row in self._sql.execute(
                LINE + " WHERE v.document_no = ? ORDER BY v.sequence, v.no", (document_no,)
            )
        ]

    def unread(self, source_no: int) -> list[tuple[int, LineVersion]]:
        found = self._sql.execute(
            LINE.replace("SELECT ", "SELECT v.document_no, ", 1)
            + """ WHERE v.kind = 'unreadable' AND p.source_no = ? AND t.manifest_no IS NULL ORDER BY v.no""",
            (source_no,),
        )
        return [(row[0], line_version(row[1:])) for row in found]

    def last(self, document_no: int) -> LineVersion | None:
        row = self._sql.execute(
            LINE
            + """ WHERE v.document_no = ? AND p.recorded_to = ? AND p.closed_recorded = ?
                 AND p.number IS NOT NULL""",
            (document_no, FOREVER, FOREVER),
        ).fetchone()
        return None if row is None else line_version(row)

    def placements(self, document_no: int, *, only_open: bool) -> list[Placement]:
        query = "SELECT * FROM placement WHERE document_no = ? AND recorded_to = ?"
        if only_open:
            query += " AND closed_recorded = recorded_to"
        return [Placement(*row) for row in self._sql.execute(query + " ORDER BY no", (document_no, FOREVER))]

    def rows(self, document_no: int, *, only_open: bool) -> list[Row]:
        query = """SELECT r.no, r.passage_no, r.document_no, d.source_no, p.embed_no, r.valid_from, r.valid_to,
                          r.recorded_from, r.recorded_to, r.closed_recorded
                   FROM row r JOIN document d ON d.no = r.document_no JOIN passage p ON p.no = r.passage_no
                   WHERE r.document_no = ? AND r.recorded_to = ?"""
        if only_open:
            query += " AND r.closed_recorded = r.recorded_to"
        return [Row(*row) for row in self._sql.execute(query + " ORDER BY r.no", (document_no, FOREVER))]

    def rows_changed_since(self, recorded: Instant, after_no: int, limit: int) -> list[Row]:
        return [
            Row(*row)
            for row in self._sql.execute(
                """SELECT r.no, r.passage_no, r.document_no, d.source_no, p.embed_no, r.valid_from, r.valid_to,
                          r.recorded_from, r.recorded_to, r.closed_recorded
                   FROM row r JOIN document d ON d.no = r.document_no JOIN passage p ON p.no = r.passage_no
                   WHERE r.no > ? AND (r.recorded_from > ? OR (r.recorded_to > ? AND r.recorded_to < ?)
                         OR (r.closed_recorded > ? AND r.closed_recorded < ?)) ORDER BY r.no LIMIT ?""",
                (after_no, recorded, recorded, FOREVER, recorded, FOREVER, limit),
            )
        ]

    def passage_numbers(self, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        return {
            row[0]: (row[1], row[2])
            for row in self._in("SELECT id, no, embed_no FROM passage WHERE id IN", ids)
        }

    def embed_numbers(self, hashes: Sequence[bytes]) -> dict[bytes, int]:
        return dict(self._in("SELECT hash, no FROM embedding WHERE hash IN", hashes))

    def manifest_number(self, document_no: int, digest: bytes) -> int | None:
        row = self._sql.execute(
            "SELECT no FROM manifest WHERE document_no = ? AND hash = ?", (document_no, digest)
        ).fetchone()
        return None if row is None else int(row[0])

    def manifest_passages(self, manifest_no: int) -> list[int]:
        row = self._sql.execute("SELECT entries FROM manifest WHERE no = ?", (manifest_no,)).fetchone()
        return manifests.passage_numbers(row[0])

    def embed_numbers_of(self, passage_nos: Sequence[int]) -> dict[int, int]:
        return dict(self._in("SELECT no, embed_no FROM passage WHERE no IN", passage_nos))

    def manifest_tokens(self, manifest_no: int) -> tuple[int, int]:
        row = self._sql.execute(
            "SELECT passages, tokens FROM manifest WHERE no = ?", (manifest_no,)
        ).fetchone()
        return int(row[0]), int(row[1])

    def failures(
        self, source_no: int, scopes: Sequence[str] | None = None
    ) -> dict[tuple[str, bool], FailureState]:
        return {
            (row[0], bool(row[1])): FailureState(row[2], bool(row[3]), *row[4:])
            for row in lying_in(
                self._sql,
                """SELECT key, scope, attempts, permanent, next_retry, tried_with, reason
                   FROM failure WHERE source_no = ?""",
                (source_no,),
                "key",
                scopes,
            )
        }

    def failure_groups(self, source_no: int) -> list[FailureGroup]:
        return [
            FailureGroup(bool(row[0]), *row[1:])
            for row in self._sql.execute(
                """SELECT scope, reason, attempts, count(*), min(next_retry), max(next_retry)
                   FROM failure WHERE source_no = ? GROUP BY 1, 2, 3""",
                (source_no,),
            )
        ]

    def present_tokens(self, source_no: int) -> dict[int, int]:
        return dict(
            self._sql.execute(
                """SELECT p.document_no, m.tokens FROM placement p
                   JOIN rendition t ON t.version_no = p.version_no AND t.recorded_to = p.recorded_to
                   JOIN manifest m ON m.no = t.manifest_no
                   WHERE p.source_no = ? AND p.recorded_to = ? AND p.closed_recorded = ? AND p.number IS NOT NULL""",
                (source_no, FOREVER, FOREVER),
            )
        )

    def live_documents(self, source_no: int, lineage: str = "") -> dict[int, str]:
        beginning = "AND substr(d.lineage, 1, ?) = ?" if lineage else "AND (1 OR ? = ?)"
        return dict(
            self._sql.execute(
                f"""SELECT p.document_no, p.key FROM placement p JOIN version v ON v.no = p.version_no
                    JOIN document d ON d.no = p.document_no
                    WHERE p.source_no = ? AND p.recorded_to = ? AND p.closed_recorded = ?
                      AND p.number IS NOT NULL AND v.kind <> 'tombstone' {beginning}""",
                (source_no, FOREVER, FOREVER, len(lineage), lineage),
            )
        )

    # --- what a check weighs ------------------------------------------------------------------

    def document_ids(self) -> list[tuple[int, str]]:
        return self._sql.execute("SELECT no, id FROM document ORDER BY no").fetchall()

    def instants(self, document_no: int) -> Iterator[Instant]:
        for (instant,) in self._sql.execute(
            """SELECT recorded_from FROM placement WHERE document_no = :d
               UNION SELECT recorded_to FROM placement WHERE document_no = :d AND recorded_to < :open
               UNION SELECT closed_recorded FROM placement WHERE document_no = :d AND closed_recorded < :open
               UNION SELECT t.recorded_from FROM rendition t JOIN version v ON v.no = t.version_no
                     WHERE v.document_no = :d
               UNION SELECT recorded_from FROM row WHERE document_no = :d
               UNION SELECT recorded_to FROM row WHERE document_no = :d AND recorded_to < :open
               UNION SELECT closed_recorded FROM row WHERE document_no = :d AND closed_recorded < :open""",
            {"d": document_no, "open": FOREVER},
        ):
            yield instant

    def shared_keys(self) -> list[tuple[str, str]]:
        return self._sql.execute(
            """SELECT p.key, group_concat(d.id, ' and ') FROM placement p JOIN version v ON v.no = p.version_no
                    JOIN document d ON d.no = p.document_no
               WHERE p.recorded_to = :open AND p.closed_recorded = :open AND p.number IS NOT NULL
                 AND v.kind <> 'tombstone' AND d.lineage IS NULL
               GROUP BY p.source_no, p.key HAVING count(*) > 1""",
            {"open": FOREVER},
        ).fetchall()

    def shared_documents(self) -> list[tuple[str, str]]:
        return self._sql.execute(
            """SELECT d.id, group_concat(s.key, ' and ') FROM seen s JOIN document d ON d.no = s.document_no
               GROUP BY s.document_no HAVING count(*) > 1"""
        ).fetchall()

    def stray_labels(self, document_no: int) -> list[tuple[str, str]]:
        return self._sql.execute(
            """SELECT l.name, v.id FROM label l JOIN version v ON v.no = l.version_no
               WHERE l.document_no = ? AND v.document_no <> l.document_no""",
            (document_no,),
        ).fetchall()

    def clashing_attributes(self) -> Iterator[tuple[str, str, str]]:
        yield from attributes.clashing(self._sql)

    def passage_numbers_of(self, document_no: int) -> list[int]:
        rows = self._sql.execute("SELECT no FROM passage WHERE document_no = ? ORDER BY no", (document_no,))
        return [row[0] for row in rows]

    def manifests_of(self, document_no: int) -> list[tuple[int, str]]:
        return [
            (no, f"b3:{raw.hex()}")
            for no, raw in self._sql.execute(
                "SELECT no, text_hash FROM manifest WHERE document_no = ? ORDER BY no", (document_no,)
            )
        ]

    def embed_hash(self, embed_no: int) -> bytes | None:
        row = self._sql.execute("SELECT hash FROM embedding WHERE no = ?", (embed_no,)).fetchone()
        return None if row is None else bytes(row[0])

    def originals(self) -> Iterator[str]:
        for (raw,) in self._sql.execute("SELECT hash FROM original ORDER BY hash"):
            yield f"b3:{raw.hex()}"

    def kept(self, content_hashes: Iterable[str]) -> set[str]:
        query = "SELECT 1 FROM original WHERE hash = ?"
        return {
            content_hash
            for content_hash in content_hashes
            if self._sql.execute(query, (raw_hash(content_hash),)).fetchone() is not None
        }

    def _in(self, query: str, values: Sequence[Any]) -> Iterator[Any]:
        for start in range(0, len(values), _CHUNK):
            bite = values[start : start + _CHUNK]
            yield from self._sql.execute(f"{query} ({','.join('?' * len(bite))})", bite)
