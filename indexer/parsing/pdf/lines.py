"""Lines of a page: runs of characters in one style, put together by where they stand.

Coordinates are in points from the top left corner of the page as it is read, whatever way the
page is turned: x grows along the text, y grows downwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from indexer.parsing.pdf.words import right_to_left

_SAME_BASELINE: Final = 0.4
"""Of the font size: superscripts stand up to a third above."""
_RAISED: Final = 0.55
"""Of the larger font size: how far a mark stands above or below the letters that it belongs to."""
_BESIDE: Final = 0.7
"""Of the larger font size: how far beside them."""
_MOST_BESIDE: Final = 500
"""Pieces on one line in which its neighbour is looked for; a drawing may have thousands."""
_WORD_GAP: Final = 1.0
"""Of the font size: the widest gap inside a line whose pieces follow each other in the file."""
_TIGHT_GAP: Final = 0.4
"""Of the font size: the widest gap between pieces that the file draws at different times."""
_BLANK: Final = 0.15
"""Of the font size: from which gap on a blank is read."""


@dataclass(frozen=True, slots=True)
class _Lettering:
    """Text and where it stands."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    size: float
    """Font size in points as seen on the page."""
    bold: bool = False
    mono: bool = False
    """Whether all letters of its font are of one width."""
    heading: int = 0
    """The level of the heading that the document's structure says this is part of, else 0."""
    artifact: bool = False
    """The file says that this is no content: a running head, a page number."""


@dataclass(frozen=True, slots=True)
class Run(_Lettering):
    """Characters of one style, next to each other on one line."""

    spaced: bool = True
    """Whether a blank stands before it in the file."""


@dataclass(frozen=True, slots=True)
class Line(_Lettering):
    """Part of one line of text, or the whole of it."""

    order: int = 0
    """Where its first run stands in the file."""
    cells: tuple[Line, ...] = ()
    """The pieces of a line that has wide gaps, in reading order; empty where it is of one piece."""

    @property
    def width(self) -> float:
        """In points."""
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class PageText:
    """What one page says, before its order is known."""

    number: int
    """1-based."""
    width: float
    height: float
    runs: tuple[Run, ...] = ()
    sideways: tuple[Run, ...] = ()
    """Text that runs in another direction than most of the page, in coordinates of its own."""
    stamps: tuple[str, ...] = ()
    """Text set askew across the page, such as DRAFT."""
    remarks: tuple[str, ...] = ()
    """What annotations say."""
    unmapped: int = 0
    """Characters whose font does not say which letters they are."""
    pictured: bool = False
    """Whether images or drawings cover so much of it that they may hold the text."""
    damaged: bool = False
    cut: bool = False
    """Whether it has more characters or notes than are read."""


@dataclass(slots=True)
class _Growing:
    """A line while it is being put together."""

    runs: list[tuple[int, Run]] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    baseline: float = 0.0
    size: float = 0.0

    def takes(self, run: Run) -> bool:
        size = max(self.size, run.size)
        gap = max(run.left - self.right, self.left - run.right)
        return abs(run.baseline - self.baseline) <= _SAME_BASELINE * size and gap <= _WORD_GAP * size

    def add(self, order: int, run: Run) -> None:
        if not self.runs:
            self.left, self.right, self.baseline, self.size = run.left, run.right, run.baseline, run.size
        self.left, self.right = min(self.left, run.left), max(self.right, run.right)
        if run.size > self.size:
            self.baseline, self.size = run.baseline, run.size
        self.runs.append((order, run))


def lines(runs: Sequence[Run]) -> list[Line]:
    """The pieces of lines that `runs` (in the file's order) make.

    Runs that follow each other in the file join over the gaps of justified text; others only where
    they touch, so that two columns stay apart however narrow the space between them is.
    """
    pieces: list[_Growing] = []
    for order, run in enumerate(runs):
        if not pieces or not pieces[-1].takes(run):
            pieces.append(_Growing())
        pieces[-1].add(order, run)
    made = [_line(piece.runs) for piece in pieces]
    return [line for row in rows(made) for line in _touching(row)]


