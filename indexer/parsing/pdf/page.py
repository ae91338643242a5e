"""Reads one page through pdfium: its characters as runs, and whether it is a picture.

Text is read in the frame in which it stands upright, so that the page's own rotation is of no
matter: the direction that most characters run in is the page's.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import pypdfium2.raw as pdfium

from indexer.parsing.pdf.annotations import MOST_ANNOTATIONS, read_annotations
from indexer.parsing.pdf.lines import PageText, Run
from indexer.parsing.pdf.runs import OpenRun, Style
from indexer.parsing.pdf.structure import heading_levels, is_artifact
from indexer.parsing.pdf.words import letter_of, normal_characters, unmapped

_ASKEW: Final = 10
"""Degrees from the next right angle from which on text is a stamp across the page."""
_BOLD: Final = re.compile(rb"bold|black|heavy|demi|semibd|[-_]medi\b|cmbx|cmssbx|,bd\b", re.IGNORECASE)
_BOLD_WEIGHT: Final = 600
_MONO: Final = re.compile(rb"courier|mono|consol|typewriter|cmtt|menlo|fixed", re.IGNORECASE)
_FIXED_PITCH: Final = 1
_MOST_CHARACTERS: Final = 400_000
"""On one page; more is a file made to exhaust its reader."""
LIMITS: Final = f"at most {_MOST_CHARACTERS:,} characters and {MOST_ANNOTATIONS:,} notes of a page are read"
_MOST_OBJECTS: Final = 20_000
"""Looked at to tell whether a page is a picture."""
_COVERED: Final = 0.4
"""Share of the page under images from which on they may be what it says."""
_DRAWN: Final = 150
"""Drawn paths from which on letters may be among them."""
_BLANKS: Final = frozenset({0x20, 0xA0, 0x0D, 0x0A, 0x09})


def read_page(document: Any, form: Any, number: int) -> PageText:
    """The page `number` (1-based) of an open document; `form` is its form environment or None."""
    page = pdfium.FPDF_LoadPage(document, number - 1)
    if not page:
        return PageText(number, 0.0, 0.0, damaged=True)
    try:
        box = pdfium.FS_RECTF()
        if not pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(box)):
            return PageText(number, 0.0, 0.0, damaged=True)
        with _text_page(page) as text:
            if text is None:
                return PageText(number, 0.0, 0.0, damaged=True)
            found = _Characters(page, text)
        added, remarks = read_annotations(page, form)
        found.cut |= pdfium.FPDFPage_GetAnnotCount(page) > MOST_ANNOTATIONS
        return _upright(number, box, found, added, remarks, pictured=_pictured(page, box))
    finally:
        pdfium.FPDF_ClosePage(page)


@contextmanager
def _text_page(page: Any) -> Iterator[Any]:
    text = pdfium.FPDFText_LoadPage(page)
    try:
        yield text or None
    finally:
        if text:
            pdfium.FPDFText_ClosePage(text)


class _Characters:
    """The characters of a page, gathered into runs by the direction in which they go."""

    def __init__(self, page: Any, text: Any) -> None:
        self.runs: dict[int, list[Run]] = {}
        self.askew: dict[int, str] = {}
        self.unmapped = 0
        self.cut = False
        self._text = text
        self._levels = heading_levels(page)
        self._styles: dict[int, Style] = {}
        self._fonts: dict[int, tuple[bool, bool]] = {}
        self._gather()

    def _gather(self) -> None:
        # Looked up once: this loop is where nearly all of the time goes that a document takes.
        unicode_of, object_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetTextObject
        box_of, address_of = pdfium.FPDFText_GetLooseCharBox, ctypes.addressof
        text = self._text
        box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        box_at, x_at, y_at = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
        run: OpenRun | None = None
        style: Style | None = None
        address, spaced = 0, True
        count = pdfium.FPDFText_CountChars(text)
        self.cut = count > _MOST_CHARACTERS
        for index in range(min(count, _MOST_CHARACTERS)):
            character = unicode_of(text, index)
            if character in _BLANKS:
                spaced = True
                continue
            found = object_of(text, index)
            if not found:
                continue
            here = address_of(found.contents)
            if here != address:
                address = here
                known = self._styles.get(here)
                style = self._styles[here] = known or self._style(found, index)
            assert style is not None
            if 0x20 < character < 0x7F:
                letter = chr(character)
            else:
                letter = letter_of(character)
                if unmapped(character):
                    self.unmapped += 1
                    if 0 < character < 0x20:
                        spaced = True
                        continue
            if style.angle < 0:
                before = self.askew.get(here, "")
                self.askew[here] = before + (" " if spaced and before else "") + letter
                spaced = False
                continue
            box_of(text, index, box_at)
            left, top, right, bottom = box.left, -box.top, box.right, -box.bottom
            if style.angle:
                left, top, right, bottom = _turned(left, -top, right, -bottom, style.angle)
            if run is not None and run.style is style and run.takes(left, top, right, bottom):
                run.add(letter, left, right, spaced=spaced)
            else:
                pdfium.FPDFText_GetCharOrigin(text, index, x_at, y_at)
                _, baseline, _, _ = _turned(x.value, y.value, x.value, y.value, style.angle)
                self._close(run)
                run = OpenRun(style, letter, left, top, right, bottom, baseline, spaced)
            spaced = False
        self._close(run)

    def _close(self, run: OpenRun | None) -> None:
        if run is not None:
            self.runs.setdefault(run.style.angle, []).append(run.closed())

    def _style(self, found: Any, index: int) -> Style:
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(self._text, index, ctypes.byref(matrix))
        degrees = math.degrees(math.atan2(matrix.b, matrix.a)) if matrix.a or matrix.b else 0.0
        angle = round(degrees / 90) * 90
        size = pdfium.FPDFText_GetFontSize(self._text, index) * math.hypot(matrix.c, matrix.d)
        if not 1 <= size <= 1000:  # fonts drawn by hand count in units of their own
            box = pdfium.FS_RECTF()
            pdfium.FPDFText_GetLooseCharBox(self._text, index, ctypes.byref(box))
            size = abs(box.top - box.bottom) if angle % 180 == 0 else abs(box.right - box.left)
        marked = pdfium.FPDFPageObj_GetMarkedContentID(found)
        bold, mono = self._font(found)
        return Style(
            size=round(max(size, 0.5), 1),
            bold=bold,
            mono=mono,
            angle=-1 if abs(degrees - angle) > _ASKEW else angle % 360,
            heading=self._levels.get(marked, 0),
            artifact=is_artifact(found),
        )

    def _font(self, found: Any) -> tuple[bool, bool]:
        """Whether the text's font is bold, and whether its letters are of one width."""
        font = pdfium.FPDFTextObj_GetFont(found)
        if not font:
            return False, False
        address = ctypes.addressof(font.contents)
        if address not in self._fonts:
            name = ctypes.create_string_buffer(256)
            pdfium.FPDFFont_GetBaseFontName(font, name, 256)
            weight = pdfium.FPDFFont_GetWeight(font)
            self._fonts[address] = (
                bool(_BOLD.search(name.value)) or weight >= _BOLD_WEIGHT,
                bool(_MONO.search(name.value)) or bool(pdfium.FPDFFont_GetFlags(font) & _FIXED_PITCH),
            )
        return self._fonts[address]


