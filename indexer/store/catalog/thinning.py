"""Taking their texts from versions that a retention rule does not keep: one SQLite transaction."""

from __future__ import annotations

import json
import sqlite3

from indexer.clock import Clock
from indexer.ports.purges import PurgeScope, PurgeStage, Thinning
from indexer.store.catalog.commit import publish
from indexer.store.catalog.purging import TARGETS, source_mark, strike_texts


def thin_out(connection: sqlite3.Connection, thinning: Thinning, clock: Clock) -> int:
    """Do it inside the caller's transaction; the number of the record that remains."""
    uid, name = connection.execute(
        "SELECT uid, name FROM source WHERE no = ?", (thinning.source_no,)
    ).fetchone()
    no = connection.execute(
        """INSERT INTO purge (id, scope, source_no, source, source_mark, reason, by_whom, lasting, recorded, stage, files)
           VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)""",
        (clock.draw_id("x"), PurgeScope.RETENTION, thinning.source_no, name, source_mark(uid), thinning.rule,
         f"the retention rule of {name}", thinning.recorded, PurgeStage.CLEARED,
         json.dumps({fingerprint: [] for fingerprint in thinning.retired})),
    ).lastrowid  # fmt: skip
    assert no is not None
    connection.executemany(
        "INSERT INTO purged_version VALUES (?, ?)", [(version_no, no) for version_no in thinning.version_nos]
    )
    connection.executemany(
        "DELETE FROM row WHERE passage_no = ?", [(passage_no,) for passage_no in thinning.passages]
    )
    documents = connection.execute(
        f"SELECT DISTINCT document_no FROM version WHERE no IN {TARGETS}", (no,)
    ).fetchall()
    hashes = connection.execute(
        f"SELECT DISTINCT content_hash FROM version WHERE no IN {TARGETS} AND content_hash IS NOT NULL", (no,)
    ).fetchall()
    # The title that its text gave it stays, and one that could be read only later is as well known as any other.
    connection.execute(
        f"""UPDATE version SET kind = 'content', content_hash = NULL, size = NULL, title = coalesce(title,
                (SELECT t.title FROM rendition t WHERE t.version_no = version.no ORDER BY t.no DESC LIMIT 1))
            WHERE no IN {TARGETS}""",
        (no,),
    )
    strike_texts(connection, no, [document_no for (document_no,) in documents])
    connection.executemany(
        "DELETE FROM original WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM version WHERE content_hash = ?1)",
        hashes,
    )
    for fingerprint in thinning.retired:
        connection.execute("DELETE FROM published WHERE fingerprint = ?", (fingerprint,))
    if thinning.published is not None:
        publish(connection, thinning.published)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_recorded', ?)", (str(thinning.recorded),))
    return no
