"""Opens a PDF document through pdfium and reads what belongs to the whole of it.

pdfium keeps state of the process and is not safe in threads: one document at a time. Whatever is
opened here is closed here.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from indexer.errors import ParseError
from indexer.parsing.attachments import Carried
from indexer.parsing.pdf.buffers import wide_string
from indexer.parsing.pdf.headings import OutlineItem
from indexer.parsing.pdf.lines import PageText
from indexer.parsing.pdf.page import read_page
from indexer.parsing.pdf.properties import INFO_KEYS

_MOST_BOOKMARKS: Final = 20_000
_DEEPEST_BOOKMARK: Final = 20
_MOST_FILES: Final = 10_000
"""Embedded files that are looked at: a directory that claims more was made to exhaust its reader."""


class PdfDocument:
    """One open document."""

    def __init__(self, handle: pypdfium2.PdfDocument) -> None:
        self._handle = handle

    @property
    def page_count(self) -> int:
        """How many pages it has."""
        return len(self._handle)

    def pages(self) -> Iterator[PageText]:
        """The pages one after another, each closed before the next is opened."""
        form = self._handle.formenv
        for number in range(1, self.page_count + 1):
            yield read_page(self._handle.raw, form.raw if form else None, number)

    def info(self) -> dict[str, str]:
        """Entries of the info dictionary, among them a version if one is stated."""
        handle = self._handle.raw
        return {
            key: value
            for key in INFO_KEYS
            if (value := wide_string(pdfium.FPDF_GetMetaText, handle, key.encode()))
        }

    def outline(self) -> list[OutlineItem]:
        """The bookmarks in their order."""
        found: list[OutlineItem] = []
        for item in self._handle.get_toc(max_depth=_DEEPEST_BOOKMARK):
            target = item.get_dest()
            page = target.get_index() if target else None
            found.append(OutlineItem(item.level + 1, item.get_title(), None if page is None else page + 1))
            if len(found) >= _MOST_BOOKMARKS:
                break
        return found

    def attachments(self) -> Carried:
        """The files embedded in the document."""
        handle = self._handle.raw
        carried = Carried()
        for index in range(min(pdfium.FPDFDoc_GetAttachmentCount(handle), _MOST_FILES)):
            file = pdfium.FPDFDoc_GetAttachment(handle, index)
            size = _size(file) if file else 0
            if not size:
                continue
            name = wide_string(pdfium.FPDFAttachment_GetName, file)
            data = _content(file, size) if carried.has_room(size) else None
            if data is not None:
                carried.take(name, data)
            else:
                carried.leave(name, "" if not carried.has_room(size) else "its content cannot be read")
        return carried

    def grey_image(self, number: int, dots_per_inch: int) -> tuple[int, int, bytes]:
        """The page `number` (1-based) as width, height and one byte for each dot, rows from the top."""
        page = self._handle[number - 1]
        try:
            width, height = page.get_size()
            scale = min(dots_per_inch / 72, _MOST_DOTS / max(width, height, 1.0))
            bitmap = page.render(scale=scale, grayscale=True)
            try:
                rows = [
                    bytes(bitmap.buffer[row * bitmap.stride : row * bitmap.stride + bitmap.width])
                    for row in range(bitmap.height)
                ]
                return bitmap.width, bitmap.height, b"".join(rows)
            finally:
                bitmap.close()
        finally:
            page.close()


_MOST_DOTS: Final = 6_000
"""On the longer side of a rendered page."""


@contextmanager
def open_pdf(data: bytes) -> Iterator[PdfDocument]:
    """The document that `data` holds, while it is needed.

    Raises `ParseError`: ``encrypted`` where a password is needed, ``damaged`` where it cannot be opened.
    """
    try:
        handle = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _refusal(error.err_code) from error
    try:
        if handle.get_formtype() != pdfium.FORMTYPE_NONE:
            handle.init_forms()
        yield PdfDocument(handle)
    finally:
        handle.close()


def _refusal(code: int | None) -> ParseError:
    if code == pdfium.FPDF_ERR_PASSWORD:
        return ParseError("encrypted", "the PDF asks for a password", remedy="save it without a password")
    if code == pdfium.FPDF_ERR_SECURITY:
        return ParseError(
            "encrypted",
            "the PDF is encrypted in a way that cannot be read",
            remedy="save it without encryption",
        )
    return ParseError(
        "damaged",
        "the PDF is truncated or damaged: it cannot be opened",
        remedy="replace it by an intact copy",
    )


def _size(file: Any) -> int:
    """The length of an embedded file; 0 if it has no content."""
    length = ctypes.c_ulong()
    found = pdfium.FPDFAttachment_GetFile(file, None, 0, ctypes.byref(length))
    return length.value if found else 0


def _content(file: Any, size: int) -> bytes | None:
    """An embedded file's bytes; None if they cannot be read."""
    length = ctypes.c_ulong()
    buffer = ctypes.create_string_buffer(size)
    if not pdfium.FPDFAttachment_GetFile(file, buffer, size, ctypes.byref(length)):
        return None
    return buffer.raw[: length.value]
