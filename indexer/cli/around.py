"""The passages around a hit, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.query.surroundings import Neighbour, Surroundings

Shape = dict[str, Any]


def around_shape(place: Surroundings | None) -> Shape:
    """The passages before and after a hit, in the order of the text."""
    before, after = (None, None) if place is None else (place.before, place.after)
    return {"before": _neighbours(before), "after": _neighbours(after)}


def _neighbours(neighbours: Sequence[Neighbour] | None) -> list[Shape] | None:
    if neighbours is None:
        return None
    return [
        {"text": one.text, "heading": list(one.heading), "page": one.page, "citation": one.citation}
        for one in neighbours
    ]
