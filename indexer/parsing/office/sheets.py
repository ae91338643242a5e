"""The blocks of one sheet: titles, tables and notes told apart by where rows and columns are empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from indexer.errors import ParseError
from indexer.model import Block, BlockKind
from indexer.parsing.office.grids import (
    MOST_HEADER_ROWS,
    header_rows,
    is_number,
    looks_like_header,
    table_block,
)

MOST_CELLS: Final = 2_000_000
"""Filled cells of one workbook; more are data for a program, not text for a reader."""
MOST_CHARACTERS: Final = 30_000_000

Cells = Mapping[int, str]
"""The filled cells of a row, by column from 0."""
_LONG_COLUMN: Final = 20
"""Rows from which on single cells below one another are a table, not so many paragraphs."""


class Budget:
    """What the sheets of one workbook may still hold together."""

    def __init__(self) -> None:
        self._cells = MOST_CELLS
        self._characters = MOST_CHARACTERS

    def spend(self, cells: Cells) -> None:
        """Count a row. Raises `ParseError` where the workbook is too large to be text."""
        self._cells -= len(cells)
        self._characters -= sum(map(len, cells.values()))
        if self._cells < 0 or self._characters < 0:
            limit = (
                f"{MOST_CELLS:,} filled cells"
                if self._cells < 0
                else f"{MOST_CHARACTERS:,} characters of text"
            )
            raise ParseError(
                "too-large",
                f"the workbook has more than {limit}: data for a program, not text for a reader",
                remedy="exclude it, or split off the sheets that people read",
            )


def sheet_blocks(name: str, rows: Iterable[tuple[int, Cells]], page: int) -> Iterator[Block]:
    """A heading with the sheet's name and what stands under it; nothing for an empty sheet.

    `rows` are numbered; numbers that are left out are empty rows.
    """
    named = False
    for block in _contents(rows, page):
        if not named:
            named = True
            yield Block(BlockKind.HEADING, (name,), 1, name, page=page)
        yield block


def _contents(rows: Iterable[tuple[int, Cells]], page: int) -> Iterator[Block]:
    table: list[Cells] = []
    for band in _bands(rows):
        start, end = _table_within(band)
        before, middle, after = band[:start], band[start:end], band[end:]
        if middle and not before and table and _continues(table, middle):
            table += middle
        else:
            yield from _emitted(table, page)
            yield from _lines(before, page)
            table = middle
        if after or not middle:
            yield from _emitted(table, page)
            yield from _lines(after, page)
            table = []
    yield from _emitted(table, page)


def _bands(rows: Iterable[tuple[int, Cells]]) -> Iterator[list[Cells]]:
    """Runs of rows without an empty one between them."""
    band: list[Cells] = []
    last = 0
    for number, cells in rows:
        if not cells:
            continue
        if band and number > last + 1:
            yield band
            band = []
        band.append(cells)
        last = number
    if band:
        yield band


def _table_within(band: list[Cells]) -> tuple[int, int]:
    """Where the table in a band begins and ends: lines with one cell above and below are its title and notes."""
    wide = [place for place, cells in enumerate(band) if len(cells) > 1]
    if not wide:
        return (0, len(band)) if len(band) >= _LONG_COLUMN else (len(band), len(band))
    last = wide[-1] + 1
    # A first column that goes on alone is the table's own: its other cells are merely empty.
    first = min(band[wide[-1]])
    while last < len(band) and min(band[last]) == first and min(map(len, band[last].values())) < 40:
        last += 1
    return wide[0], last


def _continues(table: list[Cells], rows: list[Cells]) -> bool:
    """Whether `rows`, after an empty line, go on under the header of `table`, or `table` is their header."""
    known = {column for cells in table[:_LONG_COLUMN] for column in cells}
    columns = sorted(known.union(*rows[:_LONG_COLUMN]))
    top = [[cells.get(column, "") for column in columns] for cells in table[: MOST_HEADER_ROWS + 1]]
    first = [rows[0].get(column, "") for column in columns]
    if len(table) <= MOST_HEADER_ROWS and not any(is_number(cell) for row in top for cell in row):
        shared = set(table[-1]).intersection(rows[0])
        return (
            len(shared) > 1 and header_rows([*top, first]) in (1, len(table)) and not looks_like_header(first)
        )
    if not any(is_number(cell) for cells in rows for cell in cells.values()):
        return False  # words only, below numbers: the header of what comes next
    return all(map(known.issuperset, rows)) and header_rows(top) > 0 and not looks_like_header(first)


def _emitted(table: list[Cells], page: int) -> Iterator[Block]:
    if not table:
        return
    columns = sorted({column for cells in table for column in cells})
    block = table_block([[cells.get(column, "") for column in columns] for cells in table], page=page)
    if block is not None:
        yield block


def _lines(rows: list[Cells], page: int) -> Iterator[Block]:
    for cells in rows:
        for text in cells.values():
            yield Block(BlockKind.PARAGRAPH, (text,), page=page)
