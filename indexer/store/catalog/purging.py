"""Removing from the catalog what a purge is about: one SQLite transaction, in which the record of it stays."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

from indexer.hashing import short_id
from indexer.masks import is_masked, mask_key, mask_origin, tells_number
from indexer.model import FOREVER
from indexer.ports.purges import Clearing, PurgeScope, PurgeStage
from indexer.store.catalog import manifests
from indexer.store.catalog.commit import insert_rows, publish
from indexer.store.catalog.forgetting import forget
from indexer.store.catalog.query_log import strike_log, words_asked_for

TARGETS: Final = "(SELECT version_no FROM purged_version WHERE purge_no = ?)"
STRUCK: Final = f"""(SELECT x.version_no FROM purged_version x JOIN purge g ON g.no = x.purge_no
                     WHERE g.scope <> '{PurgeScope.RETENTION}')"""
"""Versions of which no name is kept, unlike those that were thinned out."""
_SAID: Final = "(purged)"
_SHORTEST: Final = 3
"""Letters of a title or a key, below which finding it in a line of a report says nothing."""


def source_mark(uid: str) -> str:
    """What stands for a source whose line in the catalog may be gone."""
    return short_id("source", uid)


def clear(connection: sqlite3.Connection, clearing: Clearing) -> None:
    """Remove what the purge is about, inside the caller's transaction."""
    scope, source_no = connection.execute(
        "SELECT scope, source_no FROM purge WHERE no = ?", (clearing.purge_no,)
    ).fetchone()
    if scope == PurgeScope.SOURCE:
        forget(connection, source_no, clearing.purge_no)
    else:
        _strike(connection, clearing, whole=scope == PurgeScope.DOCUMENT)
    for fingerprint in clearing.retired:
        connection.execute("DELETE FROM published WHERE fingerprint = ?", (fingerprint,))
    if clearing.published is not None:
        publish(connection, clearing.published)
    connection.execute(
        "UPDATE purge SET stage = ?, files = ? WHERE no = ?",
        (PurgeStage.CLEARED, json.dumps(dict(clearing.files)), clearing.purge_no),
    )
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_recorded', ?)", (str(clearing.recorded),))


def _strike(connection: sqlite3.Connection, clearing: Clearing, *, whole: bool) -> None:
    purge_no = clearing.purge_no
    documents = _numbers(
        connection, f"SELECT DISTINCT document_no FROM version WHERE no IN {TARGETS}", purge_no
    )
    words = _titles(connection, purge_no)
    origins = _keep_away(connection, purge_no)
    masked = _mask_keys(connection, purge_no)
    _mask_deviations(connection, masked, origins)
    _clear_failures(connection, purge_no, masked, origins, whole=whole)
    for _, key in masked:
        words |= {key, key.rpartition("/")[2]}
    connection.executemany("DELETE FROM row WHERE no = ?", [(no,) for no in clearing.dropped_rows])
    insert_rows(connection, clearing.added_rows)
    gone = strike_texts(connection, purge_no, documents)
    _strike_labels(connection, purge_no)
    if whole:
        connection.executemany("DELETE FROM attribute WHERE document_no = ?", [(no,) for no in documents])
        connection.execute("DELETE FROM attribute_value WHERE no NOT IN (SELECT value_no FROM attribute)")
    hashes = connection.execute(
        f"SELECT DISTINCT content_hash FROM version WHERE no IN {TARGETS} AND content_hash IS NOT NULL",
        (purge_no,),
    ).fetchall()
    connection.executemany(
        "UPDATE version SET origin = ? WHERE no = ?", [(mask_origin(o), no) for no, _, o in origins]
    )
    # One that could not be read is as well known now as any other that has no text for good.
    connection.execute(
        f"""UPDATE version SET kind = CASE kind WHEN 'tombstone' THEN kind ELSE 'content' END,
                content_hash = NULL, size = NULL, author = NULL, message = NULL, title = NULL, metadata = NULL
            WHERE no IN {TARGETS}""",
        (purge_no,),
    )
    connection.executemany(
        "DELETE FROM original WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM version WHERE content_hash = ?1)",
        hashes,
    )
    telling = {word for word in words if len(word) >= _SHORTEST}
    _scrub(connection, telling)
    ids = _ids(connection, purge_no, documents if whole else ())
    strike_log(connection, ids, telling, words_asked_for(connection, gone))


