"""A ZIP container of XML parts, looked through for traps before anything in it is unpacked.

What it says of itself is checked first (entries, sizes, ratio, encryption) and held to while reading,
so that a bomb is refused for the price of its directory. XML is read without entities, without a
document type and without ever opening anything else.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from lxml import etree

from indexer.errors import ParseError

MOST_ENTRIES: Final = 20_000
MOST_BYTES: Final = 1 << 30
"""Bytes that all parts may have together when unpacked."""
LARGEST_XML: Final = 48 << 20
"""Bytes of one part that is read as a tree, which takes up to ten times as much memory."""
_BOMB_BYTES: Final = 64 << 20
_BOMB_RATIO: Final = 200
"""Deflate reaches 1,032; parts of real documents stay below 100, unless they are small."""
_COPY_AGAIN: Final = "copy or download it again"
_STRICT: Final = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_RELATIONS: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """The parts of one document. Raises `ParseError` with a reason that tells what is wrong."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            entries = self._archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
            raise damaged(f"its ZIP container cannot be opened ({error})") from error
        if len(entries) > MOST_ENTRIES:
            raise too_large(f"it has {len(entries):,} parts; the limit is {MOST_ENTRIES:,}")
        if any(entry.flag_bits & 1 for entry in entries):
            raise encrypted()
        total = sum(entry.file_size for entry in entries)
        if total > MOST_BYTES:
            raise too_large(f"unpacked it has {total / 1e6:,.0f} MB; the limit is {MOST_BYTES / 1e6:,.0f} MB")
        for entry in entries:
            if entry.file_size > _BOMB_BYTES and entry.file_size > _BOMB_RATIO * max(1, entry.compress_size):
                raise too_large(
                    f"{entry.filename} unpacks to {entry.file_size / 1e6:,.0f} MB from"
                    f" {entry.compress_size / 1e3:,.0f} kB, as no document does"
                )
        self._entries = {entry.filename.replace("\\", "/").lstrip("/"): entry for entry in entries}

    @property
    def names(self) -> list[str]:
        """The parts' names, in the order of the directory."""
        return list(self._entries)

    def size(self, name: str) -> int:
        """Bytes that a part has when unpacked; 0 if there is none."""
        entry = self._entries.get(name)
        return 0 if entry is None else entry.file_size

    def read(self, name: str) -> bytes | None:
        """The bytes of a part; None if there is none."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        with self.opened(name) as file:
            # More than was declared is not unpacked: the declaration was checked, not the content.
            return file.read(entry.file_size)

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """A part, to be read piece by piece. What is wrong with it may show at any of them."""
        entry = self._entries.get(name)
        if entry is None:
            raise malformed(f"the document has no {name}")
        try:
            with self._archive.open(entry) as file:
                yield file
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise damaged(f"{name} in it cannot be unpacked ({error})") from error
        except RuntimeError as error:  # how zipfile asks for a password
            raise encrypted() from error

    def root(self, name: str) -> etree._Element:
        """The root of an XML part without which there is no document."""
        root = self.tree(name)
        if root is None:
            raise malformed(f"the document has no {name}")
        return root

    def tree(self, name: str, *, typed: bool = False) -> etree._Element | None:
        """The root of an XML part; None if there is no such part. Only a `typed` one may declare a type."""
        if self.size(name) > LARGEST_XML:
            raise too_large(
                f"{name} in it has {self.size(name) / 1e6:,.0f} MB; the limit is {LARGEST_XML / 1e6:,.0f} MB"
            )
        data = self.read(name)
        return None if data is None else parse_xml(data, name, typed=typed)

    def optional(self, name: str, *, typed: bool = False) -> etree._Element | None:
        """The root of an XML part that says something about the document; None also if it is unusable."""
        try:
            return self.tree(name, typed=typed)
        except ParseError as error:
            if error.reason == "malformed":  # properties, notes and styles are not worth losing the text for
                return None
            raise

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to inside the container: id to (kind, name). What lies outside is never followed."""
        folder, base = posixpath.split(part)
        root = self.optional(posixpath.join(folder, "_rels", base + ".rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in () if root is None else root.iter(_RELATIONS):
            if relation.get("TargetMode") == "External":
                continue
            target = str(relation.get("Target", ""))
            name = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            kind = str(relation.get("Type", "")).rsplit("/", 1)[-1]
            found[str(relation.get("Id", ""))] = (kind, name)
        return found

    def main_part(self, otherwise: str) -> str:
        """The part that the document begins with."""
        for kind, name in self.relations("").values():
            if kind == "officeDocument" and name in self._entries:
                return name
        return otherwise


def parse_xml(data: bytes, name: str, *, typed: bool = False) -> etree._Element:
    """The root of an XML document. Entities stay what they are; a document type is refused unless `typed`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    if b"purl.oclc.org/ooxml" in data:
        # The strict form of Office Open XML differs in its namespaces only, as far as text is concerned.
        data = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", data)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _no_tree(data, name, error) from error
    return root if typed else without_doctype(root, name)


def _no_tree(data: bytes, name: str, error: Exception) -> ParseError:
    """Why the XML in the part `name` gives no tree, as the reader's `error` tells."""
    code = getattr(error, "code", None)
    if code in (etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_ENTITY_LOOP):
        if b"<!ENTITY" in data:
            return _typed(name)
        # The limits are libxml2's own: 256 levels, 10,000,000 bytes.
        return malformed(f"{name} in it has more than 256 elements within one another, or a text of 10 MB")
    return malformed(f"{name} in it is no well-formed XML ({error})")


def without_doctype(root: etree._Element, name: str) -> etree._Element:
    """`root`, if its document declares no type: that is where entities come from."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise _typed(name)
    return root


def _typed(name: str) -> ParseError:
    return malformed(f"{name} in it declares a document type, which office documents may not: it is not read")


def encrypted() -> ParseError:
    """What is raised for a document that opens with a password only."""
    return ParseError(
        "encrypted", "the document is protected by a password", remedy="save it without a password"
    )


def needs_ocr() -> ParseError:
    """What is raised for a document whose pictures may hold text, and that has none besides."""
    return ParseError(
        "needs-ocr",
        "the document has pictures and no text",
        remedy="recognise its text and save that with it",
    )


def malformed(detail: str) -> ParseError:
    """What is raised for a document that is whole, but not made as its format asks."""
    return ParseError("malformed", detail, remedy="save it again where it was made")


def damaged(detail: str) -> ParseError:
    """What is raised for bytes that are not all that once was there."""
    return ParseError("damaged", f"the file is cut short or damaged: {detail}", remedy=_COPY_AGAIN)


def too_large(detail: str) -> ParseError:
    """What is raised for a document beyond the limits."""
    return ParseError(
        "too-large", f"the document is too large to be read: {detail}", remedy="split or exclude it"
    )
