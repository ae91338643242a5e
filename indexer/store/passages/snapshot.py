"""Searches in the passages table at one version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexer.ports import Filter, Match, StoredPassage
from indexer.store.passages import columns
from indexer.store.passages.condition import matches_nothing, to_sql
from indexer.store.passages.crowds import Crowd, among, crowd_of
from indexer.store.passages.loop import run
from indexer.store.passages.words import SCORE, Find, best_by_phrase, best_by_words

_SMALL_SCOPE: Final = 1000
"""Up to so many chosen documents or passages are compared exactly, which is faster than the vector index."""
_ALL: Final = 128
"""Up to so many partitions of the vector index, of about 2,048 rows each, all are searched; half of more."""
_REFINE: Final = 1
"""So many times the wanted rows are compared again by their exact vectors, since the index rounds them."""
_SLACK: Final = 16
_MOST_TIES: Final = 4096

Guard = Callable[[], Any]


class LanceSnapshot:
    """`ports.PassageSnapshot` over an asynchronous LanceDB table that is checked out at one version.

    `guard` makes a context manager that turns LanceDB's errors into ours; `partitions` are those of
    the vector index, None without one.
    """

    def __init__(
        self, table: Any, guard: Guard, *, text_index: bool, numbers_indexed: bool, partitions: int | None
    ) -> None:
        self._table = table
        self._guard = guard
        self._text_index = text_index
        self._numbers_indexed = numbers_indexed
        self._partitions = partitions

    def search_vector(
        self,
        vector: Callable[[], NDArray[np.float32]],
        where: Filter,
        limit: int,
        *,
        vectors: bool = False,
    ) -> list[Match]:
        if limit < 1 or matches_nothing(where):
            return []
        crowd, condition = self._scope(where)
        at_once = vectors and crowd is None
        read = [*columns.MATCH, columns.VECTOR] if at_once else [*columns.MATCH]
        places: dict[int, int] = {}
        if where.passages is not None and len(where.passages) <= _SMALL_SCOPE:
            with self._guard():
                chosen = _filtered(self._table.query(), condition)
                rows = run(chosen.select([*columns.MATCH, columns.VECTOR]).to_arrow())
            return _matches(rows, _cosines(columns.vectors(rows), vector()))[:limit]
        question = vector()
        partitions = 0 if self._partitions is None or _small(where) else self._partitions
        probes = partitions if partitions <= _ALL else max(_ALL, partitions // 2)

        def nearest(count: int, probes: int) -> Any:
            query = self._table.query().nearest_to(question).column(columns.VECTOR).distance_type("cosine")
            query = query.nprobes(probes).refine_factor(_REFINE) if probes else query.bypass_vector_index()
            query = _filtered(query, condition).select([*read, "_distance"])
            found = run((query if at_once else query.with_row_id()).limit(count).to_arrow())
            if not at_once:
                _note_places(places, found)
            return found

        def search(count: int) -> list[Match]:
            found = nearest(count, probes)
            if len(found) < count and probes < partitions:
                # The few rows that the filter lets through may lie anywhere.
                found = nearest(count, partitions)
            return _matches(found, 1.0 - found.column("_distance").to_numpy())

        with self._guard():
            matches = _cut(_within(crowd, where, search), limit)
            # Of a crowd many rows are passed over.
            return matches if at_once or not vectors else self._with_vectors(matches, places)

    def search_text(self, query: str, where: Filter, limit: int, *, vectors: bool = False) -> list[Match]:
        if limit < 1 or not query.strip() or not self._text_index or matches_nothing(where):
            return []
        places: dict[int, int] = {}
        with self._guard():
            matches = self._by_words(best_by_words, query, where, limit, places)
            return self._with_vectors(matches, places) if vectors else matches

    def search_phrase(self, phrase: str, where: Filter, limit: int) -> list[Match]:
        if limit < 1 or not phrase.strip() or not self._text_index or matches_nothing(where):
            return []
        with self._guard():
            return self._by_words(best_by_phrase, phrase, where, limit, {})

    def _by_words(
        self, find: Find, words: str, where: Filter, limit: int, places: dict[int, int]
    ) -> list[Match]:
        """The best rows that `find` finds; where in the table they are is added to `places`."""
        sound = words.encode("utf-8", "replace").decode()
        crowd, condition = self._scope(where)

        def search(count: int) -> list[Match]:
            found = run(find(self._table, sound, condition, count))
            _note_places(places, found)
            return _matches(found, found.column(SCORE).to_numpy())

        return _cut(_within(crowd, where, search), limit)

    def _with_vectors(self, matches: list[Match], places: dict[int, int]) -> list[Match]:
        """Read apart, since `_cut` lets go of many rows, and a vector is most of a row."""
        if not matches:
            return []
        query = self._table.take_row_ids([places[match.row_no] for match in matches])
        rows = run(query.select([columns.VECTOR]).with_row_id().to_arrow())
        vectors = dict(zip(rows.column(columns.PLACE).to_pylist(), columns.vectors(rows), strict=True))
        return [replace(match, vector=vectors[places[match.row_no]]) for match in matches]

    def _scope(self, where: Filter) -> tuple[Crowd | None, str | None]:
        """The condition of `where`; of a crowd it lets in more, which is to be left out of what is found."""
        crowd = crowd_of(where)
        if crowd is None:
            return None, to_sql(where, indexed=self._numbers_indexed)
        rest = to_sql(replace(where, passages=None), indexed=self._numbers_indexed)
        return crowd, crowd.condition if rest is None else f"{rest} AND {crowd.condition}"

    def scan(self, batch: int = 4096) -> Iterator[list[StoredPassage]]:
        with self._guard():
            batches = run(self._table.query().to_batches(max_batch_length=batch))
            while (found := run(_next(batches))) is not None:
                yield columns.from_arrow(found)

    def count(self) -> int:
        with self._guard():
            return int(run(self._table.count_rows()))


def _note_places(places: dict[int, int], found: Any) -> None:
    """Add where in the table the rows are that were found, by row number."""
    places.update(
        zip(found.column(columns.KEY).to_pylist(), found.column(columns.PLACE).to_pylist(), strict=True)
    )


def _within(
    crowd: Crowd | None, where: Filter, search: Callable[[int], list[Match]]
) -> Callable[[int], list[Match]]:
    """`search`, without what it finds beside the passages of a crowd."""
    return search if crowd is None else partial(among, crowd, where.passages or frozenset(), search)


def _small(where: Filter) -> bool:
    return any(
        chosen is not None and len(chosen) <= _SMALL_SCOPE for chosen in (where.documents, where.passages)
    )


def _filtered(query: Any, condition: str | None) -> Any:
    return query if condition is None else query.where(condition)


async def _next(batches: Any) -> Any:
    """The next batch; None at the end. A coroutine cannot pass `StopAsyncIteration` on."""
    async for batch in batches:
        return batch
    return None


def _cosines(vectors: NDArray[np.float32], question: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each row with `question`; the same for equal rows, which a matrix product does not promise."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors)) * np.linalg.norm(question)
    cosines: NDArray[np.float32] = np.einsum("ij,j->i", vectors, question) / np.maximum(lengths, 1e-12)
    return cosines


def _matches(found: Any, scores: NDArray[np.floating[Any]]) -> list[Match]:
    numbers = (found.column(name).to_pylist() for name in columns.MATCH)
    has_vectors = columns.VECTOR in found.schema.names
    vectors = columns.vectors(found) if has_vectors else repeat(None, len(found))
    matches = list(map(Match, *numbers, scores.tolist(), vectors))
    return sorted(matches, key=lambda match: (-match.score, match.row_no))


def _cut(search: Callable[[int], list[Match]], limit: int) -> list[Match]:
    """The best `limit`, the same ones whatever the layout of the table's files.

    Equal texts share one vector, so that many rows tie; which of them a search returns is up to
    where they are stored. So more are fetched, until the tie at the cut is complete.
    """
    count = limit + _SLACK
    while True:
        matches = search(count)
        if len(matches) < count or matches[-1].score < matches[limit - 1].score or count >= _MOST_TIES:
            return matches[:limit]
        count = max(count, min(4 * count, _MOST_TIES))
