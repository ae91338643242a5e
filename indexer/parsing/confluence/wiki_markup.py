"""Wiki markup of before 2011: finds headings, lists, tables, code and paragraphs, and makes plain HTML of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from indexer.parsing.confluence.elements import FORBIDDEN
from indexer.parsing.confluence.macros import GENERATED, TITLED
from indexer.parsing.confluence.wiki_inline import (
    CODE_END,
    CODE_START,
    UNUSED,
    Words,
    fill,
    macro_words,
    parameters_of,
)

_HEADING: Final = re.compile(r"[hH]([1-6])\.\s+(.*)")
_QUOTE: Final = re.compile(r"bq\.\s+(.*)")
_RULE: Final = re.compile(r"-{4,}")
_ITEM: Final = re.compile(r"([*#]+-?|-)[ \t]+(\S.*)", re.DOTALL)
_DEEPEST: Final = 12
"""Levels of a list; deeper items stand at the last of them."""
_WIDEST: Final = 500
"""Cells of a row; what stands behind them is kept in the last."""
_VERBATIM: Final = re.compile(
    r"(?<!\\)\{(code|noformat|latex|mathblock|html|sql|plantuml|graphviz|mermaid|markdown)"
    r"(?::([^{}\n]{0,1000}))?\}"
)
_TO_THE_END: Final = ("code", "noformat")
"""Macros whose body ends with the text where nothing closes it."""
_BOXES: Final = (
    GENERATED - {"anchor"}
    | TITLED
    | {
        "card", "center", "chart", "cloak", "column", "deck", "details", "div", "excerpt", "excerpt-include",
        "include", "quote", "section", "table-plus", "toc-zone", "widget",
    }
)  # fmt: skip
_BOX: Final = re.compile(
    r"(?<![\\/$=])\{("
    + "|".join(sorted(map(re.escape, _BOXES), key=len, reverse=True))
    + r")(?::([^{}\n]{0,1000}))?\}(?!/)",
    re.IGNORECASE,
)
"""Markers of macros that hold blocks, so that a block ends where one stands; but not parts of a path."""
_ROW: Final = re.compile(r"[ \t]*\|")
_SEPARATOR: Final = re.compile(r"(\|\|?)")


def markup_tree(text: str, names: Mapping[str, str]) -> etree._Element:
    """The tree of HTML that says what `text` says. Never raises."""
    text = UNUSED.sub("", FORBIDDEN.sub("", text)).replace("\r\n", "\n").replace("\r", "\n")
    codes: list[str] = []
    builder = _Builder(Words(names), codes)
    for line in "".join(_without_code(text, codes)).split("\n"):
        builder.line(line.strip())
    builder.end_block()
    return builder.root


def _without_code(text: str, codes: list[str]) -> Iterator[str]:
    """`text` with numbers in place of code, which goes to `codes`, so that its lines are not looked at."""
    at = line_start = 0
    unclosed: set[str] = set()
    while (found := _VERBATIM.search(text, at)) is not None:
        name = found[1]
        closing = f"{{{name}}}"
        end = -1 if name in unclosed else text.find(closing, found.end())
        if end < 0:
            unclosed.add(name)
            if name not in _TO_THE_END:
                yield text[at : found.end()]
                at = found.end()
                continue
            end = len(text)
        yield text[at : found.start()]
        title = parameters_of(found[2] or "").get("title")
        if title:
            line_start = max(line_start, text.rfind("\n", line_start, found.start()) + 1)
            yield title + (" " if _ROW.match(text, line_start) else "\n")
        yield f"{CODE_START}{len(codes)}{CODE_END}"
        codes.append(text[found.end() : end].strip("\n"))
        at = end + len(closing)
    yield text[at:]


class _Builder:
    """Takes the lines one by one, and knows which block they go on with."""

    def __init__(self, words: Words, codes: list[str]) -> None:
        self.root = etree.Element("div")
        self._words = words
        self._codes = codes
        self._paragraph: list[str] = []
        self._row: list[str] = []
        """The lines of a row that has not ended."""
        self._table: etree._Element | None = None
        self._lists: list[tuple[str, etree._Element]] = []
        """The open lists, outermost first, by the characters of their marks."""
        self._item: list[str] = []
        """The lines of the last item."""

    def line(self, line: str) -> None:
        """Take the next line, without blanks around it."""
        if not line:
            self.end_block()
        elif line.startswith("|") and len(line) > 1:
            self._end_paragraph()
            self._end_lists()
            self._end_row()
            self._row.append(self._in_line(line))
        elif self._row and not self._row[-1].endswith("|"):
            self._row.append(self._in_line(line))
        elif (item := _ITEM.match(line)) is not None and not _RULE.fullmatch(line):
            self._begin_item(item[1], self._in_line(item[2]))
        else:
            self._blocks(line)

    def end_block(self) -> None:
        """End whatever goes on."""
        self._end_paragraph()
        self._end_lists()
        self._end_row()
        self._table = None

    def _blocks(self, line: str) -> None:
        """A line in which blocks may begin and end."""
        at = 0
        for found in _BOX.finditer(line):
            self._text(line[at : found.start()].strip())
            self.end_block()
            title = macro_words(found[1].lower(), found[2] or "")
            if title:
                self._add("p", title)
            at = found.end()
        self._text(line[at:].strip())

    def _text(self, line: str) -> None:
        heading, quote = _HEADING.fullmatch(line), _QUOTE.fullmatch(line)
        if heading is not None:
            self.end_block()
            self._add(f"h{heading[1]}", heading[2])
        elif quote is not None:
            self.end_block()
            self._add("blockquote", quote[1])
        elif _RULE.fullmatch(line):
            self.end_block()
        elif line and self._item:
            self._item.append(line)
        elif line:
            self._end_row()
            self._table = None
            self._paragraph.append(line)

    def _in_line(self, text: str) -> str:
        """`text` with the markers of blocks as words, where no block can begin."""
        return _BOX.sub(lambda found: f" {macro_words(found[1].lower(), found[2] or '')} ", text)

    def _add(self, tag: str, text: str) -> None:
        fill(etree.SubElement(self.root, tag), self._words.protected(text), self._codes)

    def _end_paragraph(self) -> None:
        if self._paragraph:
            self._add("p", "\n".join(self._paragraph))
            self._paragraph = []

    def _begin_item(self, marks: str, text: str) -> None:
        self._end_paragraph()
        self._end_row()
        self._table = None
        self._end_item()
        marks = marks.replace("-", "*")[:_DEEPEST]
        # What a list hangs on, the levels above it say by their number alone: people write "# a" and "** b".
        kept = min(len(marks), len(self._lists))
        if kept == len(marks) and self._lists[kept - 1][0] != marks[-1]:
            kept -= 1
        del self._lists[kept:]
        for mark in marks[kept:]:
            above = self._lists[-1][1] if self._lists else self.root
            inside = above[-1] if self._lists and len(above) else above
            self._lists.append((mark, etree.SubElement(inside, "ol" if mark == "#" else "ul")))
        self._item.append(text)

    def _end_item(self) -> None:
        if self._item:
            item = etree.SubElement(self._lists[-1][1], "li")
            fill(item, self._words.protected("\n".join(self._item)), self._codes)
            self._item = []

    def _end_lists(self) -> None:
        self._end_item()
        self._lists = []

    def _end_row(self) -> None:
        if not self._row:
            return
        if self._table is None:
            self._table = etree.SubElement(self.root, "table")
        row = etree.SubElement(self._table, "tr")
        parts = _SEPARATOR.split(self._words.protected("\n".join(self._row)), maxsplit=_WIDEST)
        cells = list(zip(parts[1::2], parts[2::2], strict=True))
        if not cells[-1][1].strip():
            cells.pop()  # behind the separator that ends the row
        for separator, text in cells:
            fill(etree.SubElement(row, "th" if separator == "||" else "td"), text.strip(), self._codes)
        self._row = []
