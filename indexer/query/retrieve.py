"""Finds passages: by meaning, by words, or both fused; each passage once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from indexer.ports import Filter, Match, PassageSnapshot
from indexer.query.fusion import Ranked, fuse
from indexer.query.results import Mode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEPTH: Final = 200
"""How many passages each side contributes at least (docs/decisions/0004-fusion.md)."""
_GROWTH: Final = 4
_MOST_ROWS: Final = 50_000
"""Where fetching more gives up: a passage that was there in so many intervals hides the others."""


def retrieve(
    table: PassageSnapshot,
    text: str,
    vector: NDArray[np.float32] | None,
    where: Filter,
    mode: Mode,
    wanted: int,
) -> list[Ranked]:
    """At least `wanted` passages if there are as many, best first, each passage once.

    The best row stands for a passage with several. `vector` is needed by all modes but text.
    """
    depth = max(DEPTH, wanted)
    rankings = []
    if mode is not Mode.TEXT and vector is not None:
        rankings.append(_distinct(lambda limit: table.search_vector(vector, where, limit), depth))
    if mode is not Mode.VECTOR:
        rankings.append(_distinct(lambda limit: table.search_text(text, where, limit), depth))
    return rankings[0] if len(rankings) == 1 else fuse(rankings)


def _distinct(search: Callable[[int], Sequence[Match]], depth: int) -> list[Ranked]:
    """The best `depth` passages: rows are fetched until there are enough, or no more."""
    limit = depth
    while True:
        matches = search(limit)
        best: dict[int, Match] = {}
        for match in matches:
            best.setdefault(match.passage_no, match)
        if len(best) >= depth or len(matches) < limit or limit >= _MOST_ROWS:
            ranked = sorted(best.values(), key=lambda m: (-m.score, m.document_no, m.passage_no))[:depth]
            return [Ranked(match.passage_no, match.document_no, match.score) for match in ranked]
        limit = min(limit * _GROWTH, _MOST_ROWS)
