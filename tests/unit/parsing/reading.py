"""What the tests of parsers look at."""

from __future__ import annotations

from indexer.model import Block, ParsedDocument
from indexer.parsing import Parsers


def parsed(content: str | bytes, key: str) -> ParsedDocument:
    data = content.encode() if isinstance(content, str) else content
    return Parsers().parse(data, key)


def shape(block: Block) -> tuple[str, ...]:
    """The block's kind, then its parts."""
    return (block.kind.value, *block.parts)


def shapes(content: str | bytes, key: str) -> list[tuple[str, ...]]:
    return [shape(block) for block in parsed(content, key).blocks]


def outline(document: ParsedDocument) -> list[tuple[int, str]]:
    return [(block.level, block.title) for block in document.blocks if block.level]
