"""PDF into blocks: text in reading order, with headings, lists, tables and page numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from typing import Final

from indexer.errors import ParseError
from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.parsing.frontmatter import labels
from indexer.parsing.pdf.columns import columns
from indexer.parsing.pdf.document import PdfDocument, open_pdf
from indexer.parsing.pdf.furniture import PageLines, without_furniture
from indexer.parsing.pdf.headings import heading_levels
from indexer.parsing.pdf.lines import Line, PageText, lines
from indexer.parsing.pdf.page import LIMITS
from indexer.parsing.pdf.paragraphs import Paragraph, Region, paragraphs, style_of
from indexer.parsing.pdf.properties import metadata, xmp_properties
from indexer.parsing.pdf.words import mended, plain, vocabulary
from indexer.parsing.text import line_groups

_FEW: Final = 40
"""Characters: a page of pictures with no more text than that needs OCR."""
_UNMAPPED: Final = 0.2
"""Share of a page's characters without a known letter from which on its text is no text."""
_FEWEST_UNMAPPED: Final = 10
"""Fewer are ornaments."""
_OCR_REMEDY: Final = "run OCR over it, or install tesseract and set ocr = true under [parsing]"
_MOST_LISTED: Final = 60
_MOST_STAMPS: Final = 5

OcrReader = Callable[[PdfDocument, int], str | None]
"""The text of a page (1-based) of an open document, recognised from its image; None if that failed."""


@dataclass(frozen=True, slots=True)
class _PageNotes:
    """What is kept of a page besides its lines."""

    number: int
    sideways: tuple[Line, ...]
    stamps: tuple[str, ...]
    remarks: tuple[str, ...]
    letters: int
    unmapped: int
    pictured: bool
    damaged: bool
    cut: bool

    @property
    def scanned(self) -> bool:
        return self.pictured and self.letters < _FEW

    @property
    def unreadable(self) -> bool:
        return self.unmapped > max(_UNMAPPED * self.letters, _FEWEST_UNMAPPED)

    @property
    def wanting(self) -> bool:
        return self.scanned or self.unreadable


def read_pdf(data: bytes) -> Reading:
    """The text of a PDF.

    Raises `ParseError`: ``encrypted`` (it asks for a password), ``damaged``, ``needs-ocr`` (its pages are
    images, or its fonts do not say which letters they hold) or ``empty``.
    """
    return read_with(data, None)


def read_with(data: bytes, ocr: OcrReader | None) -> Reading:
    """As `read_pdf`, with pages that are images read by `ocr` where it is given."""
    if not data:
        raise ParseError("empty", "the file is empty")
    with open_pdf(data) as document:
        pages, notes = _read_pages(document)
        if all(note.damaged for note in notes):
            raise ParseError(
                "damaged", "none of the PDF's pages can be read", remedy="replace it by an intact copy"
            )
        recognised = {note.number: _recognised(document, note.number, ocr) for note in notes if note.wanting}
        wanting = [note for note in notes if note.wanting and not recognised[note.number]]
        if wanting and len(wanting) == sum(1 for note in notes if note.wanting or note.letters):
            raise _needs_ocr(wanting, len(notes))
        unused = {note.number for note in notes if note.unreadable or recognised.get(note.number)}
        furniture = without_furniture([page for page in pages if page.number not in unused])
        blocks = list(_blocks(document, furniture.pages, {note.number: note for note in notes}))
        blocks.extend(block for found in recognised.values() for block in found)
        blocks.sort(key=lambda block: block.page or 0)
        carried = document.attachments()
        said = metadata(document.info(), xmp_properties(data))
    attachments = carried.attachments
    if not blocks and not attachments:
        raise ParseError("empty", f"the PDF has {_pages(len(notes))} and no text")
    read = [number for number, found in recognised.items() if found]
    said |= _remarks(notes, wanting, read, furniture.said) | carried.remarks
    first = next((block.title for block in blocks if block.level == 1), None)
    return Reading(blocks, said.get("title") or first, said, labels(said), attachments)


def _remarks(
    notes: Sequence[_PageNotes],
    wanting: Sequence[_PageNotes],
    recognised: Sequence[int],
    heads: Sequence[str],
) -> dict[str, str]:
    """What is worth telling about the pages, as metadata."""
    cut = _listed([note.number for note in notes if note.cut])
    stamps = dict.fromkeys(stamp for note in notes for stamp in note.stamps)
    said = {
        "pages": str(len(notes)),
        "pages needing ocr": _listed([note.number for note in wanting]),
        "recognised pages": _listed(recognised),
        "damaged pages": _listed([note.number for note in notes if note.damaged]),
        "pages read in part": f"{cut}: {LIMITS}" if cut else "",
        "running heads": " | ".join(heads),
        "stamps": " | ".join(list(stamps)[:_MOST_STAMPS]),
    }
    return {name: value for name, value in said.items() if value}


