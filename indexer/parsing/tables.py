"""CSV and TSV: one line for each row, cells between bars, line breaks in cells folded."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Final, Literal

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.parsing.text import read_text

_SAMPLE: Final = 16_384
"""Characters that the dialect is read from."""
_DELIMITERS: Final = ",;\t|"
_NUMBER: Final = re.compile(r"[-+(]?[\d.,:/ %€$£-]*\d[\d.,:/ %€$£)-]*")
_MOST_BREAKS: Final = 500
"""Line breaks in one cell; more come of a quote that is never closed, and quotes are then no marks."""
_LONGEST_CELL: Final = 2**31 - 1


def read_csv(text: str) -> Reading:
    """A table whose delimiter is found from its first rows."""
    return _read(text, _delimiter(text[:_SAMPLE]))


def read_tsv(text: str) -> Reading:
    """A table with tabs between its cells."""
    return _read(text, "\t")


def row_line(cells: list[str]) -> str:
    """One row as a line: white space in cells folded, empty cells at the end left out."""
    folded = [" ".join(cell.split()) for cell in cells]
    while folded and not folded[-1]:
        folded.pop()
    return " | ".join(folded)


def _read(text: str, delimiter: str) -> Reading:
    csv.field_size_limit(_LONGEST_CELL)  # the default refuses what a quoted document in a cell may well have
    try:
        rows = _rows(text, delimiter, csv.QUOTE_MINIMAL)
        if any(cell.count("\n") > _MOST_BREAKS for row in rows for cell in row):
            rows = _rows(text, delimiter, csv.QUOTE_NONE)
    except csv.Error:
        return read_text(text)
    if not rows:
        return Reading(())
    lines = tuple(row_line(row) for row in rows)
    return Reading([Block(BlockKind.TABLE, lines, header_parts=int(len(rows) > 1 and _is_header(rows[0])))])


def _rows(text: str, delimiter: str, quoting: Literal[0, 3]) -> list[list[str]]:
    rows = csv.reader(_lines(text), delimiter=delimiter, quoting=quoting)
    return [row for row in rows if any(map(str.strip, row))]


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends, split at line feeds only."""
    for line in text.split("\n"):
        yield line + "\n"


def _delimiter(sample: str) -> str:
    """What the first rows agree on; the library's guess needs no agreement, and is used when there is none."""
    lines = [line for line in sample.split("\n")[:50] if line.strip()]
    for delimiter in _DELIMITERS:
        widths = {len(row) for row in csv.reader(lines, delimiter=delimiter)} if _regular(lines) else set()
        if len(widths) == 1 and widths != {1}:
            return delimiter
    try:
        return csv.Sniffer().sniff(sample[:2048], delimiters=_DELIMITERS).delimiter
    except csv.Error:
        return ","


def _regular(lines: list[str]) -> bool:
    """Quotes are closed on the line they are opened on, so that lines are rows."""
    return all(line.count('"') % 2 == 0 for line in lines)


def _is_header(row: list[str]) -> bool:
    """Names of columns are distinct, not empty and no numbers (the library's own guess is often wrong)."""
    names = [cell.strip() for cell in row]
    return len(set(names)) == len(names) and all(name and not _NUMBER.fullmatch(name) for name in names)
