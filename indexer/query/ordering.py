"""Puts the best of what was found into a better order, by looking at its texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from indexer.query.fusion import Ranked
from indexer.query.view import View

DEPTH: Final = 100
"""So many of the best are looked at."""

Order = Callable[[Sequence[str]], Sequence[int]]
"""Headings and texts, the best first → their places in a better order, each once."""


def ordered(view: View, found: Sequence[Ranked], order: Order, depth: int = DEPTH) -> list[Ranked]:
    """`found` with its first `depth` in another order; scores stay sorted, so that they still tell better from worse."""
    top, rest = found[:depth], found[depth:]
    passages = view.snapshot.passages({one.passage_no for one in top})
    texts = ["\n".join([*passages[one.passage_no].heading, passages[one.passage_no].text]) for one in top]
    places = order(texts)
    return [
        *(replace(top[place], score=before.score) for place, before in zip(places, top, strict=True)),
        *rest,
    ]


def both(first: Order | None, second: Order | None) -> Order | None:
    """One order after another: what the second holds equal stays as the first left it."""
    if first is None or second is None:
        return first or second

    def order(texts: Sequence[str]) -> list[int]:
        places = first(texts)
        return [places[place] for place in second([texts[place] for place in places])]

    return order
