"""OpenDocument text, spreadsheets and presentations (ODT, ODS, ODP), from their XML.

Tracked changes are read as accepted: what was deleted is no text. Slides and sheets are pages; a text
has pages where the program that wrote it left marks of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading, one_line
from indexer.parsing.office.odf_text import TABLE, TEXT, Styles, Text, table_rows, whole
from indexer.parsing.office.package import Package, encrypted, malformed, needs_ocr
from indexer.parsing.office.properties import Properties, local, properties
from indexer.parsing.office.sheets import Budget, Cells, sheet_blocks

_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DRAW: Final = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_PRESENTATION: Final = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_META: Final = {
    "title": "title",
    "initial-creator": "author",
    "creator": "last-modified-by",
    "creation-date": "created",
    "date": "modified",
    "editing-cycles": "revision",
    "subject": "subject",
    "keyword": "keywords",
    "description": "description",
    "language": "language",
}
_FURNITURE: Final = ("date-time", "footer", "header", "page-number", "page")
_MOST_REPEATED: Final = 1000
"""How often a row with text is repeated at most; more fill a sheet to its end."""


def read_odt(data: bytes) -> Reading:
    """Blocks of a text document. Raises `ParseError`."""
    document = _Document(data, "text")
    paged = next(document.body.iter(TEXT + "soft-page-break"), None) is not None
    text = Text(document.styles, 1 if paged else None)
    blocks = list(text.blocks(document.body))
    first = text.title or next((block.title for block in blocks if block.level == 1), None)
    return document.reading(blocks, first)


def read_ods(data: bytes) -> Reading:
    """Blocks of a spreadsheet; cells have the text that they are shown with. Raises `ParseError`."""
    document = _Document(data, "spreadsheet")
    budget = Budget()
    blocks: list[Block] = []
    hidden: list[str] = []
    for page, sheet in enumerate(document.body.iterchildren(TABLE + "table"), start=1):
        name = one_line(str(sheet.get(TABLE + "name", ""))) or f"Sheet {page}"
        if str(sheet.get(TABLE + "style-name", "")) in document.styles.hidden:
            hidden.append(name)
        else:
            blocks += sheet_blocks(name, _sheet_rows(sheet, document.styles, budget), page)
    if hidden:
        document.metadata["hidden-sheets"] = ", ".join(hidden)
    return document.reading(blocks, None)


def read_odp(data: bytes) -> Reading:
    """Blocks of a presentation. Raises `ParseError`."""
    document = _Document(data, "presentation")
    blocks: list[Block] = []
    said = False
    for page, slide in enumerate(document.body.iterchildren(_DRAW + "page"), start=1):
        found = list(_slide(slide, document.styles, page))
        said = said or len(found) > 1 or found[0].title != f"Slide {page}"
        blocks += found
    first = next((block.title for block in blocks if block.title != "Slide 1"), None)
    return document.reading(blocks if said else [], first)


class _Document:
    """The parts that all kinds of documents have."""

    def __init__(self, data: bytes, kind: str) -> None:
        self._package = Package(data)
        manifest = self._package.optional("META-INF/manifest.xml")
        if manifest is not None and any(local(element) == "encryption-data" for element in manifest.iter()):
            raise encrypted()
        root = self._package.root("content.xml")
        body = root.find(f"{_OFFICE}body/{_OFFICE}{kind}")
        if body is None:
            raise malformed(f"content.xml in it has no {kind}")
        self.body = body
        common = self._package.optional("styles.xml")
        # The automatic styles of the other part are for page headers, under names that recur in this one.
        self.styles = Styles(
            root.iterchildren(f"{_OFFICE}automatic-styles", f"{_OFFICE}styles"),
            () if common is None else common.iterchildren(f"{_OFFICE}styles"),
        )
        self._properties = _properties(self._package.optional("meta.xml"))
        self.metadata = dict(self._properties.metadata)

    def reading(self, blocks: list[Block], first: str | None) -> Reading:
        """The result; `first` is the title that the text shows."""
        if not blocks and any(name.startswith("Pictures/") for name in self._package.names):
            raise needs_ocr()
        return Reading(blocks, self._properties.title(first), self.metadata, self._properties.labels)


def _properties(root: etree._Element | None) -> Properties:
    stated: dict[str, str] = {}
    own: dict[str, str] = {}
    for element in () if root is None else root.iter():
        kind = local(element)
        value = (
            one_line("".join(map(str, element.itertext()))) if kind in _META or kind == "user-defined" else ""
        )
        if kind == "user-defined":
            name = next((str(v) for k, v in element.attrib.items() if str(k).endswith("}name")), "")
            own.setdefault(one_line(name).lower(), value)
        elif kind == "keyword" and value:
            stated["keywords"] = ", ".join(filter(None, (stated.get("keywords"), value)))
        elif value:
            stated.setdefault(_META[kind], value)
    stated.setdefault("author", stated.get("last-modified-by", ""))
    return properties(stated, own)


def _sheet_rows(sheet: etree._Element, styles: Styles, budget: Budget) -> Iterator[tuple[int, Cells]]:
    text = Text(styles, None)
    number = 1
    for row, _ in table_rows(sheet):
        cells: dict[int, str] = {}
        column = 0
        for cell in row:
            repeated = max(1, whole(cell.get(TABLE + "number-columns-repeated"), 1))
            shown = "\n".join(block.text for block in text.blocks(cell)) if len(cell) else ""
            for place in range(column, column + repeated if shown else column):
                cells[place] = shown
                if len(cells) > _MOST_REPEATED * 20:
                    break
            column += repeated
        times = max(1, whole(row.get(TABLE + "number-rows-repeated"), 1))
        for place in range(min(times, _MOST_REPEATED) if cells else 0):
            budget.spend(cells)
            yield number + place, cells
        number += times


def _slide(slide: etree._Element, styles: Styles, page: int) -> Iterator[Block]:
    text = Text(styles, page)
    shapes = list(_shapes(slide))
    titles = [shape for shape in shapes if shape.get(_PRESENTATION + "class") == "title"]
    title = one_line(" ".join(block.text for shape in titles for block in text.blocks(shape)))
    title = title or f"Slide {page}"
    yield Block(BlockKind.HEADING, (title,), 1, title, page=page)
    for shape in shapes:
        if shape not in titles:
            yield from text.blocks(shape)
    for notes in slide.iterchildren(_PRESENTATION + "notes"):
        said = [block for shape in _shapes(notes) for block in text.blocks(shape)]
        if said:
            yield Block(BlockKind.HEADING, ("Speaker notes",), 2, "Speaker notes", page=page)
            yield from said


def _shapes(parent: etree._Element) -> Iterator[etree._Element]:
    for shape in parent:
        if shape.tag == _DRAW + "g":
            yield from _shapes(shape)
        elif str(shape.tag).startswith(_DRAW):
            furniture = shape.get(_PRESENTATION + "class") in _FURNITURE
            if not furniture and shape.get(_PRESENTATION + "placeholder") != "true":
                yield shape
