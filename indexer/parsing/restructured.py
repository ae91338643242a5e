"""reStructuredText: finds the blocks and keeps the source's own lines as their text.

Docutils is not used here. Its tree has no reliable end lines to slice by, drops what it cannot
resolve (other tools' directives and roles, link targets), keeps registries that are global to the
process, and reads a tenth as fast; the tests compare the headings found here with its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading, one_line
from indexer.parsing.frontmatter import labels
from indexer.parsing.restructured_lines import (
    ADORNMENT,
    BULLET,
    DIRECTIVE,
    DOCTEST,
    ENUMERATOR,
    EXPLICIT,
    FIELD,
    GRID_RULE,
    GRID_TOP,
    KEPT_EXPLICIT,
    SIMPLE_TOP,
    field_value,
    indent_of,
    words,
)
from indexer.parsing.restructured_tables import (
    Rows,
    csv_table_rows,
    grid_rows,
    list_table_rows,
    simple_end,
    simple_rows,
)

_DEEPEST: Final = 8
"""Levels of indentation that are looked into; deeper ones are read as paragraphs."""
_MAIL_HEADER: Final = re.compile(r"([A-Za-z][\w-]{0,40}):(?:\s+(.*))?\Z")
_VERBATIM: Final = frozenset(
    {
        "code", "code-block", "sourcecode", "literalinclude", "parsed-literal", "math", "productionlist",
        "highlight", "doctest", "testcode", "testoutput", "testsetup", "prompt", "raw", "graphviz",
        "digraph", "mermaid", "plot", "ipython", "jinja",
    }
)  # fmt: skip
_TABLES: Final[dict[str, Callable[[Sequence[str]], Rows]]] = {
    "list-table": list_table_rows,
    "csv-table": csv_table_rows,
}


def read_restructured(text: str) -> Reading:
    """Blocks of reStructuredText; every word outside comments is kept.

    Metadata come from the preamble: ``Name: value`` lines as in PEPs and mail, or a field list.
    """
    source = text.split("\n")
    preamble = _mail_preamble(source)
    fields = [_MAIL_HEADER.match(line) for line in "\n".join(preamble).replace("\n ", " ").split("\n")]
    metadata = {found[1].lower(): field_value(found[2] or "") for found in fields if found}
    blocks = [Block(BlockKind.LIST, tuple(_joined_continuations(preamble)))] if preamble else []
    reader = _Reader()
    blocks.extend(reader.blocks(source[len(preamble) :], 0))
    metadata = {**reader.fields, **metadata}
    tops = [block for block in blocks if block.level == 1]
    title = metadata.get("title") or (tops[0].title if len(tops) == 1 else None)
    return Reading(
        blocks, title, metadata, labels({name: one_line(value) for name, value in metadata.items()})
    )


def _mail_preamble(source: list[str]) -> list[str]:
    """The lines of a preamble such as mail has; empty if the document does not begin with one."""
    end = next((number for number, line in enumerate(source) if not line.strip()), len(source))
    lines = source[:end]
    headers = sum(1 for line in lines if _MAIL_HEADER.match(line))
    others = sum(1 for line in lines if not line.startswith((" ", "\t"))) - headers
    return lines if headers >= 2 and not others and _MAIL_HEADER.match(lines[0]) else []


def _joined_continuations(lines: list[str]) -> Iterator[str]:
    item: list[str] = []
    for line in lines:
        if item and not line.startswith((" ", "\t")):
            yield "\n".join(item)
            item = []
        item.append(line)
    yield "\n".join(item)


class _Reader:
    """One pass over a document; remembers what its parts have in common."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        """The field list above the first text, names in lower case."""
        self._styles: list[tuple[str, bool]] = []
        """Adornments in the order of their first use: a title's level is its style's place here."""
        self._body_begun = False

    def blocks(self, source: list[str], depth: int) -> Iterator[Block]:
        """The blocks of these lines, which are indented below `depth` others."""
        lines = [line.expandtabs(8) for line in source]
        margin = min((indent_of(line) for line in lines if line.strip()), default=0) if depth else 0
        return _Walk(self, source, [line[margin:] for line in lines], depth).blocks()

    def level(self, style: tuple[str, bool]) -> int:
        """The level of a title with this adornment, (character, whether it also has an overline)."""
        if style not in self._styles:
            self._styles.append(style)
        return self._styles.index(style) + 1

    def note(self, block: Block, view: Sequence[str]) -> None:
        """Take the document's own fields from the first list of them above its text."""
        if self._body_begun or block.kind is BlockKind.HEADING:
            return
        self._body_begun = True
        name = None
        for line in view:
            found = FIELD.match(line)
            if found:
                name = one_line(found[1]).lower()
                self.fields[name] = field_value(found[2] or "")
            elif name and line.strip():
                self.fields[name] += " " + field_value(line)


