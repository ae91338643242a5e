"""Reading what documents state of themselves: the names of their version, and a date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from indexer.model import Instant
from indexer.ports.stated import Stated
from indexer.store.catalog.snapshot_texts import within

_LAST: Final = """p.recorded_from <= :r AND :r < p.recorded_to AND p.number = (
    SELECT max(q.number) FROM placement q JOIN version w ON w.no = q.version_no
    WHERE q.document_no = p.document_no AND q.recorded_from <= :r AND :r < q.recorded_to AND w.kind <> 'tombstone')"""
"""Of a document the last version that is no tombstone: one that is gone stated what it was."""


class SnapshotStated:
    """The part of a snapshot that tells what texts say of themselves."""

    _sql: sqlite3.Connection
    recorded: Instant

    def stated(
        self, document_nos: Iterable[int] | None = None, known_at: Instant | None = None
    ) -> dict[int, Stated]:
        at = {"r": self.recorded if known_at is None else known_at}
        found: dict[int, Stated] = {}
        wanted = None if document_nos is None else frozenset(document_nos)
        # By the label's own document: there is an index on that, and none on its version.
        for condition in within("l.document_no", wanted):
            for no, name in self._sql.execute(
                f"""SELECT l.document_no, l.name FROM label l JOIN placement p ON p.version_no = l.version_no
                    WHERE l.stated = 1 AND l.recorded_from <= :r AND :r < l.recorded_to AND {_LAST} AND {condition}
                    ORDER BY l.no""",
                at,
            ):
                known = found.get(no, Stated())
                found[no] = replace(known, labels=(*known.labels, name))
        for condition in within("p.document_no", wanted):
            # A letter has its date from being sent: that is no edition of anything.
            for no, date in self._sql.execute(
                f"""SELECT p.document_no, json_extract(t.metadata, '$.date')
                    FROM rendition t JOIN placement p ON p.version_no = t.version_no
                    WHERE t.metadata LIKE '%"date"%' AND t.recorded_from <= :r AND :r < t.recorded_to
                      AND json_extract(t.metadata, '$.date') <> ''
                      AND json_extract(t.metadata, '$."message-id"') IS NULL AND {_LAST} AND {condition}
                    ORDER BY t.no""",
                at,
            ):
                found[no] = replace(found.get(no, Stated()), date=str(date))
        return found
