"""Presentations (PPTX, PPTM, PPSX): one page for each slide, its title as heading, the speaker's notes below it.

The XML is read directly. Slides that are hidden in the show are read like the others, because an
editor shows them; footers, dates and slide numbers are left out. ECMA-376 part 1, chapters 19 and 21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.parsing.office.grids import WIDEST_SPAN, table_block, used_columns
from indexer.parsing.office.package import Package, damaged, needs_ocr, too_large
from indexer.parsing.office.properties import local, package_properties

_P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TITLES: Final = ("title", "ctrTitle")
_FURNITURE: Final = ("dt", "ftr", "hdr", "sldNum", "sldImg")
_MOST_SLIDES: Final = 5000


def read_pptx(data: bytes) -> Reading:
    """Blocks of a presentation. Raises `ParseError`."""
    package = Package(data)
    part = package.main_part("ppt/presentation.xml")
    root = package.root(part)
    relations = package.relations(part)
    slides = [relations.get(str(slide.get(_R + "id", "")), ("", ""))[1] for slide in root.iter(_P + "sldId")]
    if len(slides) > _MOST_SLIDES:
        raise too_large(f"it has {len(slides):,} slides; the limit is {_MOST_SLIDES:,}")
    blocks: list[Block] = []
    pictures = said = False
    for number, name in enumerate(slides, start=1):
        slide = package.tree(name)
        if slide is None:
            raise damaged(f"slide {number} is missing in it")
        found = list(_Slide(package, name, slide, number).blocks())
        said = said or any(block.level != 1 or block.title != _unnamed(number) for block in found)
        pictures = pictures or next(slide.iter(_A + "blip"), None) is not None
        blocks += found
    if not said:
        if pictures:
            raise needs_ocr()
        blocks = []
    properties = package_properties(package)
    first = next(
        (block.title for block in blocks if block.title not in ("", _unnamed(1)) and block.page == 1), None
    )
    return Reading(blocks, properties.title(first), properties.metadata, properties.labels)


def _unnamed(number: int) -> str:
    """What a slide without a title is called; under no heading it would belong to the slide before."""
    return f"Slide {number}"


class _Slide:
    """One slide with its notes."""

    def __init__(self, package: Package, name: str, root: etree._Element, number: int) -> None:
        self._package = package
        self._relations = package.relations(name)
        self._root = root
        self._number = number

    def blocks(self) -> Iterator[Block]:
        """The title first, whatever its place among the shapes."""
        shapes = list(_shapes(self._root.find(f"{_P}cSld/{_P}spTree")))
        titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
        title = " ".join(" ".join(_text(line).split()) for shape in titles for line in _lines(shape))
        title = title.strip() or _unnamed(self._number)
        yield Block(BlockKind.HEADING, (title,), 1, title, page=self._number)
        for shape in shapes:
            if shape not in titles and _placeholder(shape) not in _FURNITURE:
                yield from self._shape(shape)
        yield from self._notes()

    def _shape(self, shape: etree._Element) -> Iterator[Block]:
        table = next(shape.iter(_A + "tbl"), None)
        if table is not None:
            yield from self._table(table)
        elif local(shape) == "graphicFrame":
            yield from self._diagram(shape)
        else:
            yield from self._body(list(_lines(shape)), listed=_placeholder(shape) not in (None, "subTitle"))

    def _body(self, lines: list[etree._Element], *, listed: bool) -> Iterator[Block]:
        """Paragraphs; several of them in a placeholder are its bullets, unless they are told to have none."""
        said = [line for line in lines if _text(line).strip()]
        items = [(listed and len(said) > 1 and _has_bullet(line)) or _has_own_bullet(line) for line in said]
        run: list[str] = []
        for line, item in zip(said, items, strict=True):
            text = "\n".join(" ".join(part.split()) for part in _text(line).split("\n")).strip()
            if item:
                margin = "  " * _level(line)
                run.append(f"{margin}- " + text.replace("\n", f"\n{margin}  "))
                continue
            if run:
                yield Block(BlockKind.LIST, tuple(run), page=self._number)
                run = []
            yield Block(BlockKind.PARAGRAPH, (text,), page=self._number)
        if run:
            yield Block(BlockKind.LIST, tuple(run), page=self._number)

    def _table(self, table: etree._Element) -> Iterator[Block]:
        rows: list[list[str]] = []
        for row in table.iter(_A + "tr"):
            cells: list[str] = []
            for cell in row.iter(_A + "tc"):
                merged = cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true")
                cells.append("" if merged else " ".join(_text(line) for line in _lines(cell)))
            rows.append(cells[: 10 * WIDEST_SPAN])
        if len(used_columns(rows)) < 2:
            for text in (text for cells in rows for text in cells if text.strip()):
                yield Block(BlockKind.PARAGRAPH, (text,), page=self._number)
            return
        properties = table.find(_A + "tblPr")
        first = None if properties is None else properties.get("firstRow")
        block = table_block(rows, 1 if first in ("1", "true") else None, self._number)
        if block is not None:
            yield block

    def _diagram(self, frame: etree._Element) -> Iterator[Block]:
        """The words of a drawn diagram (SmartArt) and the title of a chart."""
        for reference in frame.iter():
            identity = str(
                reference.get(_R + "dm", "")
                or (local(reference) == "chart" and reference.get(_R + "id"))
                or ""
            )
            kind, name = self._relations.get(identity, ("", ""))
            root = self._package.optional(name) if kind in ("diagramData", "chart") else None
            if root is None:
                continue
            source = (
                root if kind == "diagramData" else next((e for e in root.iter() if local(e) == "title"), None)
            )
            lines = [
                " ".join(_text(line).split()) for line in (() if source is None else source.iter(_A + "p"))
            ]
            items = tuple(f"- {line}" for line in lines if line)
            if items and kind == "diagramData":
                yield Block(BlockKind.LIST, items, page=self._number)
            elif items:
                yield Block(BlockKind.PARAGRAPH, (" ".join(filter(None, lines)),), page=self._number)

    def _notes(self) -> Iterator[Block]:
        for kind, name in self._relations.values():
            root = self._package.optional(name) if kind == "notesSlide" else None
            if root is None:
                continue
            for shape in _shapes(root.find(f"{_P}cSld/{_P}spTree")):
                blocks = list(self._body(list(_lines(shape)), listed=False))
                if blocks and _placeholder(shape) not in _FURNITURE:
                    yield Block(BlockKind.HEADING, ("Speaker notes",), 2, "Speaker notes", page=self._number)
                    yield from blocks


def _shapes(tree: etree._Element | None) -> Iterator[etree._Element]:
    """The shapes in the order that screen readers follow, groups opened."""
    for shape in () if tree is None else tree:
        name = local(shape)
        if name == "grpSp":
            yield from _shapes(shape)
        elif name == "AlternateContent":
            yield from _shapes(next(iter(shape), None))
        elif name in ("sp", "graphicFrame", "cxnSp"):
            hidden = shape.find(f"*/{_P}cNvPr")
            if hidden is None or hidden.get("hidden") not in ("1", "true"):
                yield shape


def _placeholder(shape: etree._Element) -> str | None:
    """The kind of placeholder that a shape fills; None if it fills none."""
    mark = shape.find(f"*/{_P}nvPr/{_P}ph")
    return None if mark is None else str(mark.get("type", "body"))


def _lines(shape: etree._Element) -> Iterator[etree._Element]:
    return shape.iter(_A + "p")


def _text(paragraph: etree._Element) -> str:
    instead = {_A + "br": "\n", _A + "tab": " "}
    parts = paragraph.iter(_A + "t", *instead)
    return "".join(instead.get(str(part.tag)) or part.text or "" for part in parts)


def _level(paragraph: etree._Element) -> int:
    properties = paragraph.find(_A + "pPr")
    level = "" if properties is None else str(properties.get("lvl", ""))
    return int(level) if level in tuple("123456789") else 0


def _has_bullet(paragraph: etree._Element) -> bool:
    properties = paragraph.find(_A + "pPr")
    return properties is None or properties.find(_A + "buNone") is None


def _has_own_bullet(paragraph: etree._Element) -> bool:
    properties = paragraph.find(_A + "pPr")
    return properties is not None and any(
        local(mark) in ("buChar", "buAutoNum", "buBlip") for mark in properties
    )
