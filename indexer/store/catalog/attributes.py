"""Writing and reading what a source says of documents as a whole, with the intervals in which that was believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from indexer.model import FOREVER, Instant
from indexer.store.catalog.snapshot_points import live
from indexer.store.catalog.snapshot_texts import within

Attributes = dict[str, tuple[str, ...]]
"""Name → values, sorted; none of them where the source says that there is none."""

_NONE: Final = ""
"""Stands for a name of which the source says that there is no value: not the same as having said nothing."""


def write(
    connection: sqlite3.Connection, attributes: Mapping[int, Mapping[str, tuple[str, ...]]], now: Instant
) -> None:
    """Say this of these documents, inside the caller's transaction, as believed from `now` on."""
    for document_no, said in attributes.items():
        wanted = {(name, value) for name, values in said.items() for value in values or (_NONE,)}
        held = {
            (name, value): value_no
            for value_no, name, value in connection.execute(
                """SELECT v.no, v.name, v.value FROM attribute a JOIN attribute_value v ON v.no = a.value_no
                   WHERE a.document_no = ? AND a.recorded_to = ?""",
                (document_no, FOREVER),
            )
        }
        connection.executemany(
            "UPDATE attribute SET recorded_to = ? WHERE value_no = ? AND document_no = ? AND recorded_to = ?",
            [(now, no, document_no, FOREVER) for pair, no in held.items() if pair not in wanted],
        )
        new = sorted(wanted - held.keys())
        connection.executemany("INSERT OR IGNORE INTO attribute_value (name, value) VALUES (?, ?)", new)
        connection.executemany(
            """INSERT INTO attribute SELECT no, ?, ?, ? FROM attribute_value WHERE name = ? AND value = ?""",
            [(document_no, now, FOREVER, *pair) for pair in new],
        )


def read(
    connection: sqlite3.Connection, document_nos: Iterable[int], known_at: Instant
) -> dict[int, Attributes]:
    """What was believed of each of these documents at `known_at`; those of which nothing was said are left out."""
    found: dict[int, Attributes] = {}
    for condition in within("a.document_no", document_nos):
        for document_no, name, value in connection.execute(
            f"""SELECT a.document_no, v.name, v.value FROM attribute a JOIN attribute_value v ON v.no = a.value_no
                WHERE {condition} AND {live("a")} ORDER BY a.document_no, v.name, v.value""",
            {"r": known_at},
        ):
            said = found.setdefault(document_no, {})
            said[name] = (*said.get(name, ()), value) if value != _NONE else ()
    return found


def clashing(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """(document id, name, value) where something is believed of a document twice at one instant."""
    yield from connection.execute(
        """SELECT d.id, v.name, v.value
           FROM (SELECT value_no, document_no, recorded_to,
                        lead(recorded_from) OVER (PARTITION BY value_no, document_no ORDER BY recorded_from) AS next
                 FROM attribute) a
                JOIN document d ON d.no = a.document_no JOIN attribute_value v ON v.no = a.value_no
           WHERE a.next < a.recorded_to ORDER BY d.no, v.name, v.value"""
    )


class SnapshotAttributes:
    """The part of a snapshot that knows what is said of documents, inside one read transaction."""

    recorded: Instant
    _sql: sqlite3.Connection

    def attributes(
        self, document_nos: Iterable[int], known_at: Instant | None = None
    ) -> dict[int, Attributes]:
        return read(self._sql, document_nos, self.recorded if known_at is None else known_at)

    def attribute_values(self, name: str) -> dict[int, str]:
        rows = self._sql.execute(
            "SELECT no, value FROM attribute_value WHERE name = ? AND value <> ?", (name, _NONE)
        )
        return dict(rows)

    def documents_with(self, value_nos: Iterable[int], known_at: Instant | None = None) -> set[int]:
        at = self.recorded if known_at is None else known_at
        return {
            row[0]
            for condition in within("a.value_no", value_nos)
            for row in self._sql.execute(
                f"SELECT a.document_no FROM attribute a WHERE {condition} AND {live('a')}", {"r": at}
            )
        }
