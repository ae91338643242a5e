"""The text of an RTF document as it comes along: words become paragraphs, lists and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from indexer.model import Block, BlockKind
from indexer.parsing.office.grids import table_block, used_columns
from indexer.parsing.office.package import too_large

_BODY_TEXT: Final = 9
"""The outline level that says that a paragraph is no heading."""
LEFT_OUT: Final = -1
"""The outline level of styles whose paragraphs repeat others: entries of a table of contents."""
_MOST_CHARACTERS: Final = 30_000_000
_BULLETS: Final = frozenset("·•▪◦‣o§-–\uf0b7\uf0a7\uf0d8\uf0fc*")


@dataclass(frozen=True, slots=True)
class ParagraphForm:
    """What control words said of the paragraph so far."""

    style: int = 0
    outline: int | None = None
    level: int = 0
    in_table: bool = False


PLAIN: Final = ParagraphForm()


@dataclass(slots=True)
class _Page:
    """What is being written: the document, or a note or text box beside it."""

    words: list[str] = field(default_factory=list)
    label: str = ""
    blocks: list[Block] = field(default_factory=list)
    aside: list[Block] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    header: int = 0
    is_header: bool = False
    last: ParagraphForm = PLAIN


class Flow:
    """Takes words and the ends of paragraphs, cells and rows; gives blocks."""

    def __init__(self) -> None:
        self._page = _Page()
        self._outer: list[_Page] = []
        self._outlines: dict[int, int] = {}
        self._characters = 0

    def finished(self) -> Iterator[Block]:
        """All blocks, once the document has ended."""
        while self._outer:
            self.leave()
        self._end()
        yield from self._page.blocks

    def enter(self) -> None:
        """What comes next is beside the text: a note or a text box."""
        self._outer.append(self._page)
        self._page = _Page()

    def leave(self) -> None:
        """Back to the text; what stood beside it follows the paragraph."""
        self._end()
        found = self._page.blocks
        self._page = self._outer.pop()
        self._page.aside += found

    def style_outline(self, style: int, outline: int, *, named: bool) -> None:
        """A style of that number makes headings, if this is where styles are `named`."""
        if named:
            self._outlines.setdefault(style, outline)

    def say(self, words: str, form: ParagraphForm) -> None:
        """Words of the paragraph in hand."""
        self._characters += len(words)
        if self._characters > _MOST_CHARACTERS:
            raise too_large(f"it has more than {_MOST_CHARACTERS:,} characters")
        self._page.words.append(words)
        self._page.last = form

    def label(self, words: str) -> None:
        """What a list shows before the paragraph."""
        self._page.label = "-" if words in _BULLETS else words

    def end_paragraph(self, form: ParagraphForm) -> None:
        """The paragraph in hand is complete; in a table it is a line of the cell in hand."""
        page = self._page
        text = _text(page.words)
        label, page.label, page.words = page.label, "", []
        if form.in_table:
            if text:
                page.cell.append(f"{label} {text}".strip())
            return
        if page.cells or page.rows:
            self._end_table()
        outline = self._outlines.get(form.style) if form.outline is None else form.outline
        title = " ".join(text.split())
        if outline == LEFT_OUT:
            return
        if title and outline is not None and 0 <= outline < _BODY_TEXT:
            self._end_list()
            shown = "" if label == "-" else label
            page.blocks.append(Block(BlockKind.HEADING, (f"{shown} {title}".strip(),), outline + 1, title))
        elif text and label:
            margin = "  " * form.level
            page.items.append(f"{margin}{label} " + text.replace("\n", f"\n{margin}  "))
        elif text:
            self._end_list()
            page.blocks.append(Block(BlockKind.PARAGRAPH, (text,)))
        self._place_aside()

    def end_cell(self, *, nested: bool) -> None:
        """The cell in hand is complete; a cell within a cell is a part of that."""
        page = self._page
        text = _text(page.words)
        page.words = []
        page.cell += [part for part in (page.label, text) if part]
        page.label = ""
        if not nested:
            page.cells.append(" ".join(" ".join(page.cell).split()))
            page.cell = []

    def row_mark(self, word: str) -> None:
        """``trowd`` begins the definition of a row, ``trhdr`` makes it a header, ``row`` ends it."""
        page = self._page
        if word == "trhdr":
            page.is_header = True
        elif word == "row":
            if page.cells:
                self._end_list()
                page.rows.append(page.cells)
                page.header += page.is_header
            page.cells, page.is_header = [], False
        elif not page.cells:
            page.is_header = False

    def _end(self) -> None:
        if self._page.words:
            self.end_paragraph(self._page.last)
        if self._page.cell:
            self.end_cell(nested=False)
        self.row_mark("row")
        self._end_table()
        self._end_list()
        self._place_aside()

    def _end_table(self) -> None:
        page = self._page
        rows, header = page.rows, page.header
        page.rows, page.header = [], 0
        if len(used_columns(rows)) < 2:
            page.blocks += [Block(BlockKind.PARAGRAPH, (cell,)) for row in rows for cell in row if cell]
        else:
            block = table_block(rows, header or None)
            if block is not None:
                page.blocks.append(block)

    def _end_list(self) -> None:
        page = self._page
        if page.items:
            page.blocks.append(Block(BlockKind.LIST, tuple(page.items)))
            page.items = []

    def _place_aside(self) -> None:
        page = self._page
        if page.aside:
            self._end_list()
            page.blocks += page.aside
            page.aside = []


def _text(words: list[str]) -> str:
    """The words as one text. Characters beyond U+FFFF come as two halves, one control word each."""
    text = "".join(words).strip()
    if any("\ud800" <= character <= "\udfff" for character in text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