def _numbers(connection: sqlite3.Connection, query: str, *values: Any) -> list[int]:
    return [row[0] for row in connection.execute(query, values)]


def _titles(connection: sqlite3.Connection, purge_no: int) -> set[str]:
    rows = connection.execute(
        f"""SELECT title FROM version WHERE no IN {TARGETS}
            UNION SELECT title FROM rendition WHERE version_no IN {TARGETS}""",
        (purge_no, purge_no),
    )
    return {title for (title,) in rows if title}


def _keep_away(connection: sqlite3.Connection, purge_no: int) -> list[tuple[int, int, str]]:
    """Note the states that are not to come back; each as (version, source, origin)."""
    found = connection.execute(
        f"""SELECT v.no, d.source_no, v.origin, v.document_no, v.content_hash, v.size, v.kind
            FROM version v JOIN document d ON d.no = v.document_no WHERE v.no IN {TARGETS}""",
        (purge_no,),
    ).fetchall()
    mark, lasting = connection.execute(
        "SELECT source_mark, lasting FROM purge WHERE no = ?", (purge_no,)
    ).fetchone()
    connection.executemany(
        "INSERT INTO purged_state VALUES (?, ?, ?, ?, ?)",
        [
            # An empty file says nothing: that others are empty as well is no reason to keep them away.
            (purge_no, mark, document_no, mask_origin(origin), content if lasting and size != 0 else None)
            for _, _, origin, document_no, content, size, _ in found
        ],
    )
    return [(no, source_no, origin) for no, source_no, origin, *_ in found]


def _mask_keys(connection: sqlite3.Connection, purge_no: int) -> list[tuple[int, str]]:
    """Mask the keys that no version has any more that is not purged; those, with their sources."""
    keys = connection.execute(
        f"SELECT DISTINCT source_no, key FROM placement WHERE version_no IN {TARGETS}", (purge_no,)
    ).fetchall()
    masked = []
    for source_no, key in keys:
        if is_masked(key):
            continue
        held = connection.execute(
            f"""SELECT 1 FROM placement WHERE key = ? AND source_no = ? AND version_no NOT IN {STRUCK} LIMIT 1""",
            (key, source_no),
        ).fetchone()
        if held is None:
            masked.append((source_no, key))
    connection.executemany(
        "UPDATE placement SET key = ? WHERE key = ? AND source_no = ?",
        [(mask_key(key), key, source_no) for source_no, key in masked],
    )
    return masked


def _mask_deviations(
    connection: sqlite3.Connection, keys: Iterable[tuple[int, str]], origins: Iterable[tuple[int, int, str]]
) -> None:
    """Mask these keys and origins in what revisions beside the line have instead."""
    gone_keys, gone_origins = set(keys), {(source_no, origin) for _, source_no, origin in origins}
    found: dict[int, tuple[int, str, str]] = {}
    for column, values in (("key", gone_keys), ("origin", gone_origins)):
        for value in values:
            for no, *state in connection.execute(
                f"SELECT no, source_no, key, origin FROM deviating WHERE source_no = ? AND {column} = ?",
                value,
            ):
                found[no] = (state[0], state[1], state[2])
    for no, (source_no, key, origin) in found.items():
        new_key = mask_key(key) if (source_no, key) in gone_keys else key
        new_origin = mask_origin(origin) if (source_no, origin) in gone_origins else origin
        same = connection.execute(
            "SELECT no FROM deviating WHERE source_no = ? AND key = ? AND origin = ?",
            (source_no, new_key, new_origin),
        ).fetchone()
        if same is None:
            connection.execute(
                "UPDATE deviating SET key = ?, origin = ? WHERE no = ?", (new_key, new_origin, no)
            )
        elif same[0] != no:
            connection.execute(
                "INSERT OR IGNORE INTO deviation SELECT offshoot_no, ? FROM deviation WHERE deviating_no = ?",
                (same[0], no),
            )
            connection.execute("DELETE FROM deviation WHERE deviating_no = ?", (no,))
            connection.execute("DELETE FROM deviating WHERE no = ?", (no,))


