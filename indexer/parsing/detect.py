"""Tells which format bytes are in: by content first, by the name's ending second."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from indexer.parsing.decode import SAMPLE, Decoded, decode
from indexer.parsing.formats import BY_ENDING, SOURCE_CODE, Format
from indexer.parsing.magic import Unparsable, binary_kind, by_magic
from indexer.ports.wiki_page import MAGIC

__all__ = ["Detected", "Unparsable", "detect"]

_HTML: Final = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*){0,5}<(?:!doctype\s+html|html)\b[^<]{0,2000}>",
    re.IGNORECASE | re.DOTALL,
)
_XML: Final = re.compile(r"\s*<\?xml\s+version\s*=")


@dataclass(frozen=True, slots=True)
class Detected:
    """Something in a format that has a parser."""

    format: Format
    decoded: Decoded | None
    """Its text; None for formats that are `isolated`, whose parser takes the bytes."""


def detect(data: bytes, key: str) -> Detected | Unparsable:
    """What `data` is. Never raises; the same arguments always give the same answer."""
    if data.startswith(MAGIC):
        return Detected(Format.WIKI_PAGE, _utf8(data))
    ending = _ending(key)
    kind = by_magic(data, ending)
    if kind is not None:
        return Detected(kind, None) if isinstance(kind, Format) else kind
    decoded = decode(data)
    if decoded is None:
        return binary_kind(data, ending)
    return Detected(_text_format(decoded.text, ending), decoded)


def _utf8(data: bytes) -> Decoded:
    """What is written in UTF-8 by definition, so that no charset need be guessed, nor believed if declared."""
    try:
        text, replaced = data.decode(), 0
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
        replaced = text.count("\ufffd")
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), "utf-8", replaced)


def _ending(key: str) -> str:
    """The name's last ending without the dot, in lower case; a dot file has none."""
    return PurePosixPath(key.replace("\\", "/")).suffix[1:].lower()


def _text_format(text: str, ending: str) -> Format:
    named = BY_ENDING.get(ending)
    head = text[:SAMPLE]
    if (
        named not in (Format.MARKDOWN, Format.RESTRUCTURED)
        and ending not in SOURCE_CODE
        and _HTML.match(head)
    ):
        return Format.HTML
    if named is not None:
        return named
    if _XML.match(head):
        return Format.XML
    if not ending or ending.isdigit() or not re.fullmatch(r"[a-z0-9_+~-]{1,12}", ending):
        return _unnamed(text, head)
    return Format.CODE


def _unnamed(text: str, head: str) -> Format:
    """The format of a text whose name says nothing: plain text, unless it is a table throughout."""
    lines = [line for line in head.split("\n")[:-1] if line.strip()][:200]
    if len(lines) >= 5:
        for delimiter, format_ in (("\t", Format.TSV), (",", Format.CSV), (";", Format.CSV)):
            counts = {line.count(delimiter) for line in lines}
            if len(counts) == 1 and min(counts) >= 2:
                return format_
    return Format.TEXT
