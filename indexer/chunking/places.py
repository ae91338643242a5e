"""Weighs the places where a passage could begin, by the words that stand there."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import Final

from indexer.chunking.atoms import Atom, Cut

_HASHED: Final = 64
"""Characters at the beginning of an atom that decide: an edit further on moves nothing."""
_CURVE: Final = 1.5
"""Over 1, few places are as bad as the worst; measured, see docs/decisions/0002."""
_PENALTIES: Final = {
    Cut.BLOCK: 0.0,
    Cut.PART: 0.1,
    Cut.SENTENCE: 0.2,
    Cut.WORDS: 0.6,
    Cut.WORD: 0.8,
    Cut.STRETCH: 0.9,
    Cut.INSIDE: 1.0,
    Cut.HEAD: 1_000.0,
}

Rank = tuple[Cut, int]


def weigh(atoms: Sequence[Atom], sizes: Sequence[int], radius: int) -> list[float]:
    """How bad it is to begin a passage with each atom: from 0, for what is parted and by the luck of its words.

    Of places within `radius` tokens of each other only one may be good, the least harmful to cut and
    among equals the one with the lowest hash. So lines of code offer as few good places as paragraphs do,
    and what is good stays good wherever the text before it begins.
    """
    draws = [_draw(atom.text) for atom in atoms]
    lowest = _lowest_nearby(
        [(atom.cut, first) for atom, (first, _) in zip(atoms, draws, strict=True)], sizes, radius
    )
    return [
        _PENALTIES[atom.cut] + (luck**_CURVE if good else 1.0)
        for atom, (_, luck), good in zip(atoms, draws, lowest, strict=True)
    ]


def _draw(text: str) -> tuple[int, float]:
    """Two independent draws: a number to compare with others' and one in [0, 1)."""
    digest = blake2b(text[:_HASHED].encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:], "big") / 2**32


def _lowest_nearby(ranks: Sequence[Rank], sizes: Sequence[int], radius: int) -> list[bool]:
    """For each atom, whether no other that begins within `radius` tokens of it ranks lower."""
    places = [0, *accumulate(sizes)][: len(ranks)]
    lowest = [True] * len(ranks)
    forwards = range(len(ranks))
    for order in (forwards, reversed(forwards)):
        # Ranks of the window behind, increasing: the first is its lowest.
        window: deque[int] = deque()
        for here in order:
            while window and abs(places[here] - places[window[0]]) > radius:
                window.popleft()
            while window and ranks[window[-1]] >= ranks[here]:
                window.pop()
            if window:
                lowest[here] = False
            window.append(here)
    return lowest