def rows(pieces: Iterable[Line]) -> list[list[Line]]:
    """`pieces` by the line they stand on, from top to bottom, each from left to right."""
    found: list[list[Line]] = []
    largest: list[Line] = []
    for piece in sorted(pieces, key=lambda piece: (piece.baseline, piece.left, piece.order)):
        for number in range(len(found) - 1, max(-1, len(found) - 4), -1):
            if _belongs(piece, found[number], largest[number]):
                found[number].append(piece)
                largest[number] = max(largest[number], piece, key=lambda other: other.size)
                break
        else:
            found.append([piece])
            largest.append(piece)
    return [sorted(row, key=lambda piece: (piece.left, piece.order)) for row in found]


def _belongs(piece: Line, row: Sequence[Line], largest: Line) -> bool:
    """Whether `piece` stands on the line of `row`, or is a raised mark beside its larger letters."""
    apart = abs(piece.baseline - largest.baseline)
    if apart <= _SAME_BASELINE * min(piece.size, largest.size):
        return True
    if apart > _RAISED * max(piece.size, largest.size) or len(row) > _MOST_BESIDE:
        return False
    return any(
        min(abs(piece.left - other.right), abs(other.left - piece.right))
        < _BESIDE * max(piece.size, other.size)
        for other in row
    )


def joined(pieces: Sequence[Line]) -> Line:
    """One line of several pieces that stand on it, given from left to right."""
    if len(pieces) == 1:
        return pieces[0]
    ordered = list(pieces)
    if right_to_left("".join(piece.text for piece in pieces)):
        ordered.reverse()
    return _merged(ordered, " ".join(piece.text for piece in ordered), tuple(ordered))


def _touching(row: Sequence[Line]) -> list[Line]:
    """`row` with the pieces joined that touch each other."""
    found: list[list[Line]] = []
    for piece in row:
        last = found[-1][-1] if found else None
        if last is not None and piece.left - last.right <= _TIGHT_GAP * max(piece.size, last.size):
            found[-1].append(piece)
        else:
            found.append([piece])
    made = []
    for group in found:
        if right_to_left("".join(piece.text for piece in group)):
            group.reverse()
        text = group[0].text
        for before, piece in pairwise(group):
            gap = max(piece.left - before.right, before.left - piece.right)
            text += (" " if gap > _BLANK * max(piece.size, before.size) else "") + piece.text
        made.append(_merged(group, text, ()) if len(group) > 1 else group[0])
    return made


def _merged(pieces: Sequence[Line], text: str, cells: tuple[Line, ...]) -> Line:
    longest = max(pieces, key=lambda piece: len(piece.text))
    return Line(
        text=text,
        left=min(piece.left for piece in pieces),
        top=min(piece.top for piece in pieces),
        right=max(piece.right for piece in pieces),
        bottom=max(piece.bottom for piece in pieces),
        baseline=longest.baseline,
        size=longest.size,
        bold=all(piece.bold for piece in pieces),
        mono=all(piece.mono for piece in pieces),
        heading=min(piece.heading for piece in pieces),
        artifact=all(piece.artifact for piece in pieces),
        order=min(piece.order for piece in pieces),
        cells=cells,
    )


def _line(runs: Sequence[tuple[int, Run]]) -> Line:
    """One line of runs in the file's order, which is the order of reading in any script."""
    sizes: Counter[float] = Counter()
    bold = mono = 0
    text = ""
    before: Run | None = None
    for _, run in runs:
        letters = len(run.text)
        sizes[run.size] += letters
        bold += letters if run.bold else 0
        mono += letters if run.mono else 0
        if before is not None:
            gap = max(run.left - before.right, before.left - run.right)
            text += " " if run.spaced or gap > _BLANK * max(run.size, before.size) else ""
        text += run.text
        before = run
    size = max(sizes, key=lambda size: (sizes[size], size))
    main = [run for _, run in runs if run.size == size]
    return Line(
        text=text,
        left=min(run.left for _, run in runs),
        top=min(run.top for run in main),
        right=max(run.right for _, run in runs),
        bottom=max(run.bottom for run in main),
        baseline=main[0].baseline,
        size=size,
        bold=bold >= 0.9 * sizes.total(),
        mono=mono >= 0.9 * sizes.total(),
        heading=min(run.heading for _, run in runs),
        artifact=all(run.artifact for _, run in runs),
        order=runs[0][0],
    )
