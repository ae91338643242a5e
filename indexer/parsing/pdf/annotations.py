"""What stands on a page without being part of it, through pdfium: form values, text boxes, notes."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2.raw as pdfium

from indexer.parsing.pdf.buffers import wide_string
from indexer.parsing.pdf.lines import Run
from indexer.parsing.pdf.words import BREAK, normal_characters

MOST_ANNOTATIONS: Final = 2_000
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


def read_annotations(page: Any, form: Any) -> tuple[list[Run], list[str]]:
    """What the page's forms and text boxes say, where they stand, and what its notes say."""
    added: list[Run] = []
    remarks: list[str] = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), MOST_ANNOTATIONS)):
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
