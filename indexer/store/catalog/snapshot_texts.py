"""Reading texts from the catalog: manifests, renditions, passages, and the weave rows of passages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import zstandard

from indexer.chunking.embedded import embedded_text
from indexer.errors import DamagedStoreError
from indexer.model import ManifestEntry, Passage, Row
from indexer.store.catalog import manifests

_CHUNK: Final = 500  # values in one IN list: well under SQLite's limit of parameters


class SnapshotTexts:
    """The part of a snapshot that reads texts, inside one read transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self._decompress = zstandard.ZstdDecompressor().decompress

    def manifest(self, manifest_no: int) -> tuple[ManifestEntry, ...]:
        row = self._sql.execute("SELECT entries FROM manifest WHERE no = ?", (manifest_no,)).fetchone()
        try:
            if row is None:
                raise ValueError("it is missing")
            return manifests.decode(row[0])
        except (ValueError, UnicodeDecodeError) as error:
            raise DamagedStoreError(
                f"manifest {manifest_no} in the catalog is damaged ({error})",
                remedy="run `indexer check --deep`",
            ) from error

    def renditions(self, version_no: int) -> list[int]:
        rows = self._sql.execute(
            "SELECT manifest_no FROM rendition WHERE version_no = ? ORDER BY recorded_from DESC, no DESC",
            (version_no,),
        )
        return [row[0] for row in rows]

    def manifest_passages(self, manifest_nos: Iterable[int]) -> dict[int, list[int]]:
        return {
            no: manifests.passage_numbers(entries)
            for no, entries in self._selected(
                "SELECT no, entries FROM manifest WHERE %s", "no", manifest_nos, {}
            )
        }

    def passages(self, passage_nos: Iterable[int]) -> dict[int, Passage]:
        found: dict[int, Passage] = {}
        for no, id_, document_no, embed_no, tokens, heading, header, packed in self._selected(
            "SELECT no, id, document_no, embed_no, tokens, heading, table_header, text FROM passage WHERE %s",
            "no",
            passage_nos,
            {},
        ):
            try:
                text = self._decompress(packed).decode()
            except (zstandard.ZstdError, UnicodeDecodeError) as error:
                raise DamagedStoreError(
                    f"the text of passage {id_} in the catalog is damaged ({error})",
                    remedy="run `indexer check --deep`",
                ) from error
            path = tuple(json.loads(heading))
            found[no] = Passage(
                no, id_, document_no, path, header, text, embedded_text(path, header, text), embed_no, tokens
            )
        return found

    def passage_by_id(self, passage_id: str) -> Passage | None:
        row = self._sql.execute("SELECT no FROM passage WHERE id = ?", (passage_id,)).fetchone()
        return None if row is None else self.passages([row[0]])[row[0]]

    def rows(self, *, document_no: int | None = None, passage_nos: Iterable[int] | None = None) -> list[Row]:
        query = """SELECT r.no, r.passage_no, r.document_no, d.source_no, p.embed_no, r.valid_from, r.valid_to,
                          r.recorded_from, r.recorded_to, r.closed_recorded
                   FROM row r JOIN document d ON d.no = r.document_no JOIN passage p ON p.no = r.passage_no
                   WHERE %s ORDER BY r.no"""
        if document_no is not None:
            found = self._sql.execute(query % "r.document_no = ?", (document_no,))
            return [Row(*row) for row in found]
        return [Row(*row) for row in self._selected(query, "r.passage_no", passage_nos, {})]

    def _selected(
        self, query: str, column: str, values: Iterable[int] | None, parameters: Mapping[str, Any]
    ) -> Iterator[Any]:
        """Run `query` with `%s` replaced by a condition on `column`, in bites that SQLite can take."""
        for condition in within(column, values):
            yield from self._sql.execute(query % condition, parameters)


def within(column: str, values: Iterable[int] | None) -> Iterator[str]:
    """Conditions that `column` is one of `values`, of as many as SQLite can take; None: whatever it is."""
    if values is None:
        yield f"{column} IS NOT NULL"
        return
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _CHUNK):
        yield f"{column} IN ({','.join(str(int(value)) for value in wanted[start : start + _CHUNK])})"
