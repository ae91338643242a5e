"""Cuts reStructuredText tables into rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from indexer.parsing.restructured_lines import GRID_RULE, SIMPLE_BORDER, SIMPLE_SPAN, indent_of

Rows = tuple[list[list[int]], int]
"""Line numbers of each row, and how many rows make the header."""

_HEADER_ROWS: Final = re.compile(r"\s*:header-rows:\s*(\d{1,3})\s*\Z")
_FIELD: Final = re.compile(r"\s+:[\w-]+:")


def grid_rows(view: Sequence[str]) -> Rows:
    """Rows of a table drawn with ``+``, ``-`` and ``|``; each ends with the rule below it."""
    rows: list[list[int]] = []
    row: list[int] = []
    header = 0
    for number, line in enumerate(view):
        row.append(number)
        if number and GRID_RULE.match(line):
            rows.append(row)
            row = []
            if "=" in line and not header:
                header = len(rows)
    return [*rows, row] if row else rows, header


def simple_end(view: Sequence[str], start: int) -> int | None:
    """The line after the bottom border of the simple table that begins at `start`; None if it has none."""
    borders = 0
    for number in range(start + 1, len(view)):
        if SIMPLE_BORDER.match(view[number].rstrip()):
            borders += 1
            if borders == 2 or number + 1 == len(view) or not view[number + 1].strip():
                return number + 1
    return None


def simple_rows(view: Sequence[str]) -> Rows:
    """Rows of a table between borders of ``=``; lines with an empty first column go on with a row."""
    rows: list[list[int]] = [[0]]
    header = 0
    for number, line in enumerate(view[1:], start=1):
        text = line.rstrip()
        border = bool(SIMPLE_BORDER.match(text)) and number < len(view) - 1
        goes_on = not text or line.startswith(" ") or bool(SIMPLE_SPAN.match(text)) or number == len(view) - 1
        if len(rows[0]) == number == 1 or goes_on or border:
            rows[-1].append(number)
        else:
            rows.append([number])
        if border and not header:
            header = len(rows)
    return rows, header


def list_table_rows(view: Sequence[str]) -> Rows:
    """Rows of a ``list-table``: the directive with its options, then each item of the outer list."""
    rows: list[list[int]] = [[0]]
    header = 0
    bullet_indent: int | None = None
    for number, line in enumerate(view[1:], start=1):
        options = _HEADER_ROWS.match(line)
        header = int(options[1]) if options else header
        starts = line.lstrip()[:2].rstrip() in ("*", "-", "+")
        if starts and (bullet_indent is None or indent_of(line) == bullet_indent):
            bullet_indent = indent_of(line)
            rows.append([number])
        else:
            rows[-1].append(number)
    return rows, min(header + 1, len(rows))


def csv_table_rows(view: Sequence[str]) -> Rows:
    """Rows of a ``csv-table``: the directive with its options, then line by line."""
    rows: list[list[int]] = [[0]]
    header_rows = 0
    for number, line in enumerate(view[1:], start=1):
        options = _HEADER_ROWS.match(line)
        header_rows = int(options[1]) if options else header_rows
        if len(rows) == 1 and (_FIELD.match(line) or not line.strip()):
            rows[0].append(number)
        elif line.strip():
            rows.append([number])
    return rows, min(1 + header_rows, len(rows))
