"""EPUB books: their XHTML documents in reading order, read like any other HTML.

A chapter without a heading of its own gets the title that the table of contents gives it. EPUB 3.3,
chapters 4 (package), 5.4 (spine) and 7 (navigation); NCX of EPUB 2.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from lxml import etree

from indexer.errors import ParseError
from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading, one_line
from indexer.parsing.decode import decode
from indexer.parsing.html import read_html
from indexer.parsing.office.package import Package, damaged, malformed, needs_ocr
from indexer.parsing.office.properties import local, properties

_DOCUMENTS: Final = ("application/xhtml+xml", "text/html", "application/xml", "text/xml")
_FONTS: Final = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Ways to scramble fonts, which hide no text."""
_META: Final = {
    "title": "title",
    "creator": "author",
    "publisher": "publisher",
    "date": "date",
    "language": "language",
    "subject": "keywords",
    "description": "description",
    "identifier": "identifier",
    "rights": "rights",
}
_SEVERAL: Final = ("author", "keywords")
_VERSIONS: Final = ("schema:version", "ibooks:version", "version")
_CLOSED: Final = re.compile(r"<([A-Za-z][\w:.-]*)((?:[^<>\"']|\"[^\"<>]*\"|'[^'<>]*')*)/>")
_DOCTYPE: Final = re.compile(r"<!DOCTYPE\b[^<>\[]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
"""With the entities that it may declare, which HTML does not know."""
_VOID: Final = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
        "track", "wbr",
    }
)  # fmt: skip


def read_epub(data: bytes) -> Reading:
    """Blocks of a book. Raises `ParseError`."""
    package = Package(data)
    part = _package_part(package)
    root = package.tree(part, typed=True)
    if root is None:
        raise malformed(f"the book has no {part}")
    folder = posixpath.dirname(part)
    book = _Book(package, folder, root)
    book.refuse_locked()
    blocks = list(book.blocks())
    if not blocks and book.has_pictures:
        raise needs_ocr()
    found = properties(*_metadata(root))
    first = next((block.title for block in blocks if block.level == 1), None)
    return Reading(blocks, found.title(first), found.metadata, found.labels)


def _package_part(package: Package) -> str:
    container = package.optional("META-INF/container.xml", typed=True)
    for element in () if container is None else container.iter():
        if local(element) == "rootfile" and element.get("full-path"):
            return posixpath.normpath(str(element.get("full-path")))
    found = next((name for name in package.names if name.endswith(".opf")), None)
    if found is None:
        raise malformed("the book does not say where it begins")
    return found


class _Book:
    """What the package document lists."""

    def __init__(self, package: Package, folder: str, root: etree._Element) -> None:
        self._package = package
        self._folder = folder
        self._items: dict[str, tuple[str, str, str]] = {}
        self._order: list[str] = []
        self.has_pictures = False
        """Whether the book lists any picture."""
        contents = ""
        for element in root.iter():
            kind = local(element)
            if kind == "item":
                name = _target(folder, str(element.get("href", "")))
                media = str(element.get("media-type", ""))
                self._items[str(element.get("id", ""))] = (name, media, str(element.get("properties", "")))
                self.has_pictures = self.has_pictures or media.startswith("image/")
            elif kind == "itemref":
                self._order.append(str(element.get("idref", "")))
            elif kind == "spine":
                contents = str(element.get("toc", ""))
        navigation = next((name for name, _, said in self._items.values() if "nav" in said.split()), None)
        self._navigation = navigation or ""
        self._titles = self._contents(navigation or self._items.get(contents, ("", "", ""))[0])

    def refuse_locked(self) -> None:
        """Raises `ParseError` where the text itself is encrypted."""
        root = self._package.optional("META-INF/encryption.xml", typed=True)
        for entry in () if root is None else root.iter("{*}EncryptedData"):
            method = next((str(m.get("Algorithm", "")) for m in entry.iter("{*}EncryptionMethod")), "")
            if method not in _FONTS:
                raise ParseError(
                    "encrypted", "the book is locked by a seller (DRM)", remedy="get a copy without a lock"
                )

    def blocks(self) -> Iterator[Block]:
        """The blocks of all documents in reading order, the table of contents left out."""
        read: set[str] = set()
        for identity in self._order:
            name, media, _ = self._items.get(identity, ("", "", ""))
            # A book that names a document again (EPUB 3.3, 5.4, forbids it) has no more to say.
            if name == self._navigation or media not in _DOCUMENTS or name in read:
                continue
            read.add(name)
            data = self._package.read(name)
            if data is None:
                raise damaged(f"{name} is missing in it")
            decoded = decode(data)
            blocks = () if decoded is None else tuple(read_html(_opened(decoded.text)).blocks)
            title = self._titles.get(name, "")
            if title and blocks and not any(block.kind is BlockKind.HEADING for block in blocks):
                yield Block(BlockKind.HEADING, (title,), 1, title)
            yield from blocks

    def _contents(self, name: str) -> dict[str, str]:
        """The title of each document, by the first entry in the table of contents that leads to it."""
        root = self._package.optional(name, typed=True) if name else None
        folder = posixpath.dirname(name)
        titles: dict[str, str] = {}
        for element in () if root is None else root.iter():
            if local(element) == "a":
                words, target = "".join(map(str, element.itertext())), str(element.get("href", ""))
            elif local(element) == "navPoint":
                label = next(element.iterchildren("{*}navLabel"), None)
                content = next(element.iterchildren("{*}content"), None)
                if label is None or content is None:
                    continue
                words, target = "".join(map(str, label.itertext())), str(content.get("src", ""))
            else:
                continue
            titles.setdefault(_target(folder, target), one_line(words))
        return titles


def _target(folder: str, reference: str) -> str:
    """The part that a reference leads to, without its place in it."""
    return posixpath.normpath(posixpath.join(folder, unquote(reference.partition("#")[0]))).lstrip("/")


def _opened(text: str) -> str:
    """XHTML as HTML: an element that is closed at once means the same, but only where it may be empty."""

    def both_tags(match: re.Match[str]) -> str:
        return match[0] if match[1].lower() in _VOID else f"<{match[1]}{match[2]}></{match[1]}>"

    return _CLOSED.sub(both_tags, _DOCTYPE.sub("", text, count=1))


def _metadata(root: etree._Element) -> tuple[dict[str, str], dict[str, str]]:
    stated: dict[str, str] = {}
    for element in root.iter("{*}*"):  # elements only: an entity has no text of its own
        kind = local(element)
        value = one_line("".join(map(str, element.itertext())))
        if kind == "meta":
            name = str(element.get("property") or element.get("name") or "")
            value = value or one_line(str(element.get("content", "")))
            key = "version" if name in _VERSIONS else "modified" if name == "dcterms:modified" else ""
        else:
            key = _META.get(kind, "") if "purl.org/dc/elements" in str(element.tag) else ""
        if key in _SEVERAL and stated.get(key) and value:
            stated[key] += f", {value}"
        elif key and value:
            stated.setdefault(key, value)
    return stated, {}
