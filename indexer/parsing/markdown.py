"""Markdown: the library finds where blocks begin and end, the text is the source's own lines.

So links and emphasis stay readable, and what is quoted from a version is what stands in the file.
The grammar is CommonMark with GitHub's tables (markdown-it-py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.utils import EnvType

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.parsing.frontmatter import front_matter, labels
from indexer.parsing.text import line_groups

_COMMENTS: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ANCHOR: Final = re.compile(r"\s*\{[#.:][^{}]*\}\s*$")
_LONGEST_TITLE: Final = 2000
"""Characters; a "heading" beyond that keeps its markup, since inline rules are slow on long lines."""
_TABLE_HEADER: Final = 2
"""The row of names and the row of dashes."""


def read_markdown(text: str) -> Reading:
    """Blocks of Markdown with YAML front matter; every word outside comments and front matter is kept."""
    front = front_matter(text)
    lines = text.split("\n")
    body = lines[front.lines :]
    blocks = [Block(BlockKind.PARAGRAPH, ("\n".join(lines[: front.lines]),))] if front.broken else []
    blocks.extend(_Body(body).blocks())
    headings = [block.title for block in blocks if block.kind is BlockKind.HEADING and block.level == 1]
    title = front.metadata.get("title") or (headings[0] if headings else None)
    return Reading(blocks, title, front.metadata, labels(front.metadata))


class _Body:
    """The text below the front matter, with the library's parse of it."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        # The inline rules see headings only: elsewhere nothing is asked of them, and they take most
        # of the time.
        self._parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        self._parser.core.ruler.enableOnly(["normalize", "block"])
        self._env: EnvType = {}
        self._tokens = self._parser.parse("\n".join(lines), self._env)

    def blocks(self) -> Iterator[Block]:
        """The blocks in order, with those lines between them that the library has no token for."""
        end = 0
        for number, token in enumerate(self._tokens):
            if token.level or token.nesting < 0 or token.map is None:
                continue
            yield from self._gap(end, token.map[0])
            end = max(end, token.map[1])
            yield from self._block(number, token, token.map[0], end)
        yield from self._gap(end, len(self._lines))

    def _gap(self, start: int, end: int) -> Iterator[Block]:
        """Link reference definitions: the library resolves them and keeps no trace of where they stood."""
        for group in line_groups(self._lines[start:end]):
            yield Block(BlockKind.PARAGRAPH, ("\n".join(group),))

    def _block(self, number: int, token: Token, start: int, end: int) -> Iterator[Block]:
        lines = self._lines[start:end]
        match token.type:
            case "heading_open":
                title = self._words(self._tokens[number + 1].content)
                yield Block(BlockKind.HEADING, ("\n".join(lines),), level=int(token.tag[1]), title=title)
            case "bullet_list_open" | "ordered_list_open":
                yield Block(BlockKind.LIST, tuple(self._items(number, start, end)))
            case "table_open":
                yield Block(BlockKind.TABLE, tuple(lines), header_parts=_TABLE_HEADER)
            case "fence" | "code_block":
                yield Block(BlockKind.CODE, tuple(lines))
            case "hr":
                return
            case "html_block" if not _COMMENTS.sub("", "\n".join(lines)).strip():
                return
            case _:
                yield Block(BlockKind.PARAGRAPH, ("\n".join(lines),))

    def _items(self, number: int, start: int, end: int) -> Iterator[str]:
        """The source of each item of the list whose token has this number, in order."""
        starts: list[int] = []
        while self._tokens[number := number + 1].level:
            token = self._tokens[number]
            if token.level == 1 and token.type == "list_item_open" and token.map is not None:
                starts.append(token.map[0])
        for first, after in zip(starts, [*starts[1:], end], strict=True):
            yield "\n".join(self._lines[first:after])

    def _words(self, source: str) -> str:
        """A heading's words without markup."""
        if len(source) > _LONGEST_TITLE:
            return source
        tokens: list[Token] = []
        self._parser.inline.parse(_ANCHOR.sub("", source), self._parser, self._env, tokens)
        return "".join(_words(tokens))


def _words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("text", "code_inline"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.children:
            yield from _words(token.children)