def _turned(
    left: float, top: float, right: float, bottom: float, angle: int
) -> tuple[float, float, float, float]:
    """A box of the page's space (y upwards) as left, top, right, bottom where text at `angle` is upright."""
    if angle == 0:
        return left, -top, right, -bottom
    if angle == 90:
        return bottom, left, top, right
    if angle == 180:
        return -right, bottom, -left, top
    return -top, -right, -bottom, -left


def _upright(
    number: int, box: Any, found: _Characters, added: list[Run], remarks: list[str], *, pictured: bool
) -> PageText:
    letters = Counter({angle: sum(len(run.text) for run in runs) for angle, runs in found.runs.items()})
    # Of two directions with as many letters the smaller angle, so that the answer never varies.
    angle = min(letters, key=lambda angle: (-letters[angle], angle)) if letters else 0
    left, top, right, bottom = _turned(box.left, box.top, box.right, box.bottom, angle)
    width, height = right - left, bottom - top

    def placed(run: Run) -> Run:
        return replace(
            run,
            left=run.left - left,
            right=run.right - left,
            top=run.top - top,
            bottom=run.bottom - top,
            baseline=run.baseline - top,
        )

    main = [placed(run) for run in found.runs.get(angle, [])]
    visible = [
        run for run in main if run.right > 0 and run.left < width and run.bottom > 0 and run.top < height
    ]
    if angle == 0:
        visible += map(placed, added)
    else:
        remarks = [run.text for run in added] + remarks
    return PageText(
        number=number,
        width=width,
        height=height,
        runs=tuple(visible),
        sideways=tuple(run for other in sorted(found.runs) if other != angle for run in found.runs[other]),
        stamps=tuple(dict.fromkeys(map(normal_characters, found.askew.values()))),
        remarks=tuple(remarks),
        unmapped=found.unmapped,
        cut=found.cut,
        pictured=pictured,
    )


def _pictured(page: Any, box: Any) -> bool:
    area = max((box.right - box.left) * (box.top - box.bottom), 1.0)
    covered, drawn = 0.0, 0
    edges = [ctypes.c_float() for _ in range(4)]
    for index in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        found = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(found) if found else 0
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            drawn += 1
        elif kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM) and pdfium.FPDFPageObj_GetBounds(
            found, *map(ctypes.byref, edges)
        ):
            left, bottom, right, top = (edge.value for edge in edges)
            covered += max(0.0, min(right, box.right) - max(left, box.left)) * max(
                0.0, min(top, box.top) - max(bottom, box.bottom)
            )
    return covered >= _COVERED * area or drawn >= _DRAWN
