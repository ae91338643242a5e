"""Paragraphs, list items and tables out of lines in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import quantiles
from typing import Final

from indexer.parsing.pdf.lines import Line
from indexer.parsing.pdf.tables import Table, table_at
from indexer.parsing.pdf.words import BREAK, mended, plain, right_to_left

_BULLET: Final = re.compile(r"(?:[•◦▪▫■□●○‣⁃∙➢➔❖❑✓✔*]|[·](?=\s)|[-–—](?=\s))\s*")
_NUMBERED: Final = re.compile(r"\(?(\d{1,3}|[a-z]|[ivx]{1,5})[.)]\s+", re.IGNORECASE)
_LEADER: Final = re.compile(r"\s*(?:\.\s?){4,}\s*|\s*…{2,}\s*")
_ENTRY: Final = re.compile(r".*\S … (?:\d{1,5}|[ivxlc]{1,8}|[A-Z]{1,2}-\d{1,4})\Z", re.DOTALL)
_ENDED: Final = re.compile(r"[.!?:;。！？：؟۔][\"'”’»)\]]*\s*\Z")
_CONTINUES: Final = re.compile(r"\(?[a-zà-öø-ÿα-ωа-я]")
_SAME_SIZE: Final = 0.08
_USUAL_LEADING: Final = 1.2
_GAP: Final = 1.3
"""Of the usual step between two lines: from which on a paragraph ends."""
_INDENT: Final = 0.8
"""Of the font size."""
_MONO_WIDTH: Final = 0.6
"""Of the font size: a letter of the usual fonts of one width."""
_EMPTY_LINE: Final = 1.9
"""Of the font size: the step over an empty line of a listing."""
_WIDEST: Final = 200
_LETTER_WIDTH: Final = 0.5
"""Of the font size, about: to tell whether a word would have fitted on a line."""


@dataclass(slots=True)
class Paragraph:
    """A run of lines that belong together, or a table."""

    page: int
    text: str
    size: float
    bold: bool
    heading: int = 0
    lines: int = 1
    marker: str = ""
    """What makes it an item of a list: a bullet or a number as it stands."""
    table: Table | None = None
    code: tuple[str, ...] = ()
    """The lines of a listing, indented as on the page."""
    last: str = field(default="", repr=False)
    """Its last line, with the hyphen that ends it."""


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of one column of one page, from top to bottom."""

    page: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """What is usual in a document."""

    body: float
    """The font size of most of its text."""
    leading: float
    """The step from line to line, as a multiple of the font size."""
    mono: bool
    """Whether most of it is set in a font of one width, so that such a font marks no listing."""
    known: frozenset[str]
    """Its `words.vocabulary`."""


def style_of(regions: Sequence[Region], known: frozenset[str]) -> Style:
    """The usual font size and leading of a document."""
    sizes: Counter[float] = Counter()
    steps: Counter[float] = Counter()
    for region in regions:
        for line in region.lines:
            sizes[line.size] += len(line.text)
        for above, below in pairwise(region.lines):
            if (
                above.size == below.size
                and 0.8 < (step := (below.baseline - above.baseline) / below.size) < 2.5
            ):
                steps[round(step, 1)] += 1
    body = max(sizes, key=lambda size: (sizes[size], -size), default=10.0)
    leading = max(steps, key=lambda step: (steps[step], -step), default=_USUAL_LEADING)
    leading = leading if steps[leading] >= 3 else _USUAL_LEADING
    mono = sum(len(line.text) * (1 if line.mono else -1) for region in regions for line in region.lines)
    return Style(body, leading, mono > 0, known)


def paragraphs(regions: Iterable[Region], style: Style) -> list[Paragraph]:
    """The paragraphs of `regions`; one that goes on in the next column or on the next page is one."""
    found: list[Paragraph] = []
    for region in regions:
        first = len(found)
        found.extend(_of_region(region, style))
        if first < len(found):
            before = _unfinished(found, first, style)
            if before is not None and _carries_on(before, found[first], style):
                before.text = mended(before.text, found[first].text, style.known)
                before.last = found[first].last
                before.lines += found[first].lines
                del found[first]
    for paragraph in found:
        paragraph.text = plain(paragraph.text)
    return found


