"""How much the catalog says is kept of each source."""

from __future__ import annotations

import sqlite3

from indexer.ports.sizes import Held


class SnapshotSizes:
    """The part of a snapshot that measures."""

    _sql: sqlite3.Connection

    def held(self) -> dict[int, Held]:
        originals = {
            source_no: (files, size)
            for source_no, files, size in self._sql.execute(
                """SELECT source_no, count(*), sum(size) FROM (
                       SELECT o.size AS size, min(d.source_no) AS source_no FROM original o
                       JOIN version v ON v.content_hash = o.hash JOIN document d ON d.no = v.document_no
                       GROUP BY o.hash) GROUP BY source_no"""
            )
        }
        rows = dict(
            self._sql.execute(
                """SELECT d.source_no, sum(r.lines) FROM (
                       SELECT document_no, count(*) AS lines FROM row GROUP BY document_no) r
                   JOIN document d ON d.no = r.document_no GROUP BY d.source_no"""
            )
        )
        return {
            source_no: Held(*originals.get(source_no, (0, 0)), rows.get(source_no, 0))
            for source_no in sorted(originals.keys() | rows.keys())
        }

    def text_bytes(self) -> dict[int, int]:
        return dict(
            self._sql.execute(
                """SELECT d.source_no, sum(length(p.text)) FROM passage p JOIN document d ON d.no = p.document_no
                   GROUP BY d.source_no"""
            )
        )
