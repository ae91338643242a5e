"""Word documents (DOCX, DOCM and their templates): what a reader of the final text sees, with pages where Word left them.

The XML is read directly. Insertions that are still tracked are text and deletions are not; content
controls, text boxes, footnotes and fields are read where they stand; a table of contents, headers,
footers, comments and hidden text are left out. ECMA-376 part 1, chapter 17.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.parsing.office.grids import WIDEST_SPAN, table_block, used_columns
from indexer.parsing.office.package import Package, malformed, needs_ocr
from indexer.parsing.office.properties import local, package_properties
from indexer.parsing.office.word_runs import PAGE, NoteKind, Notes, Paragraph, paragraph_of, seen_children
from indexer.parsing.office.word_styles import Numbering, Styles, W, value, whole

_PICTURES: Final = ("blip", "imagedata")


def read_docx(data: bytes) -> Reading:
    """Blocks of a Word document. Raises `ParseError`."""
    package = Package(data)
    part = package.main_part("word/document.xml")
    root = package.root(part)
    text = root.find(W + "body")
    if text is None:
        raise malformed(f"{part} in it has no body")
    related = dict(package.relations(part).values())
    folder = part.rpartition("/")[0]

    def other(kind: str) -> etree._Element | None:
        return package.optional(related.get(kind, f"{folder}/{kind}.xml"))

    body = _Body(
        Styles(other("styles")),
        Numbering(other("numbering")),
        {kind: _notes(other(kind.value)) for kind in NoteKind},
        1 if next(root.iter(W + "lastRenderedPageBreak"), None) is not None else None,
    )
    blocks = list(_lists_joined(body.blocks(text)))
    if not blocks and any(local(element) in _PICTURES for element in root.iter()):
        raise needs_ocr()
    found = package_properties(package)
    first = body.title or next((block.title for block in blocks if block.level == 1), None)
    return Reading(blocks, found.title(first), found.metadata, found.labels)


def _notes(root: etree._Element | None) -> Notes:
    """Footnotes or endnotes by their number; the lines that separate them from the page are none."""
    return {
        str(note.get(W + "id", "")): note
        for note in (() if root is None else root)
        if note.get(W + "type", "normal") == "normal"
    }


class _Body:
    """Walks the text in order, counting pages and the items of lists."""

    def __init__(
        self, styles: Styles, numbering: Numbering, notes: dict[NoteKind, Notes], page: int | None
    ) -> None:
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._page = page
        self.title: str | None = None
        """The words of the first paragraph in the style for titles."""

    def blocks(self, parent: etree._Element | None) -> Iterator[Block]:
        """The blocks inside `parent`; items of one list come one by one."""
        for element in () if parent is None else seen_children(parent):
            if element.tag == W + "p":
                yield from self._paragraph(element)
            elif element.tag == W + "tbl":
                yield from self._table(element)

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        paragraph = paragraph_of(element)
        block = self._own_block(element, paragraph)
        if block is not None:
            yield block
        for box in paragraph.boxes:
            yield from self.blocks(box)
        yield from self._noted(paragraph)

    def _noted(self, paragraph: Paragraph) -> Iterator[Block]:
        """The notes that a paragraph refers to, right after it and without their numbers, which shift."""
        for kind, number in paragraph.notes:
            note = self._notes[kind].pop(number, None)
            yield from self.blocks(note)

    def _own_block(self, element: etree._Element, paragraph: Paragraph) -> Block | None:
        properties = element.find(W + "pPr")
        style = self._styles.of(None if properties is None else value(properties, "pStyle"))
        outline, number, level = style.outline, style.number, style.level
        if properties is not None:
            stated = value(properties, "outlineLvl")
            outline = outline if stated is None else whole(stated, 9)
            listed = properties.find(W + "numPr")
            if listed is not None:
                number = value(listed, "numId") or number
                level = whole(value(listed, "ilvl"), level)
        page = self._turned(paragraph)
        words = paragraph.text.replace(PAGE, "").strip()
        if not words or style.is_contents:
            return None
        label = self._numbering.label(number, level) if number not in (None, "0") else ""
        if outline is not None and outline < 9:
            title = " ".join(words.split())
            if style.name.lower() == "title" and self.title is None:
                self.title = title
            shown = label if label != "-" else ""
            return Block(BlockKind.HEADING, (f"{shown} {title}".strip(),), outline + 1, title, page=page)
        if label:
            margin = "  " * min(level, 9)
            first, *rest = words.split("\n")
            lines = (f"{margin}{label} {first}", *(f"{margin}  {line}" for line in rest))
            return Block(BlockKind.LIST, ("\n".join(lines),), page=page)
        return Block(BlockKind.PARAGRAPH, (words,), page=page)

    def _turned(self, paragraph: Paragraph) -> int | None:
        """The page on which the paragraph's first words stand; the pages that it runs over are counted."""
        if self._page is None:
            return None
        words = paragraph.text.lstrip()
        while words.startswith(PAGE):
            self._page += 1
            words = words[1:].lstrip()
        page = self._page
        self._page += words.count(PAGE)
        return page

    def _table(self, table: etree._Element) -> Iterator[Block]:
        """A table; one that only arranges other things is looked through."""
        rows = [row for row in seen_children(table) if row.tag == W + "tr" and not _is_deleted(row)]
        cells = [[cell for cell in seen_children(row) if cell.tag == W + "tc"] for row in rows]
        rows_text: list[list[str]] = []
        arranging = False
        page = self._page
        noted: list[Paragraph] = []
        texts = [[self._cell(cell) for cell in row] for row in cells]
        for element, row, row_texts in zip(rows, cells, texts, strict=True):
            line = [""] * _cells_before(element)
            for cell, paragraphs in zip(row, row_texts, strict=True):
                words = " ".join(" ".join(p.text.replace(PAGE, " ").split()) for p in paragraphs)
                line += [words, *[""] * (_span(cell) - 1)]
                arranging = arranging or self._arranges(cell)
            rows_text.append(line)
        if arranging or len(used_columns(rows_text)) < 2:
            for row in cells:
                for cell in row:
                    yield from self.blocks(cell)
            return
        for row_texts in texts:
            for paragraph in (p for paragraphs in row_texts for p in paragraphs):
                turned = self._turned(paragraph)
                page = turned if not noted else page
                noted.append(paragraph)
        block = table_block(rows_text, _header_rows(rows), page)
        if block is not None:
            yield block
        for paragraph in noted:
            for box in paragraph.boxes:
                yield from self.blocks(box)
            yield from self._noted(paragraph)

    def _cell(self, cell: etree._Element) -> list[Paragraph]:
        properties = cell.find(W + "tcPr")
        merged = None if properties is None else properties.find(W + "vMerge")
        if merged is not None and merged.get(W + "val", "continue") == "continue":
            return []
        return [paragraph_of(element) for element in seen_children(cell) if element.tag == W + "p"]

    def _arranges(self, cell: etree._Element) -> bool:
        """Whether a cell holds what no line of a table can: another table or a heading."""
        for element in seen_children(cell):
            if element.tag == W + "tbl":
                return True
            properties = element.find(W + "pPr")
            if properties is not None and self._styles.of(value(properties, "pStyle")).outline is not None:
                return True
        return False