def _unfinished(found: Sequence[Paragraph], first: int, style: Style) -> Paragraph | None:
    """The last paragraph of body text before `first`, if it is on the same page or the one before."""
    page = found[first].page
    for paragraph in reversed(found[max(0, first - 8) : first]):
        if paragraph.page < page - 1:
            return None
        if paragraph.table is None and not paragraph.code and _alike(paragraph.size, style.body):
            return paragraph
    return None


def _carries_on(before: Paragraph, after: Paragraph, style: Style) -> bool:
    if (
        after.table is not None
        or after.code
        or after.marker
        or after.heading
        or before.heading
        or before.bold != after.bold
    ):
        return False
    if not _alike(before.size, after.size) or _ENDED.search(before.last) or before.lines + after.lines < 3:
        return False
    return bool(_CONTINUES.match(after.text)) or before.last.endswith((BREAK, ","))


def _of_region(region: Region, style: Style) -> Iterator[Paragraph]:
    lines = region.lines
    group: list[Line] = []
    shape = _Shape(lines, style)
    number = 0
    while number < len(lines):
        end = number if style.mono else _listing_end(lines, number)
        if end - number > 1:
            if group:
                yield _paragraph(region.page, group, style)
            group = []
            size = lines[number].size
            yield Paragraph(region.page, "", size, bold=False, code=_listing(lines[number:end]))
            number = end
            continue
        table = (
            table_at(lines, number)
            if len(lines[number].cells) > 1 and not _marker(lines[number].text)
            else None
        )
        if table is not None:
            if group:
                yield _paragraph(region.page, group, style)
            group = []
            size = lines[number].size
            yield Paragraph(region.page, "", size, bold=False, table=table[0])
            number = table[1]
            continue
        line = lines[number]
        if group and shape.parts(group, line):
            yield _paragraph(region.page, group, style)
            group = []
        group.append(line)
        number += 1
    if group:
        yield _paragraph(region.page, group, style)


def _listing_end(lines: Sequence[Line], start: int) -> int:
    """The line after the listing that begins at `start`; `start` if none does."""
    end = start
    while (
        end < len(lines)
        and lines[end].mono
        and (end == start or lines[end].baseline > lines[end - 1].baseline)
    ):
        end += 1
    return end


def _listing(lines: Sequence[Line]) -> tuple[str, ...]:
    """The lines of a listing with the blanks that their positions show, in letters of one width."""
    margin = min(line.left for line in lines)
    made: list[str] = []
    for number, line in enumerate(lines):
        if number and line.baseline - lines[number - 1].baseline > _EMPTY_LINE * line.size:
            made.append("")
        text = ""
        for cell in line.cells or (line,):
            column = min(round((cell.left - margin) / (_MONO_WIDTH * max(line.size, 1.0))), _WIDEST)
            text = text.ljust(column) if not text or column > len(text) else text + " "
            text += plain(cell.text)
        made.append(text)
    return tuple(made)


