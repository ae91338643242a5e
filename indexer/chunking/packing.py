"""Chooses where passages begin: few passages, cut at places that their own words choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """Atoms in a row, as far as packing looks at them; the three sequences are equally long."""

    sizes: Sequence[int]
    """Tokens of each atom."""
    leads: Sequence[int]
    """Tokens that are embedded before a passage beginning with this atom: heading path, table header."""
    weights: Sequence[float]
    """What a cut in front of this atom costs, in passages."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What passages should hold, in tokens."""

    room: int
    """The most, leads included."""
    enough: int
    """Fewer, without leads, make a small passage."""
    small_penalty: float
    """What a small passage costs beyond another, in passages."""


class Packer(Protocol):
    """A way to choose; benchmarks compare several."""

    def __call__(self, row: Row, budget: Budget) -> list[int]:
        """Indexes of the atoms that passages begin with, ascending, the first 0."""


def pack(row: Row, budget: Budget) -> list[int]:
    """The cheapest way to cut.

    A passage of atoms i to j-1 costs 1, the weight of atom i (if it is not the first) and the penalty if
    it is small. It must hold ``leads[i] + sum(sizes) <= room``; an atom that does not fit even alone gets
    a passage of its own.

    The minimum is found left to right (Bellman); since what a passage costs does not depend on its size
    beyond being small, two heaps of the beginnings that still reach far enough give it in O(n log n).
    Cheapest ways from different beginnings run together at the first good place that both can use:
    that is what keeps an edit local.
    """
    ends = [0]
    for size in row.sizes:
        ends.append(ends[-1] + size)
    best = [0.0] * len(ends)
    came_from = [0] * len(ends)
    entry = [0.0] * len(ends)
    near: list[tuple[float, int]] = []
    far: list[tuple[float, int]] = []
    next_far = 0
    for end in range(1, len(ends)):
        heappush(near, (entry[end - 1], 1 - end))
        while next_far < end and ends[end] - ends[next_far] >= budget.enough:
            heappush(far, (entry[next_far], -next_far))
            next_far += 1
        for heap in (near, far):
            while heap and ends[end] - ends[-heap[0][1]] + row.leads[-heap[0][1]] > budget.room:
                heappop(heap)
        alone = (entry[end - 1] + budget.small_penalty, 1 - end)
        small = (near[0][0] + budget.small_penalty, near[0][1]) if near else alone
        value, place = min(small, far[0]) if far else small
        best[end], came_from[end] = value + 1.0, -place
        if end < len(row.weights):
            entry[end] = best[end] + row.weights[end]
    starts: list[int] = []
    place = len(row.sizes)
    while place > 0:
        place = came_from[place]
        starts.append(place)
    return starts[::-1]