def _read_pages(document: PdfDocument) -> tuple[list[PageLines], list[_PageNotes]]:
    """All pages as lines: characters and pdfium's own pages are gone as soon as each is read."""
    pages: list[PageLines] = []
    notes: list[_PageNotes] = []
    for page in document.pages():
        pieces = lines(page.runs)
        pages.append(PageLines(page.number, page.height, tuple(pieces)))
        notes.append(_notes(page, pieces))
    return pages, notes


def _notes(page: PageText, pieces: Sequence[Line]) -> _PageNotes:
    return _PageNotes(
        number=page.number,
        sideways=tuple(lines(page.sideways)),
        stamps=page.stamps,
        remarks=page.remarks,
        letters=sum(len(piece.text) for piece in pieces),
        unmapped=page.unmapped,
        pictured=page.pictured,
        damaged=page.damaged,
        cut=page.cut,
    )


def _blocks(
    document: PdfDocument, pages: Sequence[PageLines], notes: dict[int, _PageNotes]
) -> Iterator[Block]:
    known = vocabulary(piece.text for page in pages for piece in page.pieces)
    regions = [Region(page.number, tuple(region)) for page in pages for region in columns(page.pieces)]
    style = style_of(regions, known)
    found = paragraphs(regions, style)
    levels = heading_levels(found, document.outline(), style.body)
    numbered = list(enumerate(found))
    at = 0
    for page in pages:
        end = at
        while end < len(numbered) and numbered[end][1].page == page.number:
            end += 1
        yield from _page_blocks(numbered[at:end], levels)
        at = end
        note = notes[page.number]
        for said in (*(plain(line.text) for line in note.sideways), *note.remarks):
            yield Block(BlockKind.PARAGRAPH, (said,), page=page.number)


def _page_blocks(found: Sequence[tuple[int, Paragraph]], levels: dict[int, int]) -> Iterator[Block]:
    def is_item(entry: tuple[int, Paragraph]) -> bool:
        return bool(entry[1].marker) and entry[0] not in levels

    for items, group in groupby(found, key=is_item):
        if items:
            entries = [paragraph for _, paragraph in group]
            yield Block(BlockKind.LIST, tuple(entry.text for entry in entries), page=entries[0].page)
            continue
        for number, paragraph in group:
            if paragraph.code:
                yield Block(BlockKind.CODE, paragraph.code, page=paragraph.page)
            elif paragraph.table is not None:
                table = paragraph.table
                yield Block(BlockKind.TABLE, table.rows, header_parts=table.header, page=paragraph.page)
            elif number in levels:
                yield Block(
                    BlockKind.HEADING,
                    (paragraph.text,),
                    level=levels[number],
                    title=paragraph.text,
                    page=paragraph.page,
                )
            else:
                yield Block(BlockKind.PARAGRAPH, (paragraph.text,), page=paragraph.page)


def _recognised(document: PdfDocument, number: int, ocr: OcrReader | None) -> list[Block]:
    text = ocr(document, number) if ocr is not None else None
    if not text:
        return []
    groups = [group for part in text.split("\f") for group in line_groups(part.split("\n"))]
    known = vocabulary(line for group in groups for line in group)
    whole = (
        reduce(lambda first, second: mended(first, second, known), map(str.strip, group)) for group in groups
    )
    return [Block(BlockKind.PARAGRAPH, (plain(text),), page=number) for text in whole]


def _needs_ocr(wanting: Sequence[_PageNotes], pages: int) -> ParseError:
    which = _listed([note.number for note in wanting])
    if all(note.unreadable for note in wanting):
        why = f"the PDF's fonts do not say which letters they hold (pages {which} of {pages})"
    else:
        why = f"the PDF's pages are images without text (pages {which} of {pages})"
    return ParseError("needs-ocr", why, remedy=_OCR_REMEDY)


def _listed(numbers: Sequence[int]) -> str:
    """Numbers as ranges: ``1-4, 7``."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in ranges[:_MOST_LISTED]]
    return ", ".join(shown) + (", …" if len(ranges) > _MOST_LISTED else "")


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"
