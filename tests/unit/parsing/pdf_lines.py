"""Made-up lines for the tests of PDF layout."""

from __future__ import annotations

from indexer.parsing.pdf.lines import Line, Run, joined


def line(
    text: str,
    left: float = 72,
    down: float = 100,
    *,
    size: float = 10,
    width: float | None = None,
    bold: bool = False,
    mono: bool = False,
    heading: int = 0,
    artifact: bool = False,
    order: int = 0,
    cells: tuple[Line, ...] = (),
) -> Line:
    """A line whose baseline is `down` below the top of the page, half a font size wide a letter."""
    return Line(
        text=text,
        left=left,
        top=down - size * 0.8,
        right=left + (len(text) * size / 2 if width is None else width),
        bottom=down + size * 0.2,
        baseline=down,
        size=size,
        bold=bold,
        mono=mono,
        heading=heading,
        artifact=artifact,
        order=order,
        cells=cells,
    )


def run(text: str, left: float = 72, down: float = 100, *, size: float = 10, spaced: bool = True) -> Run:
    right = left + len(text) * size / 2
    return Run(text, left, down - size * 0.8, right, down + size * 0.2, down, size, spaced=spaced)


def row(*cells: str, down: float, step: float = 120) -> Line:
    """A line of cells that begin `step` points from each other."""
    return joined([line(cell, 72 + step * column, down) for column, cell in enumerate(cells) if cell])
