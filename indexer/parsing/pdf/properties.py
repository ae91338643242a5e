"""Document properties: the info dictionary and XMP as metadata, in the names that front matter has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from indexer.parsing.canonical import one_line

INFO_KEYS: Final = (
    "Title", "Author", "Subject", "Keywords", "CreationDate", "ModDate", "Version", "Revision", "Edition", "Rev",
    "DocumentVersion", "Status", "Department", "Company", "Manager", "Category",
)  # fmt: skip
"""Asked for by name: pdfium lists none."""

_NAMES: Final = {
    "creationdate": "created", "createdate": "created", "moddate": "modified", "modifydate": "modified",
    "creator": "author", "description": "subject", "documentversion": "version", "versionid": "version",
    "versionidentifier": "version",
}  # fmt: skip
_KEPT: Final = frozenset(
    {
        "title", "author", "subject", "keywords", "created", "modified", "version", "revision", "edition", "rev",
        "status", "department", "company", "manager", "category", "language",
    }
)  # fmt: skip
_OPENING, _CLOSING = b"<x:xmpmeta", b"</x:xmpmeta"
_MOST_PACKETS: Final = 200
"""Looked at from the end: each embedded image may have one."""
_OF_DOCUMENT: Final = re.compile(rb"pdf:Producer|pdfx:|pdfaid:|pdf:Keywords")
_NAMESPACES: Final = frozenset(
    {
        "http://purl.org/dc/elements/1.1/",
        "http://ns.adobe.com/pdfx/1.3/",
        "http://ns.adobe.com/xap/1.0/",
        "http://ns.adobe.com/pdf/1.3/",
        "http://prismstandard.org/namespaces/basic/2.0/",
    }
)
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DATE: Final = re.compile(
    r"(?:D:)?(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)?)?)?)?)?\s*([Zz]|[+-]\d\d)?'?(\d\d)?'?.*",
    re.DOTALL,
)
_NO_TITLE: Final = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel) - .*|untitled.*|unbenannt.*|(?:no )?title|document\d*|slide 1"
    r"|.*\.(?:docx?|odt|rtf|pptx?|xlsx?|indd|tex|dvi|jpe?g|png|tiff?|pdf|qxd|pub|html?))",
    re.IGNORECASE,
)


def metadata(info: Mapping[str, str], xmp: Mapping[str, str]) -> dict[str, str]:
    """What the document says of itself; the info dictionary before XMP, which repeats it."""
    found: dict[str, str] = {}
    for source in (info, xmp):
        for key, value in source.items():
            name = _NAMES.get(key.lower(), key.lower())
            said = one_line(value)
            if name in _KEPT and said:
                found.setdefault(name, iso_date(said) if name in ("created", "modified") else said)
    if _NO_TITLE.fullmatch(found.get("title", "")):
        del found["title"]
    return {name: value for name, value in found.items() if value}


def iso_date(text: str) -> str:
    """A PDF date such as ``D:20220403180542+02'00'`` in ISO 8601; ISO dates as they are; else empty."""
    if re.match(r"\d{4}-\d\d", text):
        return text
    found = _DATE.fullmatch(text)
    if found is None:
        return ""
    year, month, day, hour, minute, second, zone, zone_minutes = found.groups()
    date = "-".join(filter(None, (year, month, day)))
    if minute is None:
        return date
    offset = (
        "" if zone is None else "Z" if zone in "Zz" or zone == "+00" else f"{zone}:{zone_minutes or '00'}"
    )
    return f"{date}T{hour}:{minute}:{second or '00'}{offset}"


def xmp_properties(data: bytes) -> dict[str, str]:
    """The document's own XMP packet, the last of the file where it was saved several times.

    The packet is found by its text, since pdfium does not give it: files keep it uncompressed so that it
    can be. Packets of embedded images have no PDF properties.
    """
    packet = next((found for found in _packets(data) if _OF_DOCUMENT.search(found)), None)
    if packet is None:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(packet, parser)
    found: dict[str, str] = {}
    for description in root.iter(f"{_RDF}Description") if root is not None else ():
        for name, value in description.attrib.items():
            _keep(found, str(name), str(value))
        for child in description:
            if isinstance(child.tag, str):
                items = [" ".join(map(str, item.itertext())) for item in child.iter(f"{_RDF}li")]
                _keep(found, child.tag, ", ".join(items) or " ".join(map(str, child.itertext())))
    return found


def _packets(data: bytes) -> Iterator[bytes]:
    """The XMP packets in `data`, the last first."""
    end = len(data)
    for _ in range(_MOST_PACKETS):
        close = data.rfind(_CLOSING, 0, end)
        end = data.rfind(_OPENING, 0, close) if close >= 0 else -1
        if end < 0:
            return
        yield data[end:close] + _CLOSING + b">"


def _keep(found: dict[str, str], tag: str, value: str) -> None:
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    if namespace in _NAMESPACES and value.strip() and name != "CreatorTool":
        found.setdefault(name, value.strip()[:2000])
