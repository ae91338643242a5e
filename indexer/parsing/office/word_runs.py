"""The words of one WordprocessingML paragraph, and what hangs on it: text boxes and notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from lxml import etree

from indexer.parsing.office.properties import local
from indexer.parsing.office.word_styles import W

PAGE: Final = "\x00"
"""Stands for the place where Word last turned the page; never part of a document's text."""

Notes = dict[str, etree._Element]


class NoteKind(StrEnum):
    """What a reference in the text leads to."""

    FOOTNOTE = "footnotes"
    ENDNOTE = "endnotes"


@dataclass(slots=True)
class Paragraph:
    """What a paragraph says."""

    text: str = ""
    """With line feeds at forced breaks and `PAGE` where a page was turned."""
    boxes: list[etree._Element] = field(default_factory=list)
    """Contents of text boxes that are anchored in it."""
    notes: list[tuple[NoteKind, str]] = field(default_factory=list)
    """Notes that it refers to, by their ids."""


_SKIPPED: Final = frozenset(
    {
        "pPr", "rPr", "sdtPr", "sdtEndPr", "del", "moveFrom", "delText", "instrText", "delInstrText",
        "fldData", "rt", "commentReference", "annotationRef", "footnoteRef", "endnoteRef", "ctrlPr",
        "smartTagPr", "customXmlPr",
    }
)  # fmt: skip
_INSTEAD: Final = {
    "tab": "\t",
    "ptab": "\t",
    "br": "\n",
    "cr": "\n",
    "noBreakHyphen": "-",
    "lastRenderedPageBreak": PAGE,
}
_NOTES: Final = {"footnoteReference": NoteKind.FOOTNOTE, "endnoteReference": NoteKind.ENDNOTE}
_THROUGH: Final = frozenset({"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"})
"""Elements around paragraphs, rows and cells that only say something about them."""


def paragraph_of(element: etree._Element) -> Paragraph:
    """The words of a ``w:p`` and what hangs on it."""
    found = Paragraph()
    found.text = "".join(_words(element, found))
    return found


def seen_children(parent: etree._Element) -> Iterator[etree._Element]:
    """The children that stand for text, also those wrapped in content controls and insertions."""
    for child in parent:
        name = local(child)
        if name in _THROUGH:
            yield from seen_children(child)
        elif name == "AlternateContent":
            chosen = _choice(child)
            if chosen is not None:
                yield from seen_children(chosen)
        else:
            yield child


def _words(parent: etree._Element, found: Paragraph) -> Iterator[str]:
    for child in parent:
        name = local(child)
        if name in _SKIPPED or not name:
            continue
        if name == "t":
            yield child.text or ""
        elif name == "r":
            if not _is_hidden(child):
                yield from _words(child, found)
        elif name in _INSTEAD:
            if name != "br" or child.get(W + "type", "textWrapping") == "textWrapping":
                yield _INSTEAD[name]
        elif name in _NOTES:
            found.notes.append((_NOTES[name], str(child.get(W + "id", ""))))
        elif name == "AlternateContent":
            chosen = _choice(child)
            if chosen is not None:
                yield from _words(chosen, found)
        elif name == "txbxContent":
            found.boxes.append(child)
        else:
            yield from _words(child, found)


def _choice(element: etree._Element) -> etree._Element | None:
    """One of several ways to say the same: the newest, which is the first, unless it says nothing to us."""
    return next(iter(element), None)


def _is_hidden(run: etree._Element) -> bool:
    properties = run.find(W + "rPr")
    mark = None if properties is None else properties.find(W + "vanish")
    return mark is not None and mark.get(W + "val", "1") not in ("0", "false", "off")
