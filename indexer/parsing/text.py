"""Plain text, and everything else that is text: source code, XML, logs, settings."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading


def read_text(text: str) -> Reading:
    """Paragraphs between blank lines; form feeds end pages. Headings are not guessed."""
    return Reading(paragraphs(text))


def read_code(text: str) -> Reading:
    """Code blocks between blank lines, so that long files have places to be cut at."""
    return Reading(
        Block(BlockKind.CODE, tuple(lines)) for lines in line_groups(text.replace("\f", "\n").split("\n"))
    )


def paragraphs(text: str) -> Iterator[Block]:
    """The paragraphs of plain text, with pages where it has form feeds."""
    pages = text.split("\f")
    for number, page in enumerate(pages, start=1):
        for lines in line_groups(page.split("\n")):
            yield Block(BlockKind.PARAGRAPH, ("\n".join(lines),), page=number if len(pages) > 1 else None)


def line_groups(lines: list[str]) -> Iterator[list[str]]:
    """The runs of lines that have text."""
    group: list[str] = []
    for line in lines:
        if line.strip():
            group.append(line)
        elif group:
            yield group
            group = []
    if group:
        yield group
