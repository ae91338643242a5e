"""Puts several rankings of the same passages into one. Pure.

Reciprocal rank fusion: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet
and individual Rank Learning Methods" (SIGIR 2009). Why, and with which numbers: docs/decisions/0004.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

RANK_CONSTANT: Final = 20
"""How flat the ranks weigh: the larger, the less the first ones stand out."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage with its score; higher is better."""

    passage_no: int
    document_no: int
    score: float


def fuse(
    rankings: Sequence[Sequence[Ranked]],
    weights: Sequence[float] | None = None,
    rank_constant: float = RANK_CONSTANT,
) -> list[Ranked]:
    """One ranking: each passage scores the sum of weight / (rank_constant + rank) over `rankings`.

    Each ranking is best first and names a passage once; a passage that it lacks gets nothing from
    it. Equal scores stand in the order of the best rank that they had, then of their numbers, so
    that equal input gives equal output.
    """
    scores: dict[int, float] = {}
    best: dict[int, int] = {}
    documents: dict[int, int] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, found in enumerate(ranking, start=1):
            no = found.passage_no
            scores[no] = scores.get(no, 0.0) + weight / (rank_constant + rank)
            best[no] = min(rank, best.get(no, rank))
            documents[no] = found.document_no
    order = sorted(scores, key=lambda no: (-scores[no], best[no], documents[no], no))
    return [Ranked(no, documents[no], scores[no]) for no in order]
