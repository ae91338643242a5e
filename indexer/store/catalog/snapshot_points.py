"""Reading the states of a whole source that select versions: revisions, tags, and what documents have there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

from indexer.model import Instant, Point, VersionKind
from indexer.store.catalog.points import INDEXED, named, raw_name

MOST_REVISIONS: Final = 20
"""As many as `revisions` gives: who means one writes more digits, who lists them has enough."""
_SHORTEST: Final = 4  # hexadecimal digits
_CHUNK: Final = 500


def live(table: str) -> str:
    """The condition that a line of `table` is believed at :r."""
    return f"{table}.recorded_from <= :r AND :r < {table}.recorded_to"


class SnapshotPoints:
    """The part of a snapshot that knows of revisions and tags."""

    recorded: Instant
    _sql: sqlite3.Connection

    def revisions(self, source_no: int, prefix: str, known_at: Instant | None = None) -> dict[str, int]:
        if len(prefix) < _SHORTEST:
            return {}
        low, high = _bounds(prefix)
        below = (
            ""
            if high is None
            else f"AND substr(r.id, 1, {INDEXED}) <= substr(:high, 1, {INDEXED}) AND r.id < :high"
        )
        # The plus keeps SQLite to the index of names: all revisions are of few sources.
        rows = self._sql.execute(
            f"""SELECT r.id, r.sequence FROM revision r
                WHERE substr(r.id, 1, {INDEXED}) >= substr(:low, 1, {INDEXED}) AND r.id >= :low {below}
                  AND +r.source_no = :source AND {live("r")} LIMIT {MOST_REVISIONS}""",
            {"low": low, "high": high, "source": source_no, "r": self._at(known_at)},
        )
        return {name.hex(): sequence for name, sequence in rows}

    def tags(self, source_no: int, known_at: Instant | None = None) -> dict[str, str]:
        rows = self._sql.execute(
            f"SELECT t.name, t.revision FROM tag t WHERE t.source_no = :source AND {live('t')} ORDER BY t.name",
            {"source": source_no, "r": self._at(known_at)},
        )
        return {name: revision.hex() for name, revision in rows}

    def point(self, source_no: int, revision: str, known_at: Instant | None = None) -> Point:
        parameters = {"source": source_no, "id": raw_name(revision), "r": self._at(known_at)}
        row = self._sql.execute(
            f"""SELECT r.sequence FROM revision r
                WHERE {named("r.id", ":id")} AND r.source_no = :source AND {live("r")}""",
            parameters,
        ).fetchone()
        if row is not None:
            return Point(revision, row[0])
        row = self._sql.execute(
            f"""SELECT o.no, o.sequence FROM offshoot o
                WHERE o.revision = :id AND o.source_no = :source AND {live("o")}""",
            parameters,
        ).fetchone()
        if row is None:
            return Point(revision, None)
        states = self._sql.execute(
            "SELECT x.key, x.origin FROM deviation e JOIN deviating x ON x.no = e.deviating_no WHERE e.offshoot_no = ?",
            (row[0],),
        ).fetchall()
        return Point(
            revision,
            row[1],
            frozenset(key for key, _ in states),
            frozenset(origin for _, origin in states if origin),
        )

    def states_at(
        self, source_no: int, point: Point, known_at: Instant | None = None
    ) -> dict[int, list[int]]:
        if point.place is None:
            return {}
        found: dict[int, list[int]] = {}
        # CROSS JOIN keeps SQLite to this order: one step of the index for each document.
        for document_no, version_no, kind, key in self._sql.execute(
            f"""SELECT d.no, v.no, v.kind, p.key
                FROM document d CROSS JOIN version v ON v.no = (
                         SELECT w.no FROM version w JOIN placement q ON q.version_no = w.no
                         WHERE w.document_no = d.no AND w.sequence <= :place AND q.number IS NOT NULL
                           AND {live("q")}
                         ORDER BY w.sequence DESC, w.no DESC LIMIT 1)
                     CROSS JOIN placement p ON p.version_no = v.no AND p.number IS NOT NULL AND {live("p")}
                WHERE d.source_no = :source""",
            {"source": source_no, "place": point.place, "r": self._at(known_at)},
        ):
            if kind != VersionKind.TOMBSTONE and key not in point.keys:
                found[document_no] = [version_no]
        return found | self._made_by(source_no, point, self._at(known_at))

    def _made_by(self, source_no: int, point: Point, at: Instant) -> dict[int, list[int]]:
        """The versions that are the states which a revision beside the line has instead, by document number."""
        query = f"""SELECT DISTINCT v.document_no, v.no, v.origin FROM {{}}
            WHERE v.kind <> '{VersionKind.TOMBSTONE}' AND v.recorded <= ? AND {{}} ({{}}) ORDER BY v.no"""
        rows: list[tuple[int, int, str]] = []
        # A state's origin mostly is that of a version at the same key, for which there is an index.
        by_key = "placement p JOIN version v ON v.no = p.version_no"
        for bite in _bites(point.keys):
            marks = ",".join("?" * len(bite))
            rows += (
                row
                for row in self._sql.execute(
                    query.format(by_key, "p.source_no = ? AND p.key IN", marks), (at, source_no, *bite)
                )
                if row[2] in point.origins
            )
        everywhere = "document d JOIN version v ON v.document_no = d.no"
        for bite in _bites(point.origins - {origin for _, _, origin in rows}):
            marks = ",".join("?" * len(bite))
            rows += self._sql.execute(
                query.format(everywhere, "d.source_no = ? AND v.origin IN", marks), (at, source_no, *bite)
            )
        found: dict[int, list[int]] = {}
        for document_no, version_no, _ in rows:
            found.setdefault(document_no, []).append(version_no)
        return found

    def _at(self, known_at: Instant | None) -> Instant:
        return self.recorded if known_at is None else known_at


def _bounds(prefix: str) -> tuple[bytes, bytes | None]:
    """The least stored name that begins with these digits, and the least that comes after all such; None: none does."""
    even = len(prefix) + len(prefix) % 2
    after = f"{int(prefix, 16) + 1:0{len(prefix)}x}"
    low = bytes.fromhex(prefix.ljust(even, "0"))
    return low, None if len(after) > len(prefix) else bytes.fromhex(after.ljust(even, "0"))


def _bites(values: Iterable[str]) -> Iterator[list[str]]:
    """`values` in pieces of as many as SQLite can take."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
