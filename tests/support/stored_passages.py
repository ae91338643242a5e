"""Made-up passages for tests of `ports.PassageStore`, a LanceDB table that looks after itself early, and what snapshots hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from indexer.embedding.hashing import HashingEmbedder
from indexer.model import FOREVER, Row
from indexer.ports import Filter, PassageSnapshot, StoredPassage
from indexer.store.passages import LancePassages, UpkeepBounds
from indexer.store.passages.columns import PERIOD

EMBEDDER = HashingEmbedder()
EAGER = UpkeepBounds(files=3, unindexed_rows=1, number_index_rows=20, vector_index_rows=300)
"""Bounds so low that a few commits bring out all of upkeep."""
TIMES = (0, 1, PERIOD - 1, PERIOD, PERIOD + 1, 3 * PERIOD + 5)
"""Within a period of the table, and on both sides of its ends."""


def passage(no: int, text: str = "", **columns: int) -> StoredPassage:
    text = text or f"passage number{no}"
    row = Row(
        no=no,
        passage_no=columns.pop("passage_no", no),
        document_no=columns.pop("document_no", 1),
        source_no=columns.pop("source_no", 1),
        embed_no=columns.pop("embed_no", no),
        valid_from=columns.pop("valid_from", 0),
        valid_to=columns.pop("valid_to", FOREVER),
        recorded_from=columns.pop("recorded_from", 0),
        recorded_to=columns.pop("recorded_to", FOREVER),
        closed_recorded=columns.pop("closed_recorded", FOREVER),
    )
    assert not columns
    return StoredPassage(row, text, EMBEDDER.embed_query(text))


def rows_of(snapshot: PassageSnapshot) -> dict[int, Row]:
    return {stored.row.no: stored.row for batch in snapshot.scan() for stored in batch}


def texts_of(snapshot: PassageSnapshot) -> dict[int, str]:
    return {stored.row.no: stored.embedded for batch in snapshot.scan() for stored in batch}


def by_vector(snapshot: PassageSnapshot, where: Filter, limit: int = 1000) -> set[int]:
    return {
        match.row_no
        for match in snapshot.search_vector(lambda: EMBEDDER.embed_query("passage"), where, limit)
    }


def by_text(
    snapshot: PassageSnapshot, query: str, where: Filter | None = None, limit: int = 100
) -> list[int]:
    return [match.row_no for match in snapshot.search_text(query, where or Filter(), limit)]


def lance(folder: Path, bounds: UpkeepBounds = EAGER) -> LancePassages:
    return LancePassages(
        folder / "passages", EMBEDDER.fingerprint, EMBEDDER.dimension, bounds=bounds, retention=0
    )


def random_row(no: int, pick: Callable[[Iterable[int]], int]) -> StoredPassage:
    ends = [*TIMES, FOREVER]
    return passage(
        no,
        passage_no=no // 2,
        document_no=pick(range(4)),
        source_no=pick(range(2)),
        valid_from=pick(TIMES),
        valid_to=pick(ends),
        recorded_from=pick(TIMES),
        recorded_to=pick(ends),
        closed_recorded=pick(ends),
    )


def random_filter(pick: Callable[[Iterable[int]], int]) -> Filter:
    def some(numbers: range) -> frozenset[int] | None:
        return None if pick(range(3)) else frozenset(n for n in numbers if pick(range(2)))

    return Filter(
        known_at=pick(TIMES) if pick(range(4)) else None,
        valid_at=pick(TIMES) if pick(range(2)) else None,
        every_version=not pick(range(4)),
        documents=some(range(4)),
        not_documents=some(range(4)),
        sources=some(range(2)),
        passages=some(range(12)),
        or_passages=some(range(12)) or frozenset(),
    )


def seeded(seed: int) -> Callable[[Iterable[int]], int]:
    generator = np.random.default_rng(seed)

    def pick(choices: Iterable[int]) -> int:
        among = list(choices)
        return among[generator.integers(len(among))]

    return pick
