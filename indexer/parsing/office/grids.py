"""Tables of office documents: one line for each row, cells between bars, the header told from the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from indexer.model import Block, BlockKind
from indexer.parsing.tables import row_line

WIDEST_SPAN: Final = 100
"""Columns that one cell may span; more is a mistake, and would multiply the text's size."""
MOST_HEADER_ROWS: Final = 4
_NUMBER: Final = re.compile(r"[-+(]?[\d.,:/ %€$£¥'’-]*\d[\d.,:/ %€$£¥'’)-]*")

Row = Sequence[str]


def used_columns(rows: Sequence[Row]) -> list[int]:
    """The columns in which any row has text."""
    return sorted({column for row in rows for column, cell in enumerate(row) if cell.strip()})


def table_block(rows: Sequence[Row], header: int | None = None, page: int | None = None) -> Block | None:
    """A table without its empty rows and columns; None if nothing is left.

    `header` is how many leading rows are known to be the header; None if that has to be told from them.
    """
    used = used_columns(rows)
    lines: list[str] = []
    heads = 0
    kept: list[list[str]] = []
    for number, row in enumerate(rows):
        cells = [row[column] if column < len(row) else "" for column in used]
        line = row_line(cells)
        if line:
            lines.append(line)
            kept.append(cells)
            heads += header is not None and number < header
    if not lines:
        return None
    if header is None:
        heads = header_rows(kept)
    return Block(BlockKind.TABLE, tuple(lines), header_parts=heads if heads < len(lines) else 0, page=page)


def looks_like_header(row: Row) -> bool:
    """Names of columns are distinct and no numbers; the corner or few of many may be left empty."""
    names = [name for cell in row if (name := cell.strip())]
    return (
        len(names) > 1
        and 3 * len(names) >= 2 * len(row)
        and len(set(names)) == len(names)
        and not any(map(is_number, names))
    )


def is_number(cell: str) -> bool:
    """Whether a cell holds a value and no name: a number, an amount of money, a date."""
    return _NUMBER.fullmatch(cell) is not None


def header_rows(rows: Sequence[Row]) -> int:
    """How many rows at the top name the columns: one by its looks, or those above the first numbers."""
    if len(rows) < 2:
        return 0
    if looks_like_header(rows[0]):
        return 1
    for place, row in enumerate(rows[: MOST_HEADER_ROWS + 1]):
        numbers = sum(map(is_number, row))
        if numbers:
            return place if numbers > 1 and 2 * numbers >= sum(1 for cell in row if cell) else 0
    return 0
