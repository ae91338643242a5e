"""Reads one page through pdfium: its characters as runs, form values, annotations, what it shows.

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

from indexer.parsing.pdf.lines import PageText, Run
from indexer.parsing.pdf.runs import OpenRun, Style
from indexer.parsing.pdf.words import BREAK, letter_of, normal_characters, unmapped

_ASKEW: Final = 10
"""Degrees from the next right angle from which on text is a stamp across the page."""
_BOLD: Final = re.compile(rb"bold|black|heavy|demi|semibd|[-_]medi\b|cmbx|cmssbx|,bd\b", re.IGNORECASE)
_BOLD_WEIGHT: Final = 600
_MONO: Final = re.compile(rb"courier|mono|consol|typewriter|cmtt|menlo|fixed", re.IGNORECASE)
_FIXED_PITCH: Final = 1
_MOST_CHARACTERS: Final = 400_000
"""On one page; more is a file made to exhaust its reader."""
_MOST_OBJECTS: Final = 20_000
"""Looked at to tell whether a page is a picture."""
_MOST_ANNOTATIONS: Final = 2_000
_COVERED: Final = 0.4
"""Share of the page under images from which on they may be what it says."""
_DRAWN: Final = 150
"""Drawn paths from which on letters may be among them."""
_BLANKS: Final = frozenset({0x20, 0xA0, 0x0D, 0x0A, 0x09})
_DEEPEST: Final = 40
_MOST_ELEMENTS: Final = 50_000
_ANNOTATED: Final = {
    pdfium.FPDF_ANNOT_TEXT,
    pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE,
    pdfium.FPDF_ANNOT_SQUIGGLY,
    pdfium.FPDF_ANNOT_STRIKEOUT,
    pdfium.FPDF_ANNOT_SQUARE,
    pdfium.FPDF_ANNOT_CIRCLE,
    pdfium.FPDF_ANNOT_LINE,
    pdfium.FPDF_ANNOT_POLYGON,
    pdfium.FPDF_ANNOT_POLYLINE,
    pdfium.FPDF_ANNOT_INK,
    pdfium.FPDF_ANNOT_CARET,
    pdfium.FPDF_ANNOT_STAMP,
}
_HIDDEN_FLAGS: Final = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW


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
        added, remarks = _annotations(page, form, box)
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
        self._text = text
        self._levels = _heading_levels(page)
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
        for index in range(min(pdfium.FPDFText_CountChars(text), _MOST_CHARACTERS)):
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
            artifact=_artifact(found),
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
        pictured=pictured,
    )


def _artifact(found: Any) -> bool:
    for index in range(min(pdfium.FPDFPageObj_CountMarks(found), _DEEPEST)):
        mark = pdfium.FPDFPageObj_GetMark(found, index)
        if mark and wide_string(pdfium.FPDFPageObjMark_GetName, mark, out_length=True) == "Artifact":
            return True
    return False


def wide_string(function: Any, *arguments: Any, out_length: bool = False) -> str:
    """What a pdfium function gives that fills a buffer with UTF-16.

    It returns the length in bytes, or with `out_length` writes it to its last argument.
    """
    pointer: Any = ctypes.POINTER(ctypes.c_ushort)
    length = ctypes.c_ulong()

    def call(buffer: Any, size: int) -> int:
        target = (
            buffer if function.argtypes[len(arguments)] is ctypes.c_void_p else ctypes.cast(buffer, pointer)
        )
        if out_length:
            return length.value if function(*arguments, target, size, ctypes.byref(length)) else 0
        return int(function(*arguments, target, size))

    size = call(None, 0)
    if not 2 < size <= 1 << 24:
        return ""
    buffer = ctypes.create_string_buffer(size)
    call(buffer, size)
    return buffer.raw.decode("utf-16-le", "replace").split("\x00", 1)[0]


def _heading_levels(page: Any) -> dict[int, int]:
    """Heading levels by the number of marked content, as the page's structure tells them."""
    levels: dict[int, int] = {}
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    if not tree:
        return levels
    try:
        seen = 0
        roots = range(min(pdfium.FPDF_StructTree_CountChildren(tree), _MOST_ELEMENTS))
        todo = [(pdfium.FPDF_StructTree_GetChildAtIndex(tree, index), 0, 0) for index in reversed(roots)]
        while todo and seen < _MOST_ELEMENTS:
            element, level, depth = todo.pop()
            seen += 1
            if not element:
                continue
            level = level or _heading_level(wide_string(pdfium.FPDF_StructElement_GetType, element))
            if level:
                for index in range(max(0, pdfium.FPDF_StructElement_GetMarkedContentIdCount(element))):
                    marked = pdfium.FPDF_StructElement_GetMarkedContentIdAtIndex(element, index)
                    if marked >= 0:
                        levels.setdefault(marked, level)
            if depth < _DEEPEST:
                count = min(pdfium.FPDF_StructElement_CountChildren(element), _MOST_ELEMENTS)
                todo.extend(
                    (pdfium.FPDF_StructElement_GetChildAtIndex(element, index), level, depth + 1)
                    for index in reversed(range(count))
                )
    finally:
        pdfium.FPDF_StructTree_Close(tree)
    return levels


