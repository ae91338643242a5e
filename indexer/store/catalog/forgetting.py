"""Removing a whole source from the catalog; only the ids of its documents remain, to answer their citations."""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from indexer.store.catalog.query_log import strike_log, words_asked_for

_OF_DOCUMENTS: Final = ("attribute", "label", "row", "placement", "seen", "manifest", "passage", "version")
"""Tables with a column `document_no`, each before those that it refers to; the catalog's check of references is off meanwhile."""
_SHORTEST: Final = 3
"""Letters of a key, below which finding it in a question says nothing."""


def forget(connection: sqlite3.Connection, source_no: int, purge_no: int) -> None:
    """Remove every line of the source, inside the caller's transaction. References are not to be enforced in it."""
    name = connection.execute("SELECT name FROM source WHERE no = ?", (source_no,)).fetchone()[0]
    documents = "(SELECT no FROM document WHERE source_no = ?)"
    ids = {id_ for (id_,) in connection.execute("SELECT id FROM document WHERE source_no = ?", (source_no,))}
    keys = connection.execute("SELECT DISTINCT key FROM placement WHERE source_no = ?", (source_no,))
    # The source's name as it stands among options: by itself it may be any word.
    names = {f'"{name}"', *(key for (key,) in keys if len(key) >= _SHORTEST)}
    texts = connection.execute(f"SELECT text FROM passage WHERE document_no IN {documents}", (source_no,))
    words = words_asked_for(connection, (text for (text,) in texts))
    versions = f"(SELECT no FROM version WHERE document_no IN {documents})"
    for statement in (
        f"UPDATE purged_state SET document_no = NULL WHERE document_no IN {documents}",
        f"DELETE FROM purged_version WHERE version_no IN {versions}",
        f"DELETE FROM rendition WHERE version_no IN {versions}",
    ):
        connection.execute(statement, (source_no,))
    connection.execute(
        "INSERT OR REPLACE INTO forgotten SELECT id, ? FROM document WHERE source_no = ?",
        (purge_no, source_no),
    )
    for table in _OF_DOCUMENTS:
        connection.execute(f"DELETE FROM {table} WHERE document_no IN {documents}", (source_no,))
    connection.execute(
        "DELETE FROM deviation WHERE offshoot_no IN (SELECT no FROM offshoot WHERE source_no = ?)",
        (source_no,),
    )
    for table in ("seen", "failure", "revision", "tag", "offshoot", "deviating", "document"):
        connection.execute(f"DELETE FROM {table} WHERE source_no = ?", (source_no,))
    connection.execute("DELETE FROM source WHERE no = ?", (source_no,))
    for statement in (
        "DELETE FROM attribute_value WHERE no NOT IN (SELECT value_no FROM attribute)",
        "DELETE FROM embedding WHERE NOT EXISTS (SELECT 1 FROM passage WHERE embed_no = embedding.no)",
        "DELETE FROM original WHERE NOT EXISTS (SELECT 1 FROM version WHERE content_hash = original.hash)",
    ):
        connection.execute(statement)
    _strike_reports(connection, name)
    strike_log(connection, ids, names, words)


def _strike_reports(connection: sqlite3.Connection, name: str) -> None:
    for no, text in connection.execute("SELECT no, report FROM run").fetchall():
        report = json.loads(text)
        others = [source for source in report.get("sources", ()) if source.get("name") != name]
        if len(others) == len(report.get("sources", ())):
            continue
        if others:
            connection.execute(
                "UPDATE run SET report = ? WHERE no = ?", (json.dumps({**report, "sources": others}), no)
            )
        else:
            connection.execute("DELETE FROM run WHERE no = ?", (no,))