class _Shape:
    """What the lines of one region have in common, and whether a paragraph ends between two of them."""

    def __init__(self, lines: Sequence[Line], style: Style) -> None:
        self._style = style
        self._left = min((line.left for line in lines), default=0.0)
        self._right = max((line.right for line in lines), default=0.0)
        self._backwards = right_to_left("".join(line.text for line in lines[:20]))
        steps: dict[float, list[float]] = {}
        for above, below in pairwise(lines):
            if _alike(above.size, below.size) and above.baseline < below.baseline:
                steps.setdefault(round(below.size), []).append(below.baseline - above.baseline)
        self._steps = {size: quantiles(found, n=4)[0] for size, found in steps.items() if len(found) > 3}

    def parts(self, group: Sequence[Line], line: Line) -> bool:
        """Whether a paragraph ends after `group`, so that `line` begins another."""
        above = group[-1]
        if not _alike(above.size, line.size) or above.heading != line.heading:
            return True
        step = line.baseline - above.baseline
        usual = self._style.leading * line.size
        # A region set wider throughout is told from one of single lines by lines that fill it.
        if self._slack(above) < 2 * line.size or _same_titles(above, line, self._style):
            usual = max(usual, self._steps.get(round(line.size), 0.0))
        if step > _GAP * usual or step < 0:
            return True
        if _marked(group, line) or _ENTRY.match(_LEADER.sub(" … ", above.text)):
            return True
        if _same_titles(above, line, self._style):
            return False
        short = self._short(group, line)
        if above.bold != line.bold:
            return short or _ENDED.search(above.text) is not None
        return short or self._indented(group, line)

    def _slack(self, line: Line) -> float:
        return line.left - self._left if self._backwards else self._right - line.right

    def _short(self, group: Sequence[Line], line: Line) -> bool:
        """Whether the first word of `line` would have fitted above it, so that the break is meant."""
        above = group[-1]
        word = line.text.split(" ", 1)[0]
        needed = (min(len(word), 30) + 1) * _LETTER_WIDTH * line.size
        slack = self._slack(above)
        if slack <= needed + line.size:
            return False
        hanging = bool(_marker(group[0].text)) and line.left - group[0].left > _INDENT * line.size
        if hanging and not _ENDED.search(above.text):
            return False
        # Ragged text breaks early at times; then the sentence goes on.
        return (
            bool(_ENDED.search(above.text))
            or not _CONTINUES.match(line.text)
            or slack > 0.4 * (self._right - self._left)
        )

    def _indented(self, group: Sequence[Line], line: Line) -> bool:
        if self._backwards or len(line.cells) > 1:
            return False
        above = group[-1]
        step = line.left - above.left
        indent = _INDENT * line.size
        if step > indent:  # a first line is indented, unless the rest of an item or of an entry is
            return len(group) > 1 or (not _marker(above.text) and bool(_ENDED.search(above.text)))
        return step < -indent and len(group) > 1 and not _CONTINUES.match(line.text)


def _same_titles(above: Line, line: Line, style: Style) -> bool:
    """Whether both are lines of one heading in larger type, which breaks where it likes."""
    return above.bold == line.bold and above.size > style.body * (1 + _SAME_SIZE) and len(above.text) < 100


def _alike(first: float, second: float) -> bool:
    return abs(first - second) <= _SAME_SIZE * max(first, second)


def _marker(text: str) -> str:
    found = _BULLET.match(text) or _NUMBERED.match(text)
    return found[0].strip() if found and found.end() < len(text) else ""


def _marked(group: Sequence[Line], line: Line) -> bool:
    """Whether `line` begins an item of a list, and not by chance with a number or a dash."""
    if _BULLET.match(line.text) and line.text[0] != "·":
        return bool(_marker(line.text))
    found = _NUMBERED.match(line.text) or _BULLET.match(line.text)
    if found is None or found.end() == len(line.text):
        return False
    # "… in the year / 2020. Then": a number goes on where the line above neither ends nor is an item.
    return bool(_marker(group[0].text)) or bool(_ENDED.search(group[-1].text)) or found[0][:1] in "1aAiI("


def _paragraph(page: int, group: Sequence[Line], style: Style) -> Paragraph:
    text = ""
    for line in group:
        text = mended(text, _LEADER.sub(" … ", line.text) if "." in line.text else line.text, style.known)
    longest = max(group, key=lambda line: len(line.text))
    entry = "…" if len(group) < 4 and _ENTRY.match(text) else ""
    return Paragraph(
        page=page,
        text=text,
        size=longest.size,
        bold=all(line.bold for line in group),
        heading=min(line.heading for line in group),
        lines=len(group),
        marker=_marker(text) or entry,
        last=group[-1].text,
    )
