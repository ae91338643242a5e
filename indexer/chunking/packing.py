"""Chooses where passages end: few passages, cut at places that their own words choose."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush


def pack(
    sizes: Sequence[int], leads: Sequence[int], weights: Sequence[float], room: int, enough: int, small: float
) -> list[int]:
    """Where passages start (indexes into `sizes`, the first 0) in the cheapest way to cut.

    A passage of atoms i to j-1 costs 1, plus `weights[i]` for cutting in front of its first atom, plus
    `small` if its sizes add up to less than `enough`. It must hold ``leads[i] + sum(sizes) <= room``; an
    atom that does not fit even alone gets a passage of its own.

    The minimum is found left to right (Viterbi); since a passage costs the same whatever it holds, a heap
    of the starts that still reach far enough gives the best in O(n log n). Cheapest paths from different
    beginnings run together at the first good place that both can use, which is what keeps an edit local.
    """
    ends = [0]
    for size in sizes:
        ends.append(ends[-1] + size)
    best = [0.0] * len(ends)
    came_from = [0] * len(ends)
    near: list[tuple[float, int]] = []
    far: list[tuple[float, int]] = []
    next_far = 0
    for end in range(1, len(ends)):
        start = end - 1
        entry = best[start] + (weights[start] if start else 0.0)
        best_entry = (entry, -start)
        heappush(near, best_entry)
        while next_far < end and ends[end] - ends[next_far] >= enough:
            heappush(far, (best[next_far] + (weights[next_far] if next_far else 0.0), -next_far))
            next_far += 1
        for heap in (near, far):
            while heap and ends[end] - ends[-heap[0][1]] + leads[-heap[0][1]] > room:
                heappop(heap)
        choices = [(heap[0][0] + extra, heap[0][1]) for heap, extra in ((near, small), (far, 0.0)) if heap]
        value, place = min(choices, default=(entry + small, -start))
        best[end], came_from[end] = value + 1.0, -place
    starts: list[int] = []
    place = len(sizes)
    while place > 0:
        place = came_from[place]
        starts.append(place)
    return starts[::-1]
