"""HTML: headings, paragraphs, lists, tables and preformatted text, as a reader sees them.

lxml reads it as leniently as browsers do. Scripts, navigation and hidden elements are no text;
links are reduced to their words, images to what they say instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from lxml import etree

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.parsing.frontmatter import labels
from indexer.parsing.html_text import BLOCKS, BREAK, Event, Piece, folded, inline, pieces, tag_of
from indexer.parsing.tables import row_line
from indexer.parsing.text import line_groups, read_text

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_LISTS: Final = ("ul", "ol", "dl", "menu")
_META: Final = (
    "author",
    "date",
    "description",
    "edition",
    "keywords",
    "last-modified",
    "revision",
    "version",
)
_TAG: Final = re.compile(r"<[^<>]*>")
_WIDEST: Final = 100
"""Columns that one cell may span; more is a mistake, and would multiply the text's size."""


class NestedTooDeepError(ValueError):
    """A document is nested deeper than libxml2 goes: it stops there, and the rest would be lost."""


def read_html(text: str) -> Reading:
    """Blocks of an HTML document. Never fails: whatever the markup, its text comes out."""
    try:
        root = html_tree(text)
    except NestedTooDeepError:
        return read_text(without_tags(text))
    if root is None:
        return Reading(())
    title = next(
        (folded(map(str, found.itertext())) for found in root.iter("title") if found.getparent() is not None),
        None,
    )
    metadata: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = str(meta.get("name", "")).lower().removeprefix("dcterms.").removeprefix("dc.")
        if name in _META:
            metadata.setdefault(name, str(meta.get("content", "")))
    blocks = list(tree_blocks(root))
    first = next((block.title for block in blocks if block.level == 1), None)
    return Reading(blocks, title or first, metadata, labels(metadata))


def html_tree(text: str) -> etree._Element | None:
    """The tree of a document or a part of one; None where there is none. Raises NestedTooDeepError."""
    # The text is decoded already; told otherwise, the parser would believe what the document says.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True, recover=True
    )
    root = etree.fromstring(text.encode("utf-8", "replace"), parser) if text.strip() else None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise NestedTooDeepError
    return root


def without_tags(text: str) -> str:
    """The words alone."""
    return unescape(_TAG.sub("\n", text))


def tree_blocks(root: etree._Element) -> Iterator[Block]:
    """The blocks inside `root`. Lists and tables that only arrange a page are looked through."""
    words: list[str] = []
    inside: etree._Element | None = None
    for piece in pieces(root):
        if inside is not None:
            inside = None if piece.event is Event.CLOSE and piece.element is inside else inside
            continue
        if piece.event is Event.TEXT or piece.tag not in BLOCKS:
            words.append(inline(piece))
            continue
        yield from _paragraphs(words)
        words = []
        if piece.event is Event.OPEN:
            block = _whole(piece.element, piece.tag)
            if block is not None:
                inside = piece.element
                yield block
    yield from _paragraphs(words)


def _paragraphs(words: list[str]) -> Iterator[Block]:
    """Lines between forced breaks; two breaks in a row separate paragraphs, as writers mean them to."""
    for lines in line_groups(folded(words).split("\n")):
        yield Block(BlockKind.PARAGRAPH, ("\n".join(lines),))


def _whole(element: etree._Element, tag: str) -> Block | None:
    """The block that `element` is as a whole; None if its content is to be looked at."""
    if tag in _HEADINGS:
        words = folded(map(inline, pieces(element))).replace("\n", " ")
        return Block(BlockKind.HEADING, (words,), level=int(tag[1]), title=words)
    if tag == "pre":
        code = "".join(inline(piece) for piece in pieces(element)).replace(BREAK, "\n")
        return Block(BlockKind.CODE, tuple(code.split("\n")))
    if tag in _LISTS and next(element.iter("table", "pre", *_HEADINGS), None) is None:
        return Block(BlockKind.LIST, tuple(_items(element, tag)))
    if tag == "table":
        nested = (found for found in element.iter("table", "pre", *_HEADINGS) if found is not element)
        if next(nested, None) is None:
            return _table(element)
    return None