def _heading_level(kind: str) -> int:
    if kind in ("H", "Title"):
        return 1
    return int(kind[1]) if re.fullmatch("H[1-6]", kind) else 0


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


def _annotations(page: Any, form: Any, page_box: Any) -> tuple[list[Run], list[str]]:
    """What the page's forms and text boxes say, where they stand, and what its notes say."""
    added: list[Run] = []
    remarks: list[str] = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        try:
            if pdfium.FPDFAnnot_GetFlags(note) & _HIDDEN_FLAGS:
                continue
            kind = pdfium.FPDFAnnot_GetSubtype(note)
            if kind == pdfium.FPDF_ANNOT_WIDGET and form:
                added.extend(_standing(note, _field_value(form, note)))
            elif kind == pdfium.FPDF_ANNOT_FREETEXT:
                added.extend(_standing(note, wide_string(pdfium.FPDFAnnot_GetStringValue, note, b"Contents")))
            elif kind in _ANNOTATED:
                said = wide_string(pdfium.FPDFAnnot_GetStringValue, note, b"Contents").strip()
                author = wide_string(pdfium.FPDFAnnot_GetStringValue, note, b"T").strip()
                remarks.extend([f"[{author}: {said}]" if author else f"[{said}]"] if said else [])
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return added, remarks


def _field_value(form: Any, note: Any) -> str:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        return "☑" if pdfium.FPDFAnnot_IsChecked(form, note) else ""
    if kind in (
        pdfium.FPDF_FORMFIELD_TEXTFIELD,
        pdfium.FPDF_FORMFIELD_COMBOBOX,
        pdfium.FPDF_FORMFIELD_LISTBOX,
    ):
        return wide_string(pdfium.FPDFAnnot_GetFormFieldValue, form, note)
    return ""


def _standing(note: Any, text: str) -> Iterator[Run]:
    """The lines of `text` as runs inside the annotation's rectangle."""
    said = [line.strip() for line in re.split(r"\r\n|[\r\n]", normal_characters(text)) if line.strip()]
    box = pdfium.FS_RECTF()
    if not said or not pdfium.FPDFAnnot_GetRect(note, ctypes.byref(box)):
        return
    height = (box.top - box.bottom) / len(said)
    size = round(min(max(height / 1.2, 4.0), 12.0), 1)
    for number, line in enumerate(said):
        top = -box.top + number * height
        yield Run(
            line.replace(BREAK, "-"),
            box.left,
            top,
            box.right,
            top + height,
            top + height / 2 + size / 3,
            size,
        )
