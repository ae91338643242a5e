"""Tables of office documents: one line for each row, cells between bars, the header told from the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from indexer.model import Block, BlockKind
from indexer.parsing.tables import row_line

WIDEST_SPAN: Final = 100
"""Columns that one cell may span; more is a mistake, and would multiply the text's size."""
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
        heads = int(len(lines) > 1 and looks_like_header(kept[0]))
    return Block(BlockKind.TABLE, tuple(lines), header_parts=heads if heads < len(lines) else 0, page=page)


def looks_like_header(row: Row) -> bool:
    """Names of columns are distinct, not empty and no numbers; the corner may be left empty."""
    names = [cell.strip() for cell in row]
    if len(names) > 2 and not names[0]:
        names = names[1:]
    return (
        len(names) > 1
        and len(set(names)) == len(names)
        and all(name and not _NUMBER.fullmatch(name) for name in names)
    )