def _items(top: etree._Element, tag: str) -> Iterator[str]:
    """The items of a list without markup; what they contain is indented below them."""
    counters = [0]
    ordered = [tag == "ol"]
    lines: list[str] = []
    words: list[str] = []
    prefix = ""

    def end_line() -> None:
        nonlocal prefix
        text = folded(words)
        words.clear()
        if text:
            margin = "  " * (len(counters) - 1)
            rest = "  " if prefix or tag != "dl" else ""
            first, *others = text.split("\n")
            lines.append(f"{margin}{prefix or rest}{first}")
            lines.extend(f"{margin}  {other}" for other in others)
            prefix = ""

    for piece in pieces(top):
        if piece.event is Event.TEXT or piece.tag not in BLOCKS:
            words.append(inline(piece))
            continue
        end_line()
        opens = piece.event is Event.OPEN
        if piece.tag in _LISTS:
            counters, ordered = (
                ([*counters, 0], [*ordered, piece.tag == "ol"]) if opens else (counters[:-1], ordered[:-1])
            )
            prefix = ""
        elif piece.tag in ("li", "dt", "dd") and opens:
            if len(counters) == 1 and piece.tag != "dd" and lines:
                yield "\n".join(lines)
                lines = []
            counters[-1] += 1
            prefix = f"{counters[-1]}. " if ordered[-1] else {"li": "- ", "dt": "", "dd": "  "}[piece.tag]
    end_line()
    if lines:
        yield "\n".join(lines)


def _table(table: etree._Element) -> Block | None:
    """One line for each row, cells between bars; columns without any text are left out.

    None if there is but one column with text: such a table arranges a page.
    """
    rows: list[list[str]] = []
    heads: list[bool] = []
    words: list[str] = []
    caption: list[str] = []
    for piece in pieces(table):
        if piece.event is Event.TEXT or piece.tag not in BLOCKS:
            words.append(inline(piece))
            continue
        words.append(BREAK)
        if piece.tag == "caption" and piece.event is Event.CLOSE:
            caption, words = words, []
        elif piece.tag == "tr":
            if folded(words):  # text that stands beside the cells, where it should not
                rows.append([folded(words).replace("\n", " ")])
                heads.append(False)
            if piece.event is Event.OPEN:
                rows.append([])
                heads.append(True)
            words = []
        elif piece.tag in ("td", "th") and piece.event is Event.CLOSE and rows:
            rows[-1].append(" ".join(folded(words).split()))
            rows[-1].extend([""] * (_span(piece) - 1))
            heads[-1] = heads[-1] and (piece.tag == "th" or _in_head(piece.element))
            words = []
    if folded(words):
        rows.append([folded(words).replace("\n", " ")])
    used = sorted({column for row in rows for column, cell in enumerate(row) if cell})
    if len(used) < 2:
        return None
    lines = [row_line([row[column] for column in used if column < len(row)]) for row in rows]
    kept = [number for number, line in enumerate(lines) if line]
    header = next(
        (place for place, number in enumerate(kept) if number >= len(heads) or not heads[number]), 0
    )
    above = [folded(caption)] if folded(caption) else []
    parts = (*above, *(lines[number] for number in kept))
    return Block(BlockKind.TABLE, parts, header_parts=header + len(above) if header else 0)


def _span(piece: Piece) -> int:
    value = piece.element.get("colspan", "1")
    return max(1, min(int(value), _WIDEST)) if value.isascii() and value.isdigit() and len(value) < 9 else 1


def _in_head(cell: etree._Element) -> bool:
    row = cell.getparent()
    above = row.getparent() if row is not None else None
    return above is not None and tag_of(above) == "thead"