class _Walk:
    """The blocks of lines with a common margin, from the first to the last."""

    def __init__(self, reader: _Reader, source: list[str], view: list[str], depth: int) -> None:
        self._reader = reader
        self._source = source
        self._view = view
        """The source's lines without tabs and margin: what is looked at, while `source` is what is kept."""
        self._depth = depth
        self._literal: int | None = None
        """After a paragraph that ends in ``::``, the indentation that a literal block must exceed."""

    def blocks(self) -> Iterator[Block]:
        at = 0
        while at < len(self._view):
            if not self._view[at].strip():
                at += 1
                continue
            end, found = self._next(at)
            for block in found:
                self._reader.note(block, self._view[at:end])
                yield block
            at = end

    def _next(self, at: int) -> tuple[int, Iterator[Block]]:
        """The line after the construct that begins at `at`, and its blocks."""
        line = self._view[at]
        margin, self._literal = self._literal, None
        if margin is not None:
            end = self._literal_end(at, margin)
            if end > at:
                return end, self._made(BlockKind.CODE, at, end)
        if line.startswith(" "):
            return self._quote(at)
        heading = None if self._depth else self._heading(at)
        if heading is not None:
            return heading
        if EXPLICIT.match(line):
            return self._explicit(at)
        for marker in (BULLET, FIELD, ENUMERATOR):
            if self._is_item(at, marker):
                return self._list(at, marker)
        return self._table(at) or self._text(at)

    def _made(self, kind: BlockKind, start: int, end: int) -> Iterator[Block]:
        lines = self._source[start:end]
        yield Block(kind, tuple(lines) if kind is BlockKind.CODE else ("\n".join(lines),))

    def _indented_end(self, at: int, margin: int = 0) -> int:
        """The first line from `at` on that has text and is indented by no more than `margin`."""
        while at < len(self._view) and (not self._view[at].strip() or indent_of(self._view[at]) > margin):
            at += 1
        return at

    def _blank_end(self, at: int) -> int:
        """The first blank line from `at` on."""
        while at < len(self._view) and self._view[at].strip():
            at += 1
        return at

    def _literal_end(self, at: int, margin: int) -> int:
        """The end of an indented or quoted literal block; `at` if there is none."""
        end = self._indented_end(at, margin)
        quote = self._view[at][0]
        if end == at and margin == 0 and ADORNMENT.match(quote):
            while end < len(self._view) and self._view[end].startswith(quote):
                end += 1
        return end

    def _quote(self, at: int) -> tuple[int, Iterator[Block]]:
        end = self._indented_end(at)
        if self._depth < _DEEPEST:
            return end, self._reader.blocks(self._source[at:end], self._depth + 1)
        end = self._blank_end(at)
        return end, self._made(BlockKind.PARAGRAPH, at, end)

    def _heading(self, at: int) -> tuple[int, Iterator[Block]] | None:
        line, *after = (text.rstrip() for text in self._view[at : at + 3])
        if ADORNMENT.match(line):
            if len(after) == 2 and after[1] == line and after[0] and not ADORNMENT.match(after[0]):
                return self._title(at, after[0], line, 3)
            alone = not after or not after[0]
            return (at + 1, iter(())) if alone and len(line) >= 4 else None
        under = after[0] if after else ""
        if not ADORNMENT.match(under) or BULLET.match(line) or len(under) < min(4, len(line)):
            return None
        return self._title(at, line, under, 2)

    def _title(self, at: int, title: str, adornment: str, lines: int) -> tuple[int, Iterator[Block]]:
        level = self._reader.level((adornment[0], lines == 3))
        text = "\n".join(self._source[at : at + lines])
        return at + lines, iter([Block(BlockKind.HEADING, (text,), level=level, title=words(title.strip()))])

    def _is_item(self, at: int, marker: re.Pattern[str]) -> bool:
        if not marker.match(self._view[at]):
            return False
        below = self._view[at + 1] if at + 1 < len(self._view) else ""
        # "A. Turing wrote" and "1. a line" that goes on at the margin are text, not items.
        return marker is not ENUMERATOR or not below.strip() or below[0] == " " or bool(marker.match(below))

    def _list(self, at: int, marker: re.Pattern[str]) -> tuple[int, Iterator[Block]]:
        items: list[str] = []
        bullet = self._view[at][0]
        while at < len(self._view) and self._is_item(at, marker):
            if marker is BULLET and self._view[at][0] != bullet:
                break
            end = self._indented_end(at + 1)
            items.append("\n".join(self._source[at:end]))
            at = end
        return at, iter([Block(BlockKind.LIST, tuple(items))])

    def _table(self, at: int) -> tuple[int, Iterator[Block]] | None:
        if GRID_TOP.match(self._view[at]):
            end = at + 1
            while end < len(self._view) and self._view[end].startswith(("+", "|")):
                end += 1
            if end - at >= 3 and GRID_RULE.match(self._view[end - 1]):
                return end, self._rows(at, end, grid_rows)
        if SIMPLE_TOP.match(self._view[at]):
            bottom = simple_end(self._view, at)
            if bottom is not None:
                return bottom, self._rows(at, bottom, simple_rows)
        return None

    def _rows(self, at: int, end: int, cut: Callable[[Sequence[str]], Rows]) -> Iterator[Block]:
        rows, header = cut(self._view[at:end])
        parts = tuple("\n".join(self._source[at + number] for number in row) for row in rows)
        yield Block(BlockKind.TABLE, parts, header_parts=header)

    def _explicit(self, at: int) -> tuple[int, Iterator[Block]]:
        """Directives, targets, footnotes, substitutions; comments are dropped."""
        line = self._view[at]
        end = self._indented_end(at + 1)
        directive = DIRECTIVE.match(line)
        if directive is None and not KEPT_EXPLICIT.match(line):
            # An empty comment ends what stands above it and does not swallow what is indented below.
            empty = line.strip() == ".." and (at + 1 >= len(self._view) or not self._view[at + 1].strip())
            return (at + 1 if empty else end), iter(())
        name = directive[1].lower() if directive else ""
        if name in _TABLES:
            return end, self._rows(at, end, _TABLES[name])
        if name in _VERBATIM:
            return end, self._made(BlockKind.CODE, at, end)
        while not directive and end < len(self._view) and self._view[end - 1].strip():
            if not KEPT_EXPLICIT.match(self._view[end]):
                break
            end = self._indented_end(end + 1)  # targets that stand line below line make one paragraph
        return self._head_and_body(at, min(self._blank_end(at), end), end)

    def _head_and_body(self, at: int, cut: int, end: int) -> tuple[int, Iterator[Block]]:
        def found() -> Iterator[Block]:
            yield from self._made(BlockKind.PARAGRAPH, at, cut)
            if self._depth < _DEEPEST:
                yield from self._reader.blocks(self._source[cut:end], self._depth + 1)
            elif cut < end:
                yield from self._made(BlockKind.PARAGRAPH, cut, end)

        return end, found()

    def _text(self, at: int) -> tuple[int, Iterator[Block]]:
        end = self._blank_end(at)
        if self._view[at].startswith(DOCTEST):
            return end, self._made(BlockKind.CODE, at, end)
        last = self._view[end - 1].rstrip()
        if last.endswith("::"):
            self._literal = indent_of(last)
            if end - at == 1 and last == "::":
                return end, iter(())
        return end, self._made(BlockKind.PARAGRAPH, at, end)
