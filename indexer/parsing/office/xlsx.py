"""Excel workbooks (XLSX, XLSM): one page for each sheet, its name as heading, cells as a person sees them.

Read as a stream, row by row, so that memory is bounded whatever a sheet claims to hold. Hidden rows and
columns are read, because filters hide them for a while; hidden sheets are not, but named in the metadata.
XLSB, the binary form, is read by calamine. ECMA-376 part 1, chapter 18.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from lxml import etree

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.parsing.office import calamine
from indexer.parsing.office.cell_formats import BUILT_IN, general, shown
from indexer.parsing.office.package import Package, damaged, malformed, needs_ocr, without_doctype
from indexer.parsing.office.properties import local, package_properties
from indexer.parsing.office.sheets import Budget, Cells, sheet_blocks

_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def read_xlsx(data: bytes) -> Reading:
    """Blocks of a workbook. Raises `ParseError`."""
    package = Package(data)
    part = package.main_part("xl/workbook.xml")
    properties = package_properties(package)
    metadata = dict(properties.metadata)
    if part.endswith(".bin"):
        return calamine.read_workbook(data, metadata, properties.title(None), properties.labels)
    workbook = _Workbook(package, part, package.root(part))
    blocks = list(workbook.blocks())
    if not blocks and any(name.startswith("xl/media/") for name in package.names):
        raise needs_ocr()
    if workbook.hidden:
        metadata["hidden-sheets"] = ", ".join(workbook.hidden)
    return Reading(blocks, properties.title(None), metadata, properties.labels)


class _Workbook:
    """The sheets of one workbook, with what they share."""

    def __init__(self, package: Package, part: str, root: etree._Element) -> None:
        self._package = package
        self._relations = package.relations(part)
        self._root = root
        self._budget = Budget()
        related = dict(self._relations.values())
        self._strings = _strings(package, related.get("sharedStrings"))
        self._codes = _codes(package.optional(related["styles"]) if "styles" in related else None)
        dates = next((e.get("date1904") for e in root.iter() if local(e) == "workbookPr"), None)
        self._since_1904 = dates in ("1", "true")
        self.hidden: list[str] = []
        """Names of the sheets that are left out."""

    def blocks(self) -> Iterator[Block]:
        """The blocks of all sheets that can be seen, in the order of their tabs."""
        sheets = [element for element in self._root.iter() if local(element) == "sheet"]
        if not sheets:
            raise malformed("the workbook lists no sheets")
        for page, sheet in enumerate(sheets, start=1):
            name = " ".join(str(sheet.get("name", "")).split()) or f"Sheet {page}"
            kind, part = self._relations.get(str(sheet.get(_R + "id", "")), ("", ""))
            if not kind.lower().endswith("sheet"):  # besides worksheets there are those of charts and macros
                raise damaged(f"sheet {name} is missing in it")
            if sheet.get("state", "visible") != "visible":
                self.hidden.append(name)
            elif kind == "worksheet":
                yield from sheet_blocks(name, self._rows(part), page)
                yield from self._boxes(part, page)

    def _rows(self, part: str) -> Iterator[tuple[int, Cells]]:
        number = 0
        for row in _stream(self._package, part, "row"):
            stated = row.get("r")
            number = int(stated) if stated is not None and stated.isdecimal() else number + 1
            cells: dict[int, str] = {}
            column = -1
            for cell in row:
                named = _named_column(cell.get("r", "").rstrip("0123456789"))
                column = column + 1 if named is None else named
                text = self._text(cell).strip()
                if text:
                    cells[column] = text
            self._budget.spend(cells)
            yield number, cells

    def _text(self, cell: etree._Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _rich(cell)
        value = ""
        for child in cell:  # its formula stands beside it
            if child.tag.endswith("}v"):
                value = child.text or ""
        if not value:
            return ""
        if kind == "s":
            place = int(value) if value.isdecimal() else len(self._strings)
            return self._strings[place] if place < len(self._strings) else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind != "n":
            return value.removesuffix("T00:00:00") if kind == "d" else value
        try:
            number = float(value)
            style = cell.get("s", "0")
            code = self._codes[int(style)] if style.isdecimal() and int(style) < len(self._codes) else ""
            return shown(number, code, since_1904=self._since_1904) if code else general(number)
        except (ValueError, OverflowError):
            return value

    def _boxes(self, part: str, page: int) -> Iterator[Block]:
        """The words of text boxes that lie upon a sheet."""
        for kind, name in self._package.relations(part).values():
            root = self._package.optional(name) if kind == "drawing" else None
            for body in () if root is None else root.iter():
                if local(body) == "txBody":
                    lines = [_rich(line) for line in body.iter(_A + "p")]
                    yield Block(BlockKind.PARAGRAPH, ("\n".join(filter(None, lines)),), page=page)


def _stream(package: Package, part: str, name: str) -> Iterator[etree._Element]:
    """The elements called `name`, one at a time; those before it are forgotten."""
    with package.opened(part) as file:
        found = etree.iterparse(
            file, events=("end",), tag="{*}" + name, resolve_entities=False, no_network=True, load_dtd=False
        )
        try:
            for _, element in found:
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise malformed(f"{part} in it is no well-formed XML ({error})") from error
    without_doctype(found.root, part)


def _strings(package: Package, part: str | None) -> Sequence[str]:
    if part is None or not package.size(part):
        return ()
    return [_rich(element) for element in _stream(package, part, "si")]


def _rich(element: etree._Element) -> str:
    """Text that may be in several fonts; how it is pronounced is left out."""
    spoken = {part for reading in element.iter("{*}rPh") for part in reading.iter()}
    return "".join(part.text or "" for part in element.iter("{*}t") if part not in spoken)


def _codes(styles: etree._Element | None) -> list[str]:
    """The number format of each cell style."""
    if styles is None:
        return []
    own = {
        str(element.get("numFmtId")): str(element.get("formatCode", ""))
        for element in styles.iter()
        if local(element) == "numFmt"
    }
    found: list[str] = []
    for group in styles:
        if local(group) == "cellXfs":
            for style in group:
                number = str(style.get("numFmtId", "0"))
                code = own.get(number) or BUILT_IN.get(int(number) if number.isdecimal() else 0, "")
                found.append("" if code == "General" else code)
    return found


@lru_cache(maxsize=1024)
def _named_column(letters: str) -> int | None:
    """The number, from 0, of the column called `letters`."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        return None
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
