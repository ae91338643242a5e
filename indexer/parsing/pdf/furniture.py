"""What a page carries besides its text: running heads and feet, and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.parsing.pdf.lines import Line, joined, rows

_MARGIN: Final = 0.2
"""Share of the page's height, at its top and its bottom, in which such lines are looked for."""
_DEEPEST: Final = 5
"""Lines counted from the page's edge."""
_FEWEST: Final = 3
"""Pages on which the same line makes a running head; two are enough in a document of two to four."""
_SHORT: Final = 4
_MOST_KEPT: Final = 5
_DIGITS: Final = re.compile(r"\d+")
_LETTER: Final = re.compile(r"[^\W\d_]{2}")
_PAGE_NUMBER: Final = re.compile(
    r"[^\w]*(?:(?:page|seite|pagina|página|p|s|pg|sida|side|strona)\b\.?)?[^\w]*"
    r"(\d{1,5}|[ivxl]{1,8})[^\w]*(?:(?:of|von|de|sur|van|di|/|av|af|z)[^\w]*\d{1,5})?[^\w]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PageLines:
    """The pieces of lines of one page."""

    number: int
    height: float
    pieces: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Furniture:
    """Pages without their furniture, and what it said."""

    pages: tuple[PageLines, ...]
    said: tuple[str, ...]
    """The running heads and feet, each once, as on the first page that has it."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """One line near the edge of a page."""

    page: int
    pieces: tuple[Line, ...]
    text: str
    key: tuple[bool, str]


def without_furniture(pages: Sequence[PageLines]) -> Furniture:
    """`pages` without the lines that stand at the edge of several of them, but for their numbers."""
    edges = [_edges(page) for page in pages]
    seen: Counter[tuple[bool, str]] = Counter()
    offsets: Counter[int] = Counter()
    for sides in edges:
        seen.update({edge.key for side in sides for edge in side})
        offsets.update({offset for side in sides for edge in side if (offset := _offset(edge)) is not None})
    fewest = 2 if len(pages) <= _SHORT else _FEWEST
    # Rows of a table that end on the page's edge are alike but for their figures.
    fewest_numbered = max(fewest, len(pages) // 20)
    said: dict[tuple[bool, str], str] = {}
    kept = []
    for page, sides in zip(pages, edges, strict=True):
        dropped: set[int] = set()
        for side in sides:
            for edge in side:
                offset = _offset(edge)
                numbered = offset is not None and (offset == 0 or offsets[offset] > 1)
                least = fewest_numbered if "#" in edge.key[1] else fewest
                repeated = seen[edge.key] >= least and bool(_LETTER.search(edge.key[1]))
                if not (numbered or repeated or all(piece.artifact for piece in edge.pieces)):
                    break
                if not numbered and "#" not in edge.key[1]:
                    said.setdefault(edge.key, edge.text)
                dropped.update(map(id, edge.pieces))
        pieces = tuple(piece for piece in page.pieces if id(piece) not in dropped)
        kept.append(PageLines(page.number, page.height, pieces))
    return Furniture(tuple(kept), tuple(dict.fromkeys(said.values()))[:_MOST_KEPT])


def _edges(page: PageLines) -> tuple[list[_Edge], list[_Edge]]:
    """The lines at the top and at the bottom, from the edge inwards."""
    top = [piece for piece in page.pieces if piece.bottom < _MARGIN * page.height]
    bottom = [piece for piece in page.pieces if piece.top > (1 - _MARGIN) * page.height]
    return (
        list(_keyed(page.number, rows(top)[:_DEEPEST], True)),
        list(_keyed(page.number, rows(bottom)[: -_DEEPEST - 1 : -1], False)),
    )


def _keyed(page: int, found: Iterable[list[Line]], top: bool) -> Iterable[_Edge]:
    for row in found:
        text = joined(row).text
        key = " ".join(sorted(_DIGITS.sub("#", text).casefold().split()))
        yield _Edge(page, tuple(row), text, (top, key))


def _offset(edge: _Edge) -> int | None:
    """How far a page number is ahead of the page's place in the file; None if the line is none."""
    found = _PAGE_NUMBER.fullmatch(edge.text)
    if found is None:
        return None
    number = int(found[1]) if found[1].isdecimal() else _roman(found[1].lower())
    return None if number is None else number - edge.page


def _roman(text: str) -> int | None:
    values = [{"i": 1, "v": 5, "x": 10, "l": 50}[letter] for letter in text]
    total = sum(
        -value if value < max(values[index:], default=0) else value for index, value in enumerate(values)
    )
    return total if total > 0 else None
