"""The log of questions in the catalog: written in batches, read newest first, rid of what was purged."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final

import zstandard

from indexer.model import Instant
from indexer.ports.purges import PurgeScope
from indexer.ports.query_log import LoggedCitation, LoggedQuery

_COLUMNS: Final = "asked, who, question, options, interpretation, answer, refused, recorded, known_at, citations, microseconds"
_SAID: Final = "question, options, coalesce(answer, '')"
"""What others said; how it was understood is said in our words, and in names."""
_ID: Final = re.compile(r"\b[dv]_[0-9a-z]+")
_WORD: Final = re.compile(r"\w{3,}")
"""Shorter words tell nothing."""
_EDGES: Final = ".,;:!?()[]{}<>\"'`*"


class CatalogQueryLog:
    """Implements `ports.query_log.QueryLog`; the catalog inherits it."""

    _sql: sqlite3.Connection

    def log_queries(self, queries: Sequence[LoggedQuery], oldest: Instant, most: int) -> int:
        with self._writing() as connection:
            # An answer that saw what was removed since may tell of it.
            last = connection.execute(
                "SELECT coalesce(max(recorded), -1) FROM purge WHERE scope <> ?", (PurgeScope.RETENTION,)
            ).fetchone()[0]
            kept = [query for query in queries if query.recorded > last]
            connection.executemany(
                f"INSERT INTO query_log ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        query.asked,
                        query.who,
                        query.question,
                        json.dumps(query.options, ensure_ascii=False),
                        query.interpretation,
                        query.answer,
                        query.refused,
                        query.recorded,
                        query.known_at,
                        json.dumps(query.citations),
                        query.microseconds,
                    )
                    for query in kept
                ],
            )
            connection.execute("DELETE FROM query_log WHERE asked < ?", (oldest,))
            connection.execute(
                "DELETE FROM query_log WHERE no <= (SELECT no FROM query_log ORDER BY no DESC LIMIT 1 OFFSET ?)",
                (most,),
            )
        return len(queries) - len(kept)

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError


class SnapshotQueryLog:
    """Implements `ports.query_log.LoggedQueries`, inside one read transaction."""

    _sql: sqlite3.Connection

    def logged_queries(self, count: int | None = None) -> Iterator[LoggedQuery]:
        rows = self._sql.execute(
            f"SELECT no, {_COLUMNS} FROM query_log ORDER BY no DESC LIMIT ?",
            (-1 if count is None else count,),
        )
        for (
            no,
            asked,
            who,
            question,
            options,
            told,
            answer,
            refused,
            recorded,
            known_at,
            citations,
            took,
        ) in rows:
            yield LoggedQuery(
                asked=asked,
                question=question,
                options=json.loads(options),
                interpretation=told,
                answer=answer,
                refused=refused,
                recorded=recorded,
                known_at=known_at,
                citations=tuple(LoggedCitation(*citation) for citation in json.loads(citations)),
                microseconds=took,
                who=who,
                no=no,
            )


def words_asked_for(connection: sqlite3.Connection, texts: Iterable[bytes]) -> set[str]:
    """The words of `texts`, as passages are packed, that some question in the log holds as well."""
    asked: set[str] = set()
    for said in connection.execute(f"SELECT {_SAID} FROM query_log"):
        asked |= _words("\n".join(said).casefold())
    found: set[str] = set()
    for text in texts if asked else ():
        found |= asked & _words(_unpacked(text))
    return found


def strike_log(connection: sqlite3.Connection, ids: set[str], names: Iterable[str], words: set[str]) -> None:
    """Take out every question that touches what was just removed, inside the caller's transaction.

    These are the questions whose answers cite one of `ids` (of documents and versions), those that hold one of
    `names`, and those with one of `words`, which stood in what was removed, unless it stands in a text that is left:
    what nobody can look up any more must not be read here.
    """
    gone = set(words)
    for text, heading in connection.execute("SELECT text, heading FROM passage"):
        if not gone:
            break
        gone -= _words(f"{_unpacked(text)} {heading.casefold()}")
    lowered = [name.casefold() for name in names]
    struck = []
    for no, citations, told, *texts in connection.execute(
        f"SELECT no, citations, interpretation, {_SAID} FROM query_log"
    ):
        said = "\n".join(texts).casefold()
        if (
            not ids.isdisjoint(_ID.findall(f"{citations} {said}"))
            or any(name in said or name in told.casefold() for name in lowered)
            or not gone.isdisjoint(_words(said))
        ):
            struck.append((no,))
    connection.executemany("DELETE FROM query_log WHERE no = ?", struck)


def _unpacked(text: bytes) -> str:
    return zstandard.ZstdDecompressor().decompress(text).decode().casefold()


def _words(text: str) -> set[str]:
    """The words of a text, and what stands between two blanks, such as a password or an address."""
    apart = (chunk.strip(_EDGES) for chunk in text.split())
    return {*_WORD.findall(text), *(chunk for chunk in apart if len(chunk) >= 3)}
