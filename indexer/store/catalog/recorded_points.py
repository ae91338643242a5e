"""What the write side asks about places on a source's line: who held a key there, and which revisions and tags are known."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

from indexer.masks import mask_key
from indexer.model import FOREVER, VersionKind
from indexer.ports.recorded import LineVersion
from indexer.store.catalog.commit import hash_text
from indexer.store.catalog.points import named, raw_name

LINE: Final = """
    SELECT v.no, v.id, v.kind, v.origin, v.sequence, v.aside, v.source_time, v.content_hash,
           coalesce(p.key, ''), p.number, t.manifest_no, g.name, t.title, t.metadata, x.purge_no
    FROM version v
         LEFT JOIN purged_version x ON x.version_no = v.no
         LEFT JOIN placement p ON p.version_no = v.no AND p.recorded_to = 9223372036854775807
         LEFT JOIN rendition t ON t.version_no = v.no AND t.recorded_to = 9223372036854775807
         LEFT JOIN pipeline g ON g.no = t.pipeline_no"""
"""The columns that `line_version` reads, of what is believed now."""

_HELD: Final = """
    FROM version v JOIN placement p ON p.version_no = v.no
    WHERE v.document_no = :document AND p.number IS NOT NULL AND p.recorded_to = :open"""


class RecordedPoints:
    """Lookups by places on the line, inside one read transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def holder_at(self, source_no: int, key: str, sequence: int) -> int | None:
        mask = mask_key(key)
        buried: list[tuple[int, int]] = []
        later: list[tuple[int, int]] = []
        aside: list[int] = []
        for document_no in sorted({*self._ever_at(source_no, key), *self._ever_at(source_no, mask)}):
            parameters = {
                "document": document_no,
                "sequence": sequence,
                "open": FOREVER,
                "key": key,
                "mask": mask,
            }
            there = self._sql.execute(
                f"SELECT p.key, v.kind, v.sequence {_HELD} AND v.sequence <= :sequence"
                " ORDER BY v.sequence DESC, v.no DESC LIMIT 1",
                parameters,
            ).fetchone()
            if there is None:
                (first,) = self._sql.execute(
                    f"SELECT min(v.sequence) {_HELD} AND p.key IN (:key, :mask)", parameters
                ).fetchone()
                if first is not None:
                    later.append((first, document_no))
                elif self._is_aside_at(document_no, key) or self._is_aside_at(document_no, mask):
                    aside.append(document_no)
            elif there[0] in (key, mask):
                if there[1] != VersionKind.TOMBSTONE:
                    return document_no
                buried.append((there[2], document_no))
        if buried:
            return max(buried)[1]
        if later:
            return min(later)[1]
        return min(aside, default=None)

    def _ever_at(self, source_no: int, key: str) -> list[int]:
        """The documents that ever had `key`: one step of the index for each, however many versions they have."""
        rows = self._sql.execute(
            """WITH RECURSIVE found (no) AS (
                   SELECT min(document_no) FROM placement WHERE key = :key
                   UNION ALL
                   SELECT (SELECT min(document_no) FROM placement WHERE key = :key AND document_no > found.no)
                   FROM found WHERE found.no IS NOT NULL)
               SELECT d.no FROM found JOIN document d ON d.no = found.no WHERE d.source_no = :source""",
            {"key": key, "source": source_no},
        )
        return [row[0] for row in rows]

    def _is_aside_at(self, document_no: int, key: str) -> bool:
        found = self._sql.execute(
            """SELECT 1 FROM placement
               WHERE key = ? AND document_no = ? AND number IS NULL AND recorded_to = ? LIMIT 1""",
            (key, document_no, FOREVER),
        )
        return found.fetchone() is not None

    def after(self, source_no: int, sequence: int) -> dict[int, list[LineVersion]]:
        found: dict[int, list[LineVersion]] = {}
        # CROSS JOIN keeps SQLite to this order: one step of the index for each document.
        query = LINE.replace("SELECT ", "SELECT d.no, ", 1).replace(
            "FROM version v", "FROM document d CROSS JOIN version v ON v.document_no = d.no", 1
        )
        for document_no, *row in self._sql.execute(
            f"""{query} WHERE d.source_no = ? AND v.sequence > ? AND p.number IS NOT NULL
                ORDER BY d.no, v.sequence, v.no""",
            (source_no, sequence),
        ):
            found.setdefault(document_no, []).append(line_version(row))
        return found

    def origins(self, source_no: int) -> dict[str, int]:
        return dict(
            self._sql.execute(
                """SELECT v.origin, d.no FROM document d JOIN version v ON v.document_no = d.no
                   WHERE d.source_no = ?""",
                (source_no,),
            )
        )

    def offshoots(self, source_no: int) -> set[str]:
        rows = self._sql.execute(
            "SELECT revision FROM offshoot WHERE source_no = ? AND recorded_to = ?", (source_no, FOREVER)
        )
        return {row[0].hex() for row in rows}

    def on_line(self, source_no: int, revisions: Iterable[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for revision in revisions:
            row = self._sql.execute(
                f"SELECT sequence FROM revision WHERE {named('id', '?1')} AND source_no = ? AND recorded_to = ?",
                (raw_name(revision), source_no, FOREVER),
            ).fetchone()
            if row is not None:
                found[revision] = row[0]
        return found

    def tags(self, source_no: int) -> dict[str, str]:
        rows = self._sql.execute(
            "SELECT name, revision FROM tag WHERE source_no = ? AND recorded_to = ? ORDER BY name",
            (source_no, FOREVER),
        )
        return {name: revision.hex() for name, revision in rows}


def line_version(row: Sequence[Any]) -> LineVersion:
    """A line of `LINE` as a value."""
    values = list(row)
    values[2], values[5], values[7] = VersionKind(row[2]), bool(row[5]), hash_text(row[7])
    values[-2] = json.loads(row[-2]) if row[-2] else {}
    return LineVersion(*values)
