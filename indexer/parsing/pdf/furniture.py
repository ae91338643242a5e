"""What a page carries besides its text: running heads and feet, and page numbers.

A line at the edge of a page is furniture if it stands there on several pages near each other, alike
but for its figures, or if it counts the pages, or if the file calls it an artifact. Between it and
the text there is more space than between the lines of a text: without that it stays, for the first
lines of two pages may be alike by chance and the head of a table by intent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.parsing.pdf.lines import Line, joined, rows
from indexer.parsing.pdf.words import plain

_MARGIN: Final = 0.2
"""Share of the page's height, at its top and its bottom, in which such lines are looked for."""
_DEEPEST: Final = 5
"""Lines counted from the page's edge."""
_FEWEST: Final = 3
"""Pages that must have the line; two in a document of up to `_SHORT`."""
_SHORT: Final = 4
_NEAR: Final = 3
"""Pages from one such page to the next: left and right pages differ, and first pages of chapters have none."""
_SHARE: Final = 4
"""One page in so many must count alike before words with a number in them are taken for a page number."""
_ALSO_INSIDE: Final = 2
"""Lines inside of pages that say the same: with so many of them it is a line like others, and no head."""
_APART: Final = 0.5
"""Of the font size: the least space between furniture and text."""
_MOST_SAID: Final = 5
_LONGEST_NUMBER: Final = 40
_LONGEST_HEAD: Final = 300
"""Characters: longer lines are no page numbers and no heads, and slow to look at."""
_DIGITS: Final = re.compile(r"\d+")
_LETTER: Final = re.compile(r"[^\W\d_]{2}")
_PAGE_NUMBER: Final = re.compile(
    r"[^\w]*(?:(?:page|seite|pagina|página|p|s|pg|sida|side|strona)\b\.?)?[^\w]*"
    r"(\d{1,5}|[ivxl]{1,8})[^\w]*(?:(?:of|von|de|sur|van|di|/|av|af|z)[^\w]*\d{1,5})?[^\w]*",
    re.IGNORECASE,
)
_BESIDE_WORDS: Final = re.compile(r"(\d{1,5})\b.*[^\W\d_]|.*[^\W\d_].*\b(\d{1,5})[^\w]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PageLines:
    """The pieces of lines of one page."""

    number: int
    """1-based."""
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
    """Whether it is at the top, and its words without their figures and their order."""
    bare: int | None
    """Of a page number alone: how far it is ahead of the page's place in the file."""
    beside: tuple[int, ...]
    """The same for numbers before or after words."""


class _Repeated:
    """What the edges of a document's pages have in common."""

    def __init__(self, pages: Sequence[tuple[list[_Edge], list[_Edge]]], inner: Counter[str]) -> None:
        """`inner`: how often the lines that are not at an edge say the same, by their words without figures."""
        self._inner = inner
        self._least = 2 if len(pages) <= _SHORT else _FEWEST
        self._share = max(self._least, len(pages) // _SHARE)
        where: dict[tuple[bool, str], list[int]] = {}
        self._bare: Counter[int] = Counter()
        self._beside: Counter[int] = Counter()
        for sides in pages:
            edges = [edge for side in sides for edge in side]
            for key in {edge.key for edge in edges}:
                where.setdefault(key, []).append(edges[0].page)
            bare = {edge.bare for edge in edges if edge.bare is not None}
            self._bare.update(bare)
            self._beside.update({offset for edge in edges for offset in edge.beside} - bare)
        self._runs = {key: _longest_run(found) for key, found in where.items()}

    def counts(self, edge: _Edge) -> bool:
        """Whether `edge` tells the number of its page."""
        if edge.bare is not None:
            return edge.bare == 0 or self._bare[edge.bare] + self._beside[edge.bare] > 1
        return any(self._bare[offset] + self._beside[offset] >= self._share for offset in edge.beside)

    def has(self, edge: _Edge) -> bool:
        """Whether `edge` is furniture by what it says."""
        repeated = self._runs[edge.key] >= self._least and bool(_LETTER.search(edge.text))
        # Lines of a list that are alike but for their figures come to the top of a page by chance.
        repeated = repeated and self._inner[edge.key[1]] < _ALSO_INSIDE
        return repeated or self.counts(edge) or all(piece.artifact for piece in edge.pieces)


def without_furniture(pages: Sequence[PageLines]) -> Furniture:
    """`pages` without the lines that stand at the edge of several of them."""
    edges = [_edges(page) for page in pages]
    repeated = _Repeated(edges, _inside(pages, edges))
    said: list[str] = []
    kept = []
    for page, sides in zip(pages, edges, strict=True):
        dropped: set[int] = set()
        for side in sides:
            found = _outside(side, page.pieces, repeated)
            dropped.update(id(piece) for edge in found for piece in edge.pieces)
            said.extend(plain(edge.text) for edge in found if not repeated.counts(edge))
        pieces = tuple(piece for piece in page.pieces if id(piece) not in dropped)
        kept.append(PageLines(page.number, page.height, pieces))
    distinct = {_DIGITS.sub("#", text): text for text in reversed(said)}
    return Furniture(tuple(kept), tuple(reversed(distinct.values()))[:_MOST_SAID])


def _inside(pages: Sequence[PageLines], edges: Sequence[tuple[list[_Edge], list[_Edge]]]) -> Counter[str]:
    """What the lines say that stand at no edge, and how often."""
    said: Counter[str] = Counter()
    for page, sides in zip(pages, edges, strict=True):
        outer = {id(piece) for side in sides for edge in side for piece in edge.pieces}
        inner = [piece for piece in page.pieces if id(piece) not in outer]
        said.update(_key(joined(row).text) for row in rows(inner))
    return said


def _outside(side: Sequence[_Edge], pieces: Sequence[Line], repeated: _Repeated) -> list[_Edge]:
    """The furniture of one side, from the edge inwards up to the space before the text."""
    found: list[_Edge] = []
    for edge in side:
        if not repeated.has(edge):
            break
        found.append(edge)
    while found and not _stands_apart(found, pieces):
        found.pop()
    return found


def _stands_apart(found: Sequence[_Edge], pieces: Sequence[Line]) -> bool:
    inner = found[-1]
    own = {id(piece) for edge in found for piece in edge.pieces}
    least = _APART * max(piece.size for piece in inner.pieces)
    top, bottom = min(piece.top for piece in inner.pieces), max(piece.bottom for piece in inner.pieces)
    others = (piece for piece in pieces if id(piece) not in own)
    if inner.key[0]:
        return all(piece.top - bottom > least for piece in others if piece.baseline > top)
    return all(top - piece.bottom > least for piece in others if piece.baseline < bottom)


def _edges(page: PageLines) -> tuple[list[_Edge], list[_Edge]]:
    """The lines at the top and at the bottom, from the edge inwards."""
    top = [piece for piece in page.pieces if piece.bottom < _MARGIN * page.height]
    bottom = [piece for piece in page.pieces if piece.top > (1 - _MARGIN) * page.height]
    return (
        list(_read(page.number, rows(top)[:_DEEPEST], True)),
        list(_read(page.number, rows(bottom)[: -_DEEPEST - 1 : -1], False)),
    )


def _read(page: int, found: Iterable[list[Line]], top: bool) -> Iterable[_Edge]:
    for row in found:
        text = joined(row).text
        key = _key(text)
        beside = _BESIDE_WORDS.fullmatch(text) if len(text) <= _LONGEST_HEAD else None
        numbers = [int(number) - page for number in beside.groups() if number] if beside else []
        yield _Edge(page, tuple(row), text, (top, key), _bare_offset(text, page), tuple(numbers))


def _key(text: str) -> str:
    """What makes two lines alike: their words in any order, whatever their figures."""
    return " ".join(sorted(_DIGITS.sub("#", text).casefold().split()))


def _longest_run(pages: Sequence[int]) -> int:
    """The most of `pages` (ascending) that follow each other with small gaps."""
    longest = run = 0
    before = None
    for page in pages:
        run = run + 1 if before is not None and page - before <= _NEAR else 1
        longest, before = max(longest, run), page
    return longest


def _bare_offset(text: str, page: int) -> int | None:
    found = _PAGE_NUMBER.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    if found is None:
        return None
    number = int(found[1]) if found[1].isdecimal() else _roman(found[1].lower())
    return number - page


def _roman(text: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10, "l": 50}[letter] for letter in text]
    return sum(-value if value < max(values[index:]) else value for index, value in enumerate(values))
