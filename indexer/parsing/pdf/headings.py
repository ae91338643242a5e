"""Headings: what the document's structure, its outline or its fonts say is one, and at which level."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from indexer.parsing.pdf.paragraphs import Paragraph

_DEEPEST: Final = 6
_LARGER: Final = 1.1
"""Of the body's size, from which on type is that of a heading."""
_LONGEST: Final = 200
_LONGEST_BOLD: Final = 120
_MOST_LINES: Final = 4
_LETTERS: Final = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff\uac00-\ud7af]")
_NUMBERING: Final = re.compile(r"\s*(\d{1,3}(?:\.\d{1,3}){0,5})\.?\s+")
_UNLETTERED: Final = re.compile(r"[\W_]+")
_NO_END: Final = re.compile(r"[.,;:!]\s*\Z")


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """One bookmark."""

    level: int
    """1 for the outermost."""
    title: str
    page: int | None
    """1-based; None if it leads nowhere in the document."""


def heading_levels(
    paragraphs: Sequence[Paragraph], outline: Sequence[OutlineItem], body: float
) -> dict[int, int]:
    """Levels from 1 to 6 by the index of the paragraph that is a heading.

    A structure that marks headings is believed alone; bookmarks come next; larger or bolder type
    counts where there is no such structure. `body` is the font size of most of the text.
    """
    tagged = {
        number: found.heading for number, found in enumerate(paragraphs) if found.heading and found.text
    }
    named = _outlined(paragraphs, outline)
    if tagged:
        return {**{number: min(level, _DEEPEST) for number, level in named.items()}, **tagged}
    typeset = [
        number for number, found in enumerate(paragraphs) if number in named or _stands_out(found, body)
    ]
    by_style = _ranks(paragraphs, typeset, named)
    return {
        number: max(1, min(named.get(number, by_style.get(number, 1)), _DEEPEST))
        for number in typeset
        if number in named or number in by_style
    }


def _stands_out(paragraph: Paragraph, body: float) -> bool:
    text = paragraph.text
    if (
        paragraph.table is not None
        or paragraph.code
        or paragraph.lines > _MOST_LINES
        or not _LETTERS.search(text)
    ):
        return False
    if paragraph.marker and not _NUMBERING.match(text):
        return False
    if paragraph.size >= _LARGER * body:
        return len(text) <= _LONGEST
    bold = paragraph.bold and paragraph.size >= 0.95 * body
    return bold and len(text) <= _LONGEST_BOLD and paragraph.lines <= 2 and not _NO_END.search(text)


def _outlined(paragraphs: Sequence[Paragraph], outline: Sequence[OutlineItem]) -> dict[int, int]:
    """Levels of the paragraphs that say what a bookmark to their page says."""
    wanted: dict[tuple[int, str], int] = {}
    for item in outline:
        if item.page is not None and (words := _words(item.title)):
            wanted.setdefault((item.page, words), item.level)
    found: dict[int, int] = {}
    for number, paragraph in enumerate(paragraphs):
        if (
            wanted
            and paragraph.table is None
            and len(paragraph.text) <= 2 * _LONGEST
            and not _is_entry(paragraph)
        ):
            level = wanted.pop((paragraph.page, _words(paragraph.text)), None)
            if level is not None:
                found[number] = level
    return found


def _is_entry(paragraph: Paragraph) -> bool:
    return paragraph.marker == "…"


def _words(text: str) -> str:
    """Letters and digits alone, without numbering, which bookmarks often leave out."""
    unnumbered = _NUMBERING.sub("", text, count=1) or text
    return _UNLETTERED.sub("", unnumbered).casefold()


def _ranks(paragraphs: Sequence[Paragraph], typeset: Sequence[int], named: dict[int, int]) -> dict[int, int]:
    """Levels by type: larger before smaller, bold before not, numbered "1.2" one below "1".

    Where bookmarks give levels to a style, the style's other headings take the same.
    """
    styles = sorted({_style(paragraphs[number]) for number in typeset}, reverse=True)
    ranks: dict[tuple[float, bool], int] = {}
    rank, before = 0, None
    for style in styles:
        rank += before is None or style[0] < 0.96 * before[0] or style[1] != before[1]
        ranks[style], before = rank, style
    depths: dict[tuple[float, bool], int] = {}
    for number in typeset:
        if depth := _depth(paragraphs[number].text):
            style = _style(paragraphs[number])
            depths[style] = min(depths.get(style, depth), depth)
    given: dict[tuple[float, bool], Counter[int]] = {}
    for number, level in named.items():
        given.setdefault(_style(paragraphs[number]), Counter())[level] += 1
    levels: dict[int, int] = {}
    for number in typeset:
        style = _style(paragraphs[number])
        if style in given:
            levels[number] = given[style].most_common(1)[0][0]
        elif named:
            above = [counts.most_common(1)[0][0] for other, counts in given.items() if other > style]
            levels[number] = max(above) + 1 if above else 1
        else:
            depth = _depth(paragraphs[number].text)
            levels[number] = ranks[style] + (depth - depths[style] if depth else 0)
    return levels


def _style(paragraph: Paragraph) -> tuple[float, bool]:
    return round(paragraph.size * 2) / 2, paragraph.bold


def _depth(text: str) -> int:
    found = _NUMBERING.match(text)
    return found[1].count(".") + 1 if found else 0
