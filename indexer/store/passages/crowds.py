"""A scope of very many passages: searched in a wider one that is quickly said, of which the rest is left out. Pure.

LanceDB reads a condition word by word: a list of 50,000 numbers takes a quarter of a second, each time. A few ranges
take none; what they let in besides is passed over, and as much more is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from indexer.ports import Filter, Match

MANY: Final = 1_500
"""Passages from which on a list of them costs more than asking for more rows."""
_RANGES: Final = 32
_MOST_IN_VAIN: Final = 6
"""So many rows may be passed over for each that is wanted, about; else a list is the lesser evil."""
_SPARE: Final = 1.25


@dataclass(frozen=True, slots=True)
class Crowd:
    """Ranges that hold all passages of a scope."""

    condition: str
    """As LanceDB reads them."""
    share: float
    """Of the passages in the ranges that are in the scope: 0 to 1."""


_known: Final[WeakKeyDictionary[frozenset[int], tuple[Crowd | None]]] = WeakKeyDictionary()
"""Both sides of a search ask for the same one, and so do questions that name the same version; as long as anybody has it."""


def crowd_of(where: Filter) -> Crowd | None:
    """The passages of `where` as a crowd; None where they had better be listed."""
    passages = where.passages
    if passages is None or len(passages) < MANY:
        return None
    known = _known.get(passages)
    if known is None:
        known = _known[passages] = (_crowd(passages),)
    return known[0]


def _crowd(passages: frozenset[int]) -> Crowd | None:
    numbers = np.sort(np.fromiter(passages, dtype=np.int64, count=len(passages)))
    gaps = np.diff(numbers)
    # Cut at the widest gaps: what lies in the others is let in.
    cuts = np.sort(np.argsort(gaps)[-(_RANGES - 1) :]) if len(gaps) else np.empty(0, dtype=np.int64)
    firsts = numbers[np.concatenate(([0], cuts + 1))]
    lasts = numbers[np.concatenate((cuts, [len(numbers) - 1]))]
    share = len(numbers) / float(np.sum(lasts - firsts + 1))
    if share * (_MOST_IN_VAIN + 1) < 1:
        return None
    ranges = " OR ".join(
        f"(passage_no >= {first} AND passage_no <= {last})" for first, last in zip(firsts, lasts, strict=True)
    )
    return Crowd(f"({ranges})", share)


def among(
    crowd: Crowd, passages: Container[int], search: Callable[[int], list[Match]], count: int
) -> list[Match]:
    """The best `count` matches of the crowd's `passages`, fewer only where there are no more; `search` finds the best of the ranges."""
    asked = int(count / crowd.share * _SPARE) + 1
    while True:
        found = search(asked)
        kept = [match for match in found if match.passage_no in passages]
        if len(kept) >= count or len(found) < asked:
            return kept[:count]
        # What is wanted may be rarer among the best than among all.
        asked *= 4
