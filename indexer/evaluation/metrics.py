"""Measures of a ranking and of many, as functions of numbers. Pure.

Recall, reciprocal rank and precision as in Manning, Raghavan and Schütze, "Introduction to Information Retrieval"
(2008), chapter 8; discounted cumulative gain as in Järvelin and Kekäläinen (2002), with the grade itself as gain.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

Places = Mapping[int, int]
"""Rank (1 for the best) → grade (1 or more) of what stands there and was wanted."""


def recall(places: Places, wanted: int, cut: int) -> float:
    """The share of `wanted` things that stand among the first `cut`, 0 to 1."""
    return sum(rank <= cut for rank in places) / wanted


def reciprocal_rank(places: Places) -> float:
    """1 / the rank of the first thing that was wanted; 0 where there is none."""
    return 1 / min(places) if places else 0.0


def ndcg(places: Places, grades: Iterable[int], cut: int) -> float:
    """Normalised discounted cumulative gain of the first `cut`, 0 to 1; `grades` of everything that was wanted."""
    gained = sum(grade / math.log2(rank + 1) for rank, grade in places.items() if rank <= cut)
    best = sorted(grades, reverse=True)[:cut]
    return gained / sum(grade / math.log2(rank + 1) for rank, grade in enumerate(best, start=1))


def share(flags: Iterable[bool]) -> float | None:
    """The share of true ones, 0 to 1; None where there are none at all."""
    taken = list(flags)
    return sum(taken) / len(taken) if taken else None


def mean(values: Iterable[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    taken = list(values)
    return math.fsum(taken) / len(taken) if taken else None


def percentile(values: Sequence[float], part: float) -> float | None:
    """The nearest-rank percentile: the smallest value that at least `part` (0 to 1) of all do not exceed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(math.ceil(part * len(values)), 1) - 1]