def _span(cell: etree._Element) -> int:
    properties = cell.find(W + "tcPr")
    return 1 if properties is None else max(1, min(whole(value(properties, "gridSpan"), 1), WIDEST_SPAN))


def _is_deleted(row: etree._Element) -> bool:
    properties = row.find(W + "trPr")
    return properties is not None and properties.find(W + "del") is not None


def _cells_before(row: etree._Element) -> int:
    properties = row.find(W + "trPr")
    return 0 if properties is None else min(whole(value(properties, "gridBefore")), WIDEST_SPAN)


def _header_rows(rows: list[etree._Element]) -> int | None:
    """How many rows Word repeats on each page; None if it is not told to repeat any."""
    count = 0
    for row in rows:
        properties = row.find(W + "trPr")
        mark = None if properties is None else properties.find(W + "tblHeader")
        if mark is None or mark.get(W + "val", "1") in ("0", "false", "off"):
            break
        count += 1
    return count or None


def _lists_joined(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks, items that follow one another on one page joined into one list."""
    items: list[Block] = []
    for block in blocks:
        if items and (block.kind is not BlockKind.LIST or block.page != items[0].page):
            yield _joined(items)
            items = []
        if block.kind is BlockKind.LIST:
            items.append(block)
        else:
            yield block
    if items:
        yield _joined(items)


def _joined(items: list[Block]) -> Block:
    return Block(BlockKind.LIST, tuple(part for item in items for part in item.parts), page=items[0].page)
