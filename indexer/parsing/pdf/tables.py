"""Tables: rows of cells that stand under each other.

Only what the positions show beyond doubt: at least three rows of at least two cells that keep to
the same columns. Everything else stays lines of text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from indexer.parsing.pdf.lines import Line
from indexer.parsing.pdf.words import mended, plain
from indexer.parsing.tables import row_line

_FEWEST_ROWS: Final = 3
_MOST_COLUMNS: Final = 30
_MERGED_FROM: Final = 2
"""Rows that must have shown the columns before a cell may stretch over several."""
_NUMBER: Final = re.compile(r"[-+(]?[\d.,:/ %€$£-]*\d[\d.,:/ %€$£)-]*")
_LEADING: Final = 1.6
"""Of the font size: the widest step between the lines of one cell."""
_ROW_GAP: Final = 4.0
"""Of the font size: a wider step ends the table."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as they are written down, the first `header` of them names of columns."""

    rows: tuple[str, ...]
    header: int


def table_at(lines: Sequence[Line], start: int) -> tuple[Table, int] | None:
    """The table that begins at `lines[start]`, with the index of the line after it; None if none does."""
    if len(lines[start].cells) < 2:
        return None
    spans: list[tuple[float, float]] = []
    end = start
    rows = 0
    last_row = start
    while end < len(lines):
        line = lines[end]
        if end > start and line.baseline - lines[end - 1].baseline > _ROW_GAP * max(
            line.size, lines[end - 1].size
        ):
            break
        several = len(line.cells) >= 2
        wider = _joined_spans(spans, _spans(line))
        if several and rows >= _MERGED_FROM and len(wider) < len(spans) and _fits(line, spans):
            wider = spans  # a cell that stretches over several columns
        if len(wider) < max(2, len(spans) if rows > 1 else 2) or len(wider) > _MOST_COLUMNS:
            break
        if not several and not _goes_on(lines[end - 1], line, spans):
            break
        spans = wider
        rows += several
        last_row = end if several else last_row
        end += 1
    end = _with_continuations(lines, last_row + 1, end)
    if rows < _FEWEST_ROWS or len(spans) < 2:
        return None
    cells = _cells(lines[start:end], spans)
    written = tuple(row_line(row) for row in cells)
    return Table(written, int(_is_header(cells))), end


def _with_continuations(lines: Sequence[Line], end: int, limit: int) -> int:
    while end < limit and lines[end].baseline - lines[end - 1].baseline <= _LEADING * lines[end].size:
        end += 1
    return end


def _fits(line: Line, spans: Sequence[tuple[float, float]]) -> bool:
    """Whether the cells of `line` stand in different columns, some of them perhaps in several."""
    under = [_column(cell, spans) for cell in line.cells]
    return None not in under and len(set(under)) == len(under)


def _column(cell: Line, spans: Sequence[tuple[float, float]]) -> int | None:
    """The column that `cell` shares most width with; None if it stands between them."""
    shared = [min(cell.right, right) - max(cell.left, left) for left, right in spans]
    best = max(range(len(spans)), key=lambda column: (shared[column], -column))
    return best if shared[best] > 0 else None


def _goes_on(before: Line, line: Line, spans: Sequence[tuple[float, float]]) -> bool:
    """Whether a line of one piece is part of one cell: right under the row, and inside one column."""
    inside = sum(1 for left, right in spans if line.left < right and line.right > left)
    return inside == 1 and line.baseline - before.baseline <= _LEADING * line.size


def _spans(line: Line) -> list[tuple[float, float]]:
    return [(cell.left, cell.right) for cell in line.cells or (line,)]


def _joined_spans(
    first: Sequence[tuple[float, float]], second: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The columns that both sets of spans keep to."""
    found: list[tuple[float, float]] = []
    for left, right in sorted((*first, *second)):
        if found and left < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _cells(lines: Sequence[Line], spans: Sequence[tuple[float, float]]) -> list[list[str]]:
    """The rows' cells by column; a line without a first cell right under a row goes on with it."""
    made: list[list[str]] = []
    before: Line | None = None
    for line in lines:
        row = [""] * len(spans)
        for cell in line.cells or (line,):
            column = _column(cell, spans) or 0
            row[column] = f"{row[column]} {cell.text}".strip()
        under = before is not None and line.baseline - before.baseline <= _LEADING * line.size
        if made and under and (not row[0] or len(line.cells) < 2) and sum(map(bool, row)) < len(spans):
            made[-1] = [mended(upper, lower, frozenset()) for upper, lower in zip(made[-1], row, strict=True)]
        else:
            made.append(row)
        before = line
    return [[plain(cell) for cell in row] for row in made]


def _is_header(cells: Sequence[Sequence[str]]) -> bool:
    names = [name for name in cells[0] if name]
    return (
        len(cells) > 1
        and len(names) >= len(cells[0]) - 1
        and len(set(names)) == len(names)
        and not any(_NUMBER.fullmatch(name) for name in names)
    )
