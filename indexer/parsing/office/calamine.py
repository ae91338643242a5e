"""Workbooks in binary form (XLS, XLSB), through calamine, which gives values without their formats."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import python_calamine

from indexer.errors import ParseError
from indexer.model import Block
from indexer.parsing.canonical import Reading
from indexer.parsing.office.cell_formats import general
from indexer.parsing.office.package import damaged, encrypted, too_large
from indexer.parsing.office.sheets import Budget, Cells, sheet_blocks

_LARGEST_GRID: Final = 20_000_000
"""Cells between a sheet's first and last, filled or not: calamine keeps them all."""


def read_workbook(
    data: bytes, metadata: Mapping[str, str], title: str | None, labels: tuple[str, ...]
) -> Reading:
    """Blocks of a workbook. Raises `ParseError`."""
    hidden: list[str] = []
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
            blocks = list(_blocks(workbook, hidden))
    except python_calamine.PasswordError as error:
        raise encrypted() from error
    except ParseError:
        raise
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise damaged(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's way to give up; derives from BaseException
            raise
        raise damaged(f"calamine gave up on it ({error})") from error
    said = {**metadata, **({"hidden-sheets": ", ".join(hidden)} if hidden else {})}
    return Reading(blocks, title, said, labels)


def _blocks(workbook: Any, hidden: list[str]) -> Iterator[Block]:
    budget = Budget()
    if not workbook.sheets_metadata:
        raise damaged("it lists no sheets")
    for page, about in enumerate(workbook.sheets_metadata, start=1):
        if about.visible != python_calamine.SheetVisibleEnum.Visible:
            hidden.append(about.name)
        elif about.typ == python_calamine.SheetTypeEnum.WorkSheet:
            sheet = workbook.get_sheet_by_name(about.name)
            if sheet.width * sheet.height > _LARGEST_GRID:
                raise too_large(f"sheet {about.name} spans {sheet.width * sheet.height:,} cells")
            yield from sheet_blocks(about.name, _rows(sheet, budget), page)


def _rows(sheet: Any, budget: Budget) -> Iterator[tuple[int, Cells]]:
    for number, row in enumerate(sheet.to_python(skip_empty_area=True)):
        cells = {column: text for column, value in enumerate(row) if (text := _text(value))}
        budget.spend(cells)
        yield number, cells


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return general(float(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return str(value).strip()
