"""Groups a document's blocks into sections: headings and what stands under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.model import Block, BlockKind

# A path stands in every passage under it: without bounds, a hostile document would cost its size squared.
_DEEPEST: Final = 32
_LONGEST_TITLE: Final = 500


@dataclass(frozen=True, slots=True)
class Section:
    """A run of headings with nothing between, and the blocks up to the next heading."""

    path: tuple[str, ...]
    """Titles of the headings in force, outermost first: the innermost 32, each of at most 500 characters."""
    headings: tuple[Block, ...]
    """Empty for what stands before the first heading."""
    body: tuple[Block, ...]
    """Empty where the document ends with a heading."""


def sections(blocks: Sequence[Block]) -> Iterator[Section]:
    """Yield the sections in order; all their blocks together are `blocks`.

    A heading replaces those of its own and of deeper levels in the path; a skipped level leaves no gap.
    """
    path: list[tuple[int, str]] = []
    headings: list[Block] = []
    body: list[Block] = []
    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            body.append(block)
            continue
        if body:
            yield _section(path, headings, body)
            headings, body = [], []
        headings.append(block)
        path = [(level, title) for level, title in path if level < block.level]
        if block.title:
            path = [*path, (block.level, _bounded(block.title))][-_DEEPEST:]
    if headings or body:
        yield _section(path, headings, body)


def _section(path: Sequence[tuple[int, str]], headings: Sequence[Block], body: Sequence[Block]) -> Section:
    return Section(tuple(title for _, title in path), tuple(headings), tuple(body))


def _bounded(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
