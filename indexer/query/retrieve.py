"""Finds passages: by meaning, by words, both fused, or by words side by side; each passage once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import wait
from typing import TYPE_CHECKING, Final

from indexer.ports import Filter, Match, PassageSnapshot
from indexer.query.beside import beside
from indexer.query.fusion import Ranked, fuse, ranked
from indexer.query.results import Mode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BY_MEANING: Final = frozenset({Mode.HYBRID, Mode.VECTOR})
"""The modes that need the question's vector."""
DEPTH: Final = 100
"""How many passages each side contributes at least (docs/decisions/0004-fusion.md)."""
_PER_HIT: Final = 2
"""How many it contributes for each hit that is wanted, at least."""
_GROWTH: Final = 4
_MOST_ROWS: Final = 50_000
"""Where fetching more gives up: a passage that was there in so many intervals hides the others."""


def depth_of(wanted: int) -> int:
    """How many passages each side contributes at least for so many hits."""
    return max(DEPTH, _PER_HIT * wanted)


def retrieve(
    table: PassageSnapshot,
    text: str,
    vector: Callable[[], NDArray[np.float32]],
    where: Filter,
    mode: Mode,
    wanted: int,
) -> list[Ranked]:
    """At least `wanted` passages if there are as many, best first, each passage once.

    The best row stands for a passage with several. `vector` makes the question's vector; the modes
    that compare the meaning call it, in another thread. By words and by meaning is searched side by side.
    """
    depth = depth_of(wanted)
    both = mode is Mode.HYBRID

    def by_words() -> list[Match]:
        return _distinct(lambda limit: table.search_text(text, where, limit, vectors=both), depth)

    if mode is Mode.TEXT:
        return list(map(ranked, by_words()))
    if mode is Mode.PHRASE:
        return list(map(ranked, _distinct(lambda limit: table.search_phrase(text, where, limit), depth)))
    question = beside().submit(vector)
    words = beside().submit(by_words) if both else None
    try:
        by_meaning = _distinct(
            lambda limit: table.search_vector(question.result, where, limit, vectors=both), depth
        )
        # Also where nothing was searched: a question that cannot be embedded is told.
        asked = question.result()
        return list(map(ranked, by_meaning)) if words is None else fuse(by_meaning, words.result(), asked)
    finally:
        # Nothing goes on searching in a table that the caller may let go of.
        wait([question])
        if words is not None:
            wait([words])


def _distinct(search: Callable[[int], Sequence[Match]], depth: int) -> list[Match]:
    """The best `depth` passages, each by its best row: rows are fetched until there are enough, or no more."""
    limit = depth
    while True:
        matches = search(limit)
        best: dict[int, Match] = {}
        for match in matches:
            best.setdefault(match.passage_no, match)
        if len(best) >= depth or len(matches) < limit or limit >= _MOST_ROWS:
            return sorted(best.values(), key=lambda m: (-m.score, m.document_no, m.passage_no))[:depth]
        limit = min(limit * _GROWTH, _MOST_ROWS)
