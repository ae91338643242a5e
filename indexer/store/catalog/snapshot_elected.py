"""Reading one version of each document at once, no more of it than a search needs: where it is, and its manifest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from indexer.model import Instant
from indexer.ports.elected import Elected, Labelled, Place, Rank
from indexer.store.catalog.snapshot_points import live
from indexer.store.catalog.snapshot_texts import within

_TEXT: Final = """LEFT JOIN rendition t ON t.no = (
                     SELECT u.no FROM rendition u WHERE u.version_no = {} AND u.recorded_from <= :r
                     ORDER BY u.recorded_from DESC, u.no DESC LIMIT 1)"""
"""The text that a version had at R, as versions that are read whole have it."""
_ON_LINE: Final = f"p.number IS NOT NULL AND {live('p')}"


class SnapshotElected:
    """The part of a snapshot that reads one version of each of many documents."""

    recorded: Instant
    _sql: sqlite3.Connection

    def present_keys(self, known_at: Instant) -> dict[int, tuple[int, str]]:
        rows = self._sql.execute(
            f"""SELECT p.document_no, p.source_no, p.key, max(p.number) FROM placement p
                WHERE {live("p")} GROUP BY p.document_no""",
            {"r": known_at},
        )
        return {document_no: (source_no, key) for document_no, source_no, key, _ in rows}

    def ranked(self, rank: Rank | int, known_at: Instant) -> dict[int, Elected]:
        # Of the rows of a group SQLite takes the other columns from the one that is the least or the greatest.
        if isinstance(rank, int):
            one = f"SELECT p.document_no, p.version_no, p.key FROM placement p WHERE {_ON_LINE} AND p.number = :n"
        elif rank is Rank.PREVIOUS:
            one = f"""SELECT p.document_no, p.version_no, p.key
                      FROM (SELECT p.document_no AS no, max(p.number) AS last FROM placement p
                            WHERE {_ON_LINE} GROUP BY p.document_no) l
                           CROSS JOIN placement p ON p.document_no = l.no AND p.number = l.last - 1 AND {live("p")}"""
        else:
            end = "min" if rank is Rank.FIRST else "max"
            one = f"""SELECT p.document_no, p.version_no, p.key, {end}(p.number) FROM placement p
                      WHERE {_ON_LINE} GROUP BY p.document_no"""
        rows = self._sql.execute(
            f"""SELECT c.document_no, c.version_no, c.key, t.manifest_no FROM ({one}) c
                     {_TEXT.format("c.version_no")}""",
            {"r": known_at, "n": rank if isinstance(rank, int) else None},
        )
        return {document_no: Elected._make(version) for document_no, *version in rows}

    def begun(self, begin: Instant | None, end: Instant | None, known_at: Instant) -> dict[int, Place]:
        rows = self._sql.execute(
            f"""SELECT p.document_no, p.version_no, max(p.number), p.valid_from, p.key FROM placement p
                WHERE {_ON_LINE} AND (:begin IS NULL OR p.valid_from >= :begin)
                  AND (:end IS NULL OR p.valid_from <= :end) GROUP BY p.document_no""",
            {"r": known_at, "begin": begin, "end": end},
        )
        return {document_no: Place._make(place) for document_no, *place in rows}

    def elected(self, version_nos: Iterable[int], known_at: Instant) -> dict[int, Elected]:
        found: dict[int, Elected] = {}
        for condition in within("v.no", version_nos):
            rows = self._sql.execute(
                f"""SELECT v.document_no, v.no, p.key, t.manifest_no
                    FROM version v
                         LEFT JOIN placement p ON p.no = (
                             SELECT q.no FROM placement q WHERE q.version_no = v.no AND q.recorded_from <= :r
                             ORDER BY q.recorded_to > :r DESC, q.recorded_to DESC, q.no DESC LIMIT 1)
                         {_TEXT.format("v.no")}
                    WHERE {condition} AND v.recorded <= :r""",
                {"r": known_at},
            )
            found |= {no: Elected(no, key or "", manifest_no) for _, no, key, manifest_no in rows}
        return found

    def label_names(self) -> list[str]:
        return [row[0] for row in self._sql.execute("SELECT DISTINCT name FROM label")]

    def labelled(self, names: Iterable[str], known_at: Instant) -> list[Labelled]:
        found: list[Labelled] = []
        for name in sorted(set(names)):
            rows = self._sql.execute(
                f"""SELECT l.document_no, l.name, l.version_no, p.key, t.manifest_no
                    FROM label l LEFT JOIN placement p ON p.version_no = l.version_no AND {_ON_LINE}
                         {_TEXT.format("l.version_no")}
                    WHERE l.name = :name AND {live("l")}""",
                {"r": known_at, "name": name},
            )
            found += (
                Labelled(no, label, None if key is None else Elected(version_no, key, manifest_no))
                for no, label, version_no, key, manifest_no in rows
            )
        return found

    def counted(self, known_at: Instant) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for version_no, name in self._sql.execute(
            f"SELECT l.version_no, l.name FROM label l WHERE l.name GLOB '[0-9]*' AND {live('l')}",
            {"r": known_at},
        ):
            if name.isdigit():
                found.setdefault(version_no, set()).add(name)
        return found
