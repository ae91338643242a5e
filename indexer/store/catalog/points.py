"""Writing what a commit changes in the states of the whole source: revisions, tags, offshoots."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from indexer.model import FOREVER, Instant
from indexer.ports.batch import Points
from indexer.ports.events import Revision

INDEXED: Final = 8
"""Bytes of a revision's name that its index holds."""


def write(connection: sqlite3.Connection, source_no: int, points: Points, now: Instant) -> None:
    """Write `points` of a source inside the caller's transaction, as believed from `now` on."""
    if points.offshoots_anew:
        _cut_offshoots(connection, source_no, -FOREVER, now)
    elif points.cut_after is not None:
        _cut_offshoots(connection, source_no, points.cut_after, now)
    if points.cut_after is not None or points.landed:
        _line(connection, source_no, points.cut_after, points.landed, now)
    for revision, (sequence, states) in points.offshoots.items():
        _offshoot(connection, source_no, raw_name(revision), sequence, states, now)
    if points.tags is not None:
        _tags(connection, source_no, points.tags, now)


def raw_name(revision: str) -> bytes:
    """The stored form of a revision's full name."""
    return bytes.fromhex(revision)


def named(column: str, value: str) -> str:
    """The condition that `column` of the revisions is `value`, which their index can be used for."""
    return f"substr({column}, 1, {INDEXED}) = substr({value}, 1, {INDEXED}) AND {column} = {value}"


def _line(
    connection: sqlite3.Connection,
    source_no: int,
    cut_after: int | None,
    landed: Iterable[Revision],
    now: Instant,
) -> None:
    """Close the revisions that left the line, and add those that are new on it.

    A line that is told again from its beginning mostly is what it was: that writes nothing.
    """
    new = {revision.sequence: raw_name(revision.id) for revision in landed}
    first = min(new if cut_after is None else [*new, cut_after + 1])
    last = max(new) if cut_after is None else FOREVER
    gone = []
    for no, sequence, name in connection.execute(
        """SELECT no, sequence, id FROM revision
           WHERE source_no = ? AND sequence BETWEEN ? AND ? AND recorded_to = ?""",
        (source_no, first, last, FOREVER),
    ):
        if new.get(sequence) == name:
            del new[sequence]
        elif sequence in new or (cut_after is not None and sequence > cut_after):
            gone.append((now, no))
    connection.executemany("UPDATE revision SET recorded_to = ? WHERE no = ?", gone)
    connection.executemany(  # a revision has one place
        f"UPDATE revision SET recorded_to = ? WHERE {named('id', '?2')} AND source_no = ? AND recorded_to = ?",
        [(now, name, source_no, FOREVER) for name in new.values()],
    )
    connection.executemany(
        "INSERT INTO revision (source_no, sequence, id, recorded_from, recorded_to) VALUES (?, ?, ?, ?, ?)",
        [(source_no, sequence, name, now, FOREVER) for sequence, name in new.items()],
    )


def _tags(connection: sqlite3.Connection, source_no: int, tags: Mapping[str, str], now: Instant) -> None:
    told = {name: raw_name(revision) for name, revision in tags.items()}
    held = dict(
        connection.execute(
            "SELECT name, revision FROM tag WHERE source_no = ? AND recorded_to = ?", (source_no, FOREVER)
        )
    )
    connection.executemany(
        "UPDATE tag SET recorded_to = ? WHERE source_no = ? AND name = ? AND recorded_to = ?",
        [(now, source_no, name, FOREVER) for name, revision in held.items() if told.get(name) != revision],
    )
    connection.executemany(
        "INSERT INTO tag VALUES (?, ?, ?, ?, ?)",
        [
            (source_no, name, revision, now, FOREVER)
            for name, revision in told.items()
            if held.get(name) != revision
        ],
    )


def _cut_offshoots(connection: sqlite3.Connection, source_no: int, cut_after: int, now: Instant) -> None:
    """What was compared with a place that is not on the line any more has to be compared again."""
    connection.execute(
        "UPDATE offshoot SET recorded_to = ? WHERE source_no = ? AND sequence > ? AND recorded_to = ?",
        (now, source_no, cut_after, FOREVER),
    )


def _offshoot(
    connection: sqlite3.Connection,
    source_no: int,
    revision: bytes,
    sequence: int,
    states: Mapping[str, str | None],
    now: Instant,
) -> None:
    """Say how a revision beside the line differs from it; whatever was said of it before ends."""
    connection.execute(
        "UPDATE offshoot SET recorded_to = ? WHERE revision = ? AND source_no = ? AND recorded_to = ?",
        (now, revision, source_no, FOREVER),
    )
    number = connection.execute(
        "INSERT INTO offshoot (source_no, revision, sequence, recorded_from, recorded_to) VALUES (?, ?, ?, ?, ?)",
        (source_no, revision, sequence, now, FOREVER),
    ).lastrowid
    there = [(source_no, key, origin or "") for key, origin in states.items()]
    connection.executemany("INSERT OR IGNORE INTO deviating (source_no, key, origin) VALUES (?, ?, ?)", there)
    connection.executemany(
        """INSERT INTO deviation SELECT ?, no FROM deviating WHERE source_no = ? AND key = ? AND origin = ?""",
        [(number, *state) for state in there],
    )
