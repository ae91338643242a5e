"""A passages table in memory: the obvious way to do what `ports.PassageStore` promises, as a model for tests."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.errors import DamagedStoreError
from indexer.model import Row
from indexer.ports import Filter, Match, Rewritten, StoredPassage, UpkeepDue, VersionGoneError

_WORD = re.compile(r"[^\W_]+")


def visible(row: Row, where: Filter) -> bool:
    """Whether `where` lets `row` be seen, condition by condition as `ports.Filter` states them."""
    if where.documents is not None and row.document_no not in where.documents:
        return False
    if where.not_documents is not None and row.document_no in where.not_documents:
        return False
    if where.sources is not None and row.source_no not in where.sources:
        return False
    if where.passages is not None and row.passage_no not in where.passages:
        return False
    return row.passage_no in where.or_passages or _visible_in_time(row, where)


def _visible_in_time(row: Row, where: Filter) -> bool:
    known = where.known_at
    if known is None:
        return True
    if not row.recorded_from <= known < row.recorded_to:
        return False
    if where.every_version:
        return True
    if where.valid_at is None:
        return known < row.closed_recorded
    return row.valid_from <= where.valid_at and (where.valid_at < row.valid_to or known < row.closed_recorded)


class MemorySnapshot:
    """The rows of one version."""

    def __init__(self, rows: dict[int, StoredPassage]) -> None:
        self._rows = rows

    def search_vector(
        self,
        vector: Callable[[], NDArray[np.float32]],
        where: Filter,
        limit: int,
        *,
        vectors: bool = False,
    ) -> list[Match]:
        question = vector()
        scores = {p.row.no: float(p.vector @ question) for p in self._visible(where)}
        return self._best(scores, limit, vectors)

    def search_text(self, query: str, where: Filter, limit: int, *, vectors: bool = False) -> list[Match]:
        """BM25 with the usual constants, over all rows' statistics."""
        texts = {no: Counter(_words(p.embedded)) for no, p in self._rows.items()}
        mean = sum(words.total() for words in texts.values()) / max(len(texts), 1)
        scores: dict[int, float] = {}
        for passage in self._visible(where):
            words = texts[passage.row.no]
            for word in sorted(set(_words(query)) & set(words)):
                holding = sum(word in other for other in texts.values())
                rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
                weight = words[word] * 2.2 / (words[word] + 1.2 * (0.25 + 0.75 * words.total() / mean))
                scores[passage.row.no] = scores.get(passage.row.no, 0.0) + rarity * weight
        return self._best(scores, limit, vectors)

    def search_phrase(self, phrase: str, where: Filter, limit: int) -> list[Match]:
        sought = _words(phrase)
        found = self.search_text(phrase, where, len(self._rows))
        scores = {m.row_no: m.score for m in found if _has(_words(self._rows[m.row_no].embedded), sought)}
        return self._best(scores, limit, vectors=False)

    def scan(self, batch: int = 4096) -> Iterator[list[StoredPassage]]:
        rows = list(self._rows.values())
        for start in range(0, len(rows), batch):
            yield rows[start : start + batch]

    def count(self) -> int:
        return len(self._rows)

    def _visible(self, where: Filter) -> list[StoredPassage]:
        return [passage for passage in self._rows.values() if visible(passage.row, where)]

    def _best(self, scores: dict[int, float], limit: int, vectors: bool) -> list[Match]:
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[: max(limit, 0)]
        return [_match(self._rows[no], score, vectors) for no, score in best]


def _has(words: list[str], sought: list[str]) -> bool:
    """Whether the words stand side by side somewhere."""
    return any(words[start : start + len(sought)] == sought for start in range(len(words)))


def _match(found: StoredPassage, score: float, with_vector: bool) -> Match:
    row, vector = found.row, found.vector if with_vector else None
    return Match(row.no, row.passage_no, row.document_no, score, vector)


class MemoryPassages:
    """`ports.PassageStore` that keeps every version as a whole; `commits` counts the commits made."""

    def __init__(self) -> None:
        self._versions: dict[int, dict[int, StoredPassage]] = {}
        self._last = 0
        self.commits = 0

    def newest(self) -> int | None:
        return max(self._versions, default=None)

    def commit(self, add: Sequence[StoredPassage], change: Sequence[Row]) -> int:
        newest = self.newest()
        rows = dict(self._versions[newest]) if newest is not None else {}
        if newest is not None and not add and not any(row.no in rows for row in change):
            return newest
        rows |= {passage.row.no: passage for passage in add}
        rows |= {row.no: replace(rows[row.no], row=row) for row in change if row.no in rows}
        return self._append(rows)

    def remove(self, row_nos: Sequence[int]) -> int:
        newest = self.newest()
        assert newest is not None
        return self._append({no: p for no, p in self._versions[newest].items() if no not in set(row_nos)})

    def restore(self, version: int) -> int:
        return self._append(self._rows(version))

    def drop(self) -> None:
        self._versions.clear()
        self._last = 0

    def vectors(self, embed_nos: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        newest = self.newest()
        rows = self._versions[newest].values() if newest is not None else ()
        wanted = set(embed_nos)
        return {passage.row.embed_no: passage.vector for passage in rows if passage.row.embed_no in wanted}

    def at(self, version: int) -> MemorySnapshot:
        return MemorySnapshot(self._rows(version))

    def compact(self) -> int:
        newest = self.newest()
        if newest is None:
            raise DamagedStoreError("the passages table is missing", remedy="run `indexer rebuild`")
        return newest

    def upkeep_due(self) -> UpkeepDue:
        return UpkeepDue.NO

    def prune(self, keep: Iterable[int]) -> None:
        kept = {*keep, self._last}
        self._versions = {version: rows for version, rows in self._versions.items() if version in kept}

    def rewrite(self, version: int, replaced: Callable[[Row], Sequence[Row]]) -> Rewritten:
        rows = {
            row.no: replace(stored, row=row)
            for stored in self._rows(version).values()
            for row in replaced(stored.row)
        }
        made = self._append(rows)
        return Rewritten(made, (str(made),))

    def keep_only(self, files: Sequence[str]) -> None:
        self._versions = {version: rows for version, rows in self._versions.items() if str(version) in files}

    def _rows(self, version: int) -> dict[int, StoredPassage]:
        if version > self._last:
            raise DamagedStoreError(
                f"the passages table has no version {version}", remedy="run `indexer rebuild`"
            )
        if version not in self._versions:
            raise VersionGoneError(f"version {version} of the passages table was pruned")
        return self._versions[version]

    def _append(self, rows: dict[int, StoredPassage]) -> int:
        self._last += 1
        self.commits += 1
        self._versions[self._last] = rows
        return self._last


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
