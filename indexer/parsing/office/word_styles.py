"""Styles and numbering of WordprocessingML: which paragraphs are headings, and which label Word shows before them.

ECMA-376 part 1, 17.7 (styles) and 17.9 (numbering).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from indexer.parsing.office.numerals import numeral

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DEEPEST: Final = 20
"""Styles that may be based on one another; more is a loop."""
_LEVELS: Final = 9
_HEADING: Final = re.compile(r"heading (\d)", re.IGNORECASE)
_CONTENTS: Final = re.compile(r"toc \d|table of figures|table of authorities", re.IGNORECASE)
_PLACE: Final = re.compile(r"%([1-9])")
_FORMS: Final = {
    "lowerLetter": "a",
    "upperLetter": "A",
    "lowerRoman": "i",
    "upperRoman": "I",
    "decimalZero": "01",
}


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph's style, with all that it is based on, says of its paragraphs."""

    name: str = ""
    outline: int | None = None
    """0 for the outermost heading; None for body text."""
    number: str | None = None
    """The list that its paragraphs belong to."""
    level: int = 0
    """Their level in it, 0 for the outermost."""

    @property
    def is_contents(self) -> bool:
        """Whether it is for entries of a table of contents, which repeat the headings with page numbers."""
        return _CONTENTS.fullmatch(self.name) is not None


class Styles:
    """The paragraph styles of one document."""

    def __init__(self, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._default = ""
        for element in () if root is None else root.iter(W + "style"):
            if element.get(W + "type") == "paragraph":
                identity = str(element.get(W + "styleId", ""))
                self._elements.setdefault(identity, element)
                if element.get(W + "default") in ("1", "true"):
                    self._default = identity
        self._known: dict[str, Style] = {}

    def of(self, identity: str | None) -> Style:
        """The style with that id; the default one if there is none."""
        identity = identity if identity in self._elements else self._default
        style = self._known.get(identity)
        if style is None:
            style = self._known[identity] = self._resolved(identity)
        return style

    def _resolved(self, identity: str) -> Style:
        name, outline, number, level = "", None, None, None
        for _ in range(_DEEPEST):
            element = self._elements.get(identity)
            if element is None:
                break
            name = name or value(element, "name") or ""
            properties = element.find(W + "pPr")
            if properties is not None:
                if outline is None:
                    outline = outline_level(properties)
                listed = properties.find(W + "numPr")
                if listed is not None:
                    number = number or value(listed, "numId")
                    level = level or value(listed, "ilvl")
            heading = _HEADING.fullmatch(value(element, "name") or "")
            if heading is not None and outline is None:
                outline = max(0, int(heading[1]) - 1)
            identity = value(element, "basedOn") or ""
        if name.lower() == "title":
            outline = 0
        return Style(
            name, outline if outline is not None and outline < _LEVELS else None, number, whole(level)
        )


@dataclass(slots=True)
class _Level:
    form: str
    text: str
    start: int
    restart: int


class Numbering:
    """The lists of one document, with their counters; labels have to be asked for in document order."""

    def __init__(self, root: etree._Element | None) -> None:
        self._abstract: dict[str, etree._Element] = {}
        self._lists: dict[str, tuple[str, etree._Element]] = {}
        for element in () if root is None else root.iter(W + "abstractNum"):
            self._abstract.setdefault(str(element.get(W + "abstractNumId", "")), element)
        for element in () if root is None else root.iter(W + "num"):
            base = value(element, "abstractNumId") or ""
            self._lists.setdefault(str(element.get(W + "numId", "")), (base, element))
        self._levels: dict[str, list[_Level]] = {}
        self._counts: dict[str, list[int]] = {}
        self._started: set[str] = set()

    def label(self, number: str, level: int) -> str:
        """The label of the next paragraph in list `number`: ``-`` for bullets, such as ``4.2`` otherwise.

        Empty where the list is unknown or shows nothing.
        """
        levels = self._of(number)
        if not levels:
            return ""
        base = self._lists[number][0]
        level = max(0, min(level, len(levels) - 1))
        # Lists made of one definition go on counting together, unless one overrides where it starts.
        counts = self._counts.setdefault(base, [0] * len(levels))
        if number not in self._started:
            self._started.add(number)
            for place in self._overrides(number):
                counts[place] = 0
        counts[level] = counts[level] + 1 if counts[level] else max(levels[level].start, 1)
        for deeper in range(level + 1, len(levels)):
            if levels[deeper].restart != 0:
                counts[deeper] = 0
        own = levels[level]
        if own.form == "bullet":
            return "-"
        if own.form == "none":
            return ""

        def shown(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            if at >= len(levels):
                return ""
            return numeral(counts[at] or max(levels[at].start, 1), _FORMS.get(levels[at].form, "1"))

        return _PLACE.sub(shown, own.text).strip()

    def _of(self, number: str) -> list[_Level]:
        known = self._levels.get(number)
        if known is not None:
            return known
        base, element = self._lists.get(number, ("", None))
        levels = [_Level("decimal", f"%{place + 1}.", 1, -1) for place in range(_LEVELS)]
        sources = [self._abstract.get(base), *(() if element is None else element.iter(W + "lvlOverride"))]
        found = False
        for source in sources:
            for definition in () if source is None else source.iter(W + "lvl"):
                place = whole(definition.get(W + "ilvl"))
                if 0 <= place < _LEVELS:
                    found = True
                    levels[place] = _Level(
                        value(definition, "numFmt") or "decimal",
                        value(definition, "lvlText") or "",
                        whole(value(definition, "start"), 1),
                        whole(value(definition, "lvlRestart"), -1),
                    )
        for override in () if element is None else element.iter(W + "lvlOverride"):
            place, start = whole(override.get(W + "ilvl")), value(override, "startOverride")
            if start is not None and 0 <= place < _LEVELS:
                levels[place].start = whole(start, 1)
        self._levels[number] = levels if found else []
        return self._levels[number]

    def _overrides(self, number: str) -> list[int]:
        element = self._lists[number][1]
        places = [
            whole(override.get(W + "ilvl"))
            for override in element.iter(W + "lvlOverride")
            if value(override, "startOverride") is not None
        ]
        return [place for place in places if 0 <= place < _LEVELS]


def value(element: etree._Element, name: str) -> str | None:
    """The ``val`` of the child called `name`."""
    child = element.find(W + name)
    found = None if child is None else child.get(W + "val")
    return None if found is None else str(found)


def whole(text: str | None, otherwise: int = 0) -> int:
    """`text` as a whole number that fits a counter."""
    return (
        int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 7 else otherwise
    )


def outline_level(properties: etree._Element) -> int | None:
    """The outline level that a paragraph's properties state; 9 says that it is body text."""
    stated = value(properties, "outlineLvl")
    return None if stated is None else whole(stated, _LEVELS)
