"""Reading order: where a page's lines stand in columns, and which column is read first.

A recursive cut of the page in the spirit of the XY-cut (Nagy and Seth, 1984), but along gutters
only: the white strip with most lines on both sides divides what stands beside it, and what stands
above and below is cut by itself. Whether a gutter parts columns of prose or cells of a table is
told by the order in which the file draws the text: column by column, or row by row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from indexer.parsing.pdf.lines import Line, joined, rows
from indexer.parsing.pdf.words import right_to_left

_NARROWEST: Final = 0.7
"""Of the font size: the least width of a gutter."""
_FEWEST: Final = 3
"""Lines that must stand on both sides of it."""
_DEEPEST: Final = 8
_MOST_TRIED: Final = 12
_MOST_LINES: Final = 1500
"""On a page that is cut; a drawing with more labels is read from top to bottom."""
_ROWS_PER_CHANGE: Final = 6
"""A file that changes sides less often than once in so many lines draws columns."""
_PROSE: Final = 25
"""Characters on a line of prose, at least."""
_FULL: Final = 0.6
"""Share of its column that a line of prose fills."""
_NUMBER: Final = re.compile(r"[\s\d.,:;/%€$£()+−–-]*\d[\s\d.,:;/%€$£()+−–-]*")


@dataclass(frozen=True, slots=True)
class _Gutter:
    start: int
    """The lines between `start` and `end` stand beside it, in the order of their baselines."""
    end: int
    left: tuple[Line, ...]
    right: tuple[Line, ...]


def columns(pieces: Sequence[Line]) -> list[list[Line]]:
    """`pieces` of one page as regions in reading order, each with its lines from top to bottom."""
    ordered = sorted(pieces, key=lambda piece: (piece.baseline, piece.left, piece.order))
    backwards = right_to_left("".join(piece.text for piece in ordered))
    return [[joined(row) for row in rows(region)] for region in _cut(ordered, backwards, 0) if region]


def _cut(ordered: list[Line], backwards: bool, depth: int) -> list[list[Line]]:
    gutter = _gutter(ordered) if depth < _DEEPEST and len(ordered) <= _MOST_LINES else None
    if gutter is None:
        return [ordered]
    sides = [list(gutter.left), list(gutter.right)]
    if backwards:
        sides.reverse()
    found: list[list[Line]] = []
    for part in (ordered[: gutter.start], *sides, ordered[gutter.end :]):
        found.extend(_cut(part, backwards, depth + 1) if part else [])
    return found


def _gutter(ordered: list[Line]) -> _Gutter | None:
    if len(ordered) < 2 * _FEWEST:
        return None
    width = _NARROWEST * median(piece.size for piece in ordered)
    edges = sorted({round(piece.right) for piece in ordered})
    tried = sorted(
        (found for edge in edges for found in _beside(ordered, edge, width)),
        key=lambda found: (-min(len(found.left), len(found.right)), found.start - found.end, found.start),
    )
    return next((found for found in tried[:_MOST_TRIED] if _are_columns(found)), None)


def _beside(ordered: list[Line], edge: float, width: float) -> list[_Gutter]:
    """The gutters between `edge` and `edge + width`: one for each run of lines that leaves it white."""
    found = []
    start = 0
    for end in range(len(ordered) + 1):
        if end < len(ordered) and not (
            ordered[end].left < edge + width - 1 and ordered[end].right > edge + 1
        ):
            continue
        if end - start >= 2 * _FEWEST:
            found.extend(_divided(ordered, start, end, edge))
        start = end + 1
    return found


def _divided(ordered: list[Line], start: int, end: int, edge: float) -> list[_Gutter]:
    sides = [piece.left < edge for piece in ordered[start:end]]
    lefts = [piece.order for piece, left in zip(ordered[start:end], sides, strict=True) if left]
    rights = [piece.order for piece, left in zip(ordered[start:end], sides, strict=True) if not left]
    if min(len(lefts), len(rights)) < _FEWEST:
        return []
    # What stands alone on one side at the end belongs to the gutter only if the file draws it there:
    # a short line under two columns would otherwise be read before the second column.
    first, last = min(lefts), max(rights)
    while sides and not sides[0] and ordered[start].order < first:
        start, sides = start + 1, sides[1:]
    while sides and sides[-1] and ordered[end - 1].order > last:
        end, sides = end - 1, sides[:-1]
    left = tuple(piece for piece in ordered[start:end] if piece.left < edge)
    right = tuple(piece for piece in ordered[start:end] if piece.left >= edge)
    if min(len(left), len(right)) < _FEWEST:
        return []
    shared = min(left[-1].bottom, right[-1].bottom) - max(left[0].top, right[0].top)
    shorter = min(left[-1].bottom - left[0].top, right[-1].bottom - right[0].top)
    return [_Gutter(start, end, left, right)] if shared >= 0.5 * shorter else []


def _are_columns(found: _Gutter) -> bool:
    if sum(1 for piece in found.right if _NUMBER.fullmatch(piece.text)) > 0.6 * len(found.right):
        return False
    by_file = sorted([(piece.order, 0) for piece in found.left] + [(piece.order, 1) for piece in found.right])
    changes = sum(1 for before, after in pairwise(by_file) if before[1] != after[1])
    if changes <= 1 + min(len(found.left), len(found.right)) // _ROWS_PER_CHANGE:
        return True
    return _is_prose(found.left) and _is_prose(found.right)


def _is_prose(side: Sequence[Line]) -> bool:
    width = max(piece.right for piece in side) - min(piece.left for piece in side)
    # Ideographs say in one character what letters say in two.
    lengths = (
        len(piece.text) * (1 if piece.text.isascii() else len(piece.text.encode()) / len(piece.text))
        for piece in side
    )
    return median(lengths) >= _PROSE and (median(piece.width for piece in side) >= _FULL * width)
