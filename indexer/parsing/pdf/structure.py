"""What a page's marked content tells through pdfium: levels of headings, and what is no content."""

from __future__ import annotations

import re
from typing import Any, Final

import pypdfium2.raw as pdfium

from indexer.parsing.pdf.buffers import wide_string

_DEEPEST: Final = 40
_MOST_ELEMENTS: Final = 50_000


def heading_levels(page: Any) -> dict[int, int]:
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


def is_artifact(found: Any) -> bool:
    """Whether the file marks a page object as no content: a running head, a page number, an ornament."""
    for index in range(min(pdfium.FPDFPageObj_CountMarks(found), _DEEPEST)):
        mark = pdfium.FPDFPageObj_GetMark(found, index)
        if mark and wide_string(pdfium.FPDFPageObjMark_GetName, mark, out_length=True) == "Artifact":
            return True
    return False
