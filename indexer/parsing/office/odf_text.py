"""The text of OpenDocument elements: paragraphs, headings, lists with their labels, tables, notes.

OpenDocument 1.3 part 3, chapters 5 (text), 9 (tables) and 16.30 (list styles).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from lxml import etree

from indexer.model import Block, BlockKind
from indexer.parsing.office.grids import WIDEST_SPAN, table_block, used_columns
from indexer.parsing.office.numerals import numeral
from indexer.parsing.office.properties import local

TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_LEFT_OUT: Final = frozenset(
    {
        "tracked-changes", "table-of-content", "illustration-index", "table-index", "object-index",
        "alphabetical-index", "user-index", "annotation", "annotation-end", "hidden-text", "ruby-text",
        "forms", "sequence-decls", "variable-decls", "user-field-decls", "notes", "title", "desc",
        "event-listeners", "hidden-paragraph",
    }
)  # fmt: skip
"""What no reader of the page sees, what was deleted, and lists of headings with their page numbers."""
_WITHIN: Final = frozenset({"p", "h"})
_DEEPEST: Final = 20
_MOST_BLANKS: Final = 1000
_LEVELS: Final = 10


class Styles:
    """What the styles of a document say that matters for its text.

    Given the elements that hold styles; the first style of a name counts.
    """

    def __init__(self, *roots: Iterable[etree._Element]) -> None:
        self._parents: dict[str, tuple[str, str | None]] = {}
        self._lists: dict[str, dict[int, etree._Element]] = {}
        self.outline: dict[int, etree._Element] = {}
        """How headings of each level are numbered."""
        self.hidden: set[str] = set()
        """Styles of sheets that are not shown."""
        for groups in roots:
            for group in groups:
                for element in group:
                    self._take(element)

    def _take(self, element: etree._Element) -> None:
        kind = local(element)
        name = str(element.get(STYLE + "name", ""))
        if kind == "style":
            parent = str(element.get(STYLE + "parent-style-name", ""))
            self._parents.setdefault(name, (parent, element.get(STYLE + "default-outline-level")))
            for properties in element:
                if properties.get(TABLE + "display") == "false":
                    self.hidden.add(name)
        elif kind in ("list-style", "outline-style"):
            levels = {whole(level.get(TEXT + "level"), 1): level for level in element}
            if kind == "outline-style":
                self.outline = self.outline or levels
            else:
                self._lists.setdefault(name, levels)

    def levels(self, name: str) -> dict[int, etree._Element]:
        """The levels of a list style."""
        return self._lists.get(name, {})

    def is_title(self, name: str) -> bool:
        """Whether a paragraph's style is, or is based on, the one for the document's title."""
        for _ in range(_DEEPEST):
            if name == "Title":
                return True
            name = self._parents.get(name, ("", None))[0]
        return False


class Text:
    """Walks the text in order, counting pages and the items of lists."""

    def __init__(self, styles: Styles, page: int | None) -> None:
        self._styles = styles
        self.page = page
        """The page that is being read; None where the file does not say."""
        self._counts: dict[str, list[int]] = {}
        self.title: str | None = None

    def blocks(self, parent: Iterable[etree._Element]) -> Iterator[Block]:
        """The blocks inside `parent`."""
        for element in parent:
            kind = local(element)
            if kind in _LEFT_OUT:
                continue
            if kind in _WITHIN:
                yield from self._paragraph(element)
            elif kind == "list":
                yield from self._list(element)
            elif kind == "table" and element.tag.startswith(TABLE):
                yield from self._table(element)
            elif kind == "soft-page-break":
                self._turn()
            else:
                yield from self.blocks(element)

    def _turn(self) -> None:
        if self.page is not None:
            self.page += 1

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        page = self.page
        hanging: list[Iterable[etree._Element]] = []
        text = "".join(self._words(element, hanging)).strip()
        style = str(element.get(TEXT + "style-name", ""))
        title = " ".join(text.split())
        if not text:
            pass
        elif local(element) == "h":
            level = max(1, whole(element.get(TEXT + "outline-level"), 1))
            label = self._label("", self._styles.outline, level)
            yield Block(BlockKind.HEADING, (f"{label} {title}".strip(),), level, title, page=page)
        elif self._styles.is_title(style):
            self.title = self.title or title
            yield Block(BlockKind.HEADING, (title,), 1, title, page=page)
        else:
            yield Block(BlockKind.PARAGRAPH, (text,), page=page)
        for other in hanging:
            yield from self.blocks(other)

    def _words(self, parent: etree._Element, hanging: list[Iterable[etree._Element]]) -> Iterator[str]:
        """The words of a paragraph; what hangs on it (notes, text boxes) is put aside."""
        yield _folded(parent.text)
        for child in parent:
            kind = local(child)
            if kind == "s":
                yield " " * min(whole(child.get(TEXT + "c"), 1), _MOST_BLANKS)
            elif kind == "tab":
                yield "\t"
            elif kind == "line-break":
                yield "\n"
            elif kind == "soft-page-break":
                self._turn()
            elif kind == "note-body" or kind in ("text-box", "table"):
                hanging.append(child)
            elif kind == "note":
                hanging.extend(body for body in child if local(body) == "note-body")
            elif kind in _WITHIN:  # of a shape that is drawn with words inside
                hanging.append(_alone(child))
            elif kind and kind not in _LEFT_OUT:
                yield from self._words(child, hanging)
            yield _folded(child.tail)

    def _list(self, element: etree._Element) -> Iterator[Block]:
        """A list; what is no item of one line or more, such as a heading or a table, stands for itself."""
        items: list[str] = []
        page = self.page
        for text, block in self._items(element, str(element.get(TEXT + "style-name", "")), 1):
            if block is None:
                items.append(text)
                continue
            if items:
                yield Block(BlockKind.LIST, tuple(items), page=page)
                items = []
            yield block
        if items:
            yield Block(BlockKind.LIST, tuple(items), page=page)

    def _items(self, element: etree._Element, style: str, level: int) -> Iterator[tuple[str, Block | None]]:
        margin = "  " * min(level - 1, 9)
        if level == 1 and element.get(TEXT + "continue-numbering") != "true":
            self._counts.pop(style, None)
        elif level > 1:
            del self._counts.get(style, [])[level - 1 :]
        for item in element:
            prefix = margin
            if local(item) == "list-item":
                label = self._label(style, self._styles.levels(style), level) or "-"
                prefix = f"{margin}{label} "
            for child in item:
                if local(child) == "list":
                    yield from self._items(child, str(child.get(TEXT + "style-name") or style), level + 1)
                    continue
                for block in self.blocks(_alone(child)):
                    if block.kind is not BlockKind.PARAGRAPH:
                        yield "", block
                        continue
                    yield prefix + block.text.replace("\n", f"\n{margin}  "), None
                    prefix = f"{margin}  "

    def _label(self, style: str, levels: dict[int, etree._Element], level: int) -> str:
        """The number of the next item or heading; empty where it has none."""
        definition = levels.get(level)
        if definition is None or not local(definition).endswith(("style-number", "level-style")):
            return ""
        counts = self._counts.setdefault(style, [])
        while len(counts) < level:
            place = len(counts) + 1
            counts.append(_start(levels.get(place)) - 1 if place == level else _start(levels.get(place)))
        del counts[level:]
        counts[level - 1] += 1
        form = str(definition.get(STYLE + "num-format", ""))
        if not form:
            return ""
        shown = max(1, min(whole(definition.get(TEXT + "display-levels"), 1), level))
        numbers = [
            numeral(counts[place - 1], str(levels[place].get(STYLE + "num-format", "")))
            for place in range(level - shown + 1, level + 1)
            if place in levels
        ]
        before = str(definition.get(STYLE + "num-prefix", ""))
        return f"{before}{'.'.join(filter(None, numbers))}{definition.get(STYLE + 'num-suffix', '')}".strip()

    def _table(self, table: etree._Element) -> Iterator[Block]:
        page = self.page
        rows: list[list[str]] = []
        header = 0
        arranging = False
        hanging: list[Iterable[etree._Element]] = []
        for row, is_header in table_rows(table):
            cells: list[str] = []
            for cell in row:
                if local(cell) not in ("table-cell", "covered-table-cell"):
                    continue
                parts = [local(child) for child in cell]
                arranging = arranging or any(kind in ("table", "h") for kind in parts)
                text = " ".join(" ".join(self._cell(cell, hanging)).split())
                cells += [text] * min(whole(cell.get(TABLE + "number-columns-repeated"), 1), WIDEST_SPAN)
            rows.append(cells[: 10 * WIDEST_SPAN])
            header += is_header
        if arranging or len(used_columns(rows)) < 2:
            self.page = page
            for row, _ in table_rows(table):
                for cell in row:
                    yield from self.blocks(cell)
            return
        block = table_block(rows, header or None, page)
        if block is not None:
            yield block
        for other in hanging:
            yield from self.blocks(other)

    def _cell(self, cell: etree._Element, hanging: list[Iterable[etree._Element]]) -> Iterator[str]:
        for child in cell:
            kind = local(child)
            if kind in _WITHIN:
                yield "".join(self._words(child, hanging))
            elif kind not in _LEFT_OUT:
                yield from self._cell(child, hanging)


def table_rows(table: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """The rows of a table, and whether each is repeated at the top of every page."""
    for child in table:
        kind = local(child)
        if kind == "table-row":
            yield child, local(table) == "table-header-rows"
        elif kind in ("table-header-rows", "table-rows", "table-row-group"):
            yield from table_rows(child)
        elif kind == "soft-page-break":
            continue


def whole(text: str | None, otherwise: int = 0) -> int:
    """`text` as a whole number that fits a counter."""
    return (
        int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 8 else otherwise
    )


def _start(definition: etree._Element | None) -> int:
    return 1 if definition is None else whole(definition.get(TEXT + "start-value"), 1)


def _folded(text: str | None) -> str:
    """Text with white space as the format means it: runs are one blank; more are written as elements."""
    if not text:
        return ""
    words = " ".join(text.split())
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() and words else ""
    return f"{before}{words}{after}"


def _alone(element: etree._Element) -> tuple[etree._Element, ...]:
    """`element` as the only child of a parent."""
    return (element,)
