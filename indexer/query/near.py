"""Which known names are spelled much like a wrong one. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

_COMPARED: Final = 50
"""Comparing letter by letter is slow: only this many, those that share most trigrams, are."""


def near(wrong: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Up to `count` of the `known` keys that resemble `wrong`, whole or by their last part, best first."""
    wanted = _trigrams(wrong)
    shared = sorted(
        ((-_overlap(wanted, _trigrams(key)), key) for key in known),
    )[:_COMPARED]
    scored = sorted((-_likeness(wrong, key), key) for _, key in shared)
    return [key for score, key in scored[:count] if score <= -0.7]


def _likeness(wrong: str, key: str) -> float:
    wrong, key = wrong.casefold(), key.casefold()
    last = key.rpartition("/")[2]
    return max(difflib.SequenceMatcher(None, wrong, other).ratio() for other in (key, last))


def _trigrams(text: str) -> set[str]:
    padded = f"  {text.casefold().rpartition('/')[2]} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, len(one | other))