def _clear_failures(
    connection: sqlite3.Connection,
    purge_no: int,
    keys: Iterable[tuple[int, str]],
    origins: Iterable[tuple[int, int, str]],
    *,
    whole: bool,
) -> None:
    """Strike the failures to read what is gone: their details may quote it."""
    present = connection.execute(
        f"""SELECT source_no, key FROM placement WHERE version_no IN {TARGETS}
            AND recorded_to = {FOREVER} AND closed_recorded = {FOREVER} AND number IS NOT NULL""",
        (purge_no,),
    ).fetchall()
    named = {*present, *keys}
    connection.executemany("DELETE FROM failure WHERE source_no = ? AND key = ? AND scope = 0", named)
    # Of a state that has a name of its own the failure is listed at key@origin.
    connection.executemany(
        "DELETE FROM failure WHERE source_no = ?1 AND scope = 0 AND substr(key, -length(?2) - 1) = '@' || ?2",
        [(source_no, origin) for _, source_no, origin in origins],
    )
    if whole:
        connection.executemany(
            "DELETE FROM failure WHERE source_no = ?1 AND scope = 0 AND substr(key, 1, length(?2) + 1) = ?2 || '@'",
            list(keys),
        )


def strike_texts(connection: sqlite3.Connection, purge_no: int, documents: Sequence[int]) -> list[bytes]:
    """Remove renditions, and the manifests, passages and embedded texts that nothing else needs; the packed texts."""
    texts: list[bytes] = []
    connection.execute(f"DELETE FROM rendition WHERE version_no IN {TARGETS}", (purge_no,))
    for document_no in documents:
        connection.execute(
            """DELETE FROM manifest WHERE document_no = ?
               AND NOT EXISTS (SELECT 1 FROM rendition WHERE manifest_no = manifest.no)""",
            (document_no,),
        )
        needed: set[int] = set()
        for (entries,) in connection.execute(
            "SELECT entries FROM manifest WHERE document_no = ?", (document_no,)
        ):
            needed.update(manifests.passage_numbers(entries))
        gone = [
            (no, embed_no, text)
            for no, embed_no, text in connection.execute(
                "SELECT no, embed_no, text FROM passage WHERE document_no = ?", (document_no,)
            )
            if no not in needed
        ]
        texts += [text for *_, text in gone]
        connection.executemany("DELETE FROM passage WHERE no = ?", [(no,) for no, *_ in gone])
        connection.executemany(
            "DELETE FROM embedding WHERE no = ?1 AND NOT EXISTS (SELECT 1 FROM passage WHERE embed_no = ?1)",
            {(embed_no,) for _, embed_no, _ in gone},
        )
    return texts


def _ids(connection: sqlite3.Connection, purge_no: int, documents: Sequence[int]) -> set[str]:
    """The ids of the versions that go, and of these documents."""
    rows = connection.execute(f"SELECT id FROM version WHERE no IN {TARGETS}", (purge_no,)).fetchall()
    for no in documents:
        rows += connection.execute("SELECT id FROM document WHERE no = ?", (no,)).fetchall()
    return {id_ for (id_,) in rows}


def _strike_labels(connection: sqlite3.Connection, purge_no: int) -> None:
    labels = connection.execute(f"SELECT no, name FROM label WHERE version_no IN {TARGETS}", (purge_no,))
    gone = [(no,) for no, name in labels.fetchall() if not tells_number(name)]
    connection.executemany("DELETE FROM label WHERE no = ?", gone)


def _scrub(connection: sqlite3.Connection, words: set[str]) -> None:
    """Take lines that name one of `words` out of the reports of runs, and out of what is said of sources."""
    for no, report in connection.execute("SELECT no, report FROM run").fetchall():
        scrubbed = json.dumps(_without(json.loads(report), words))
        if scrubbed != report:
            connection.execute("UPDATE run SET report = ? WHERE no = ?", (scrubbed, no))
    for no, detail in connection.execute("SELECT no, detail FROM source WHERE detail IS NOT NULL").fetchall():
        if any(word in detail for word in words):
            connection.execute("UPDATE source SET detail = ? WHERE no = ?", (_SAID, no))


def _without(report: Any, words: set[str]) -> Any:
    match report:
        case dict():
            return {name: _without(value, words) for name, value in report.items()}
        case list():
            return [
                _SAID
                if isinstance(line, str) and any(word in line for word in words)
                else _without(line, words)
                for line in report
            ]
        case _:
            return report
