"""Reads the objects of an ``entities.xml`` one after the other, in memory that does not grow with the file.

expat is fed in pieces and hands over text only where somebody wants it: of what lies in other objects
and other properties not even a string is made. DTDs are refused, so that no entity can be declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import BinaryIO, Final
from xml.parsers import expat

from connectors.confluence.archive_error import ExportError
from connectors.confluence.xml_bytes import CleanBytes

ROOT: Final = "hibernate-generic"
_NAMES: Final = frozenset({ROOT, "object", "id", "composite-id", "property", "collection", "element"})
_ATTRIBUTES: Final = frozenset({"name", "class", "package", "enum-class", "type", "datetime"})
_MOST_STRANGE: Final = 1000
"""Names of elements and attributes that no export has; the parser keeps each of them in memory for ever."""
_DEEPEST: Final = 100
_LARGEST_TAG: Final = 1_000_000
"""Bytes of one tag, comment or instruction: until it has ended the parser holds it, and may begin it anew each time."""
_LONGEST_ID: Final = 255
_MOST_ELEMENTS: Final = 1_000_000
"""Elements of one collection."""
_TEXT_BUFFER: Final = 1 << 18
_CUT_OFF: Final = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)
"""What the parser says at the end of a file that could go on."""
_OBJECT, _MEMBER, _INNER, _ELEMENT_ID = 2, 3, 4, 5
"""How deep an object lies, what it consists of, the id or the element in that, and the id of an element."""
_PACKAGE: Final = "com.atlassian.confluence."
"""Classes of the same name in other packages are something else, with ids of their own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of the objects of one class."""

    properties: frozenset[str]
    collections: frozenset[str] = frozenset()
    limits: Mapping[str, int] = field(default_factory=dict)
    """Property → bytes beyond which its text is let go of. Others may have `SMALL`."""


SMALL: Final = 200_000
"""Bytes of a property, unless its class says otherwise: more than any title or comment."""


@dataclass(slots=True)
class XmlObject:
    """One object, as far as it is wanted."""

    name: str
    """Its class."""
    id: str = ""
    """Empty where it has none, or one that cannot be meant."""
    texts: dict[str, str] = field(default_factory=dict)
    """Property → text; an empty property has an empty one."""
    references: dict[str, str] = field(default_factory=dict)
    """Property → id of what it refers to; empty where it refers to something without saying what."""
    elements: dict[str, list[str]] = field(default_factory=dict)
    """Collection → ids in it."""
    cut: set[str] = field(default_factory=set)
    """Properties and collections that were too large and have nothing here, or not everything."""


class _Text(Enum):
    """What the text is that is being read."""

    NONE = auto()
    ID = auto()
    PROPERTY = auto()
    REFERENCE = auto()
    ELEMENT = auto()


class _RefusedError(Exception):
    """What the parser would take and an export never has. Says what, in words of our own."""


class XmlStream:
    """The wanted objects of one file. To be read once."""

    def __init__(self, name: str, wanted: Mapping[str, Wanted]) -> None:
        """`name`: of the file, for messages."""
        self._name = name
        self._wanted = wanted
        self.datetime: str | None = None
        """The attribute of the root, once that has been read."""
        self.stopped: str | None = None
        """One line, where the file is not whole: everything before that place was given. Known after the last object."""
        self.mended: int | None = None
        """Where the first bytes lie that are no text, if there are any. Known after the last object."""
        self._begun = False
        self._depth = 0
        self._strange: set[str] = set()
        self._done: list[XmlObject] = []
        self._last = ""
        self._object: XmlObject | None = None
        self._class = Wanted(frozenset())
        self._member = ""
        """The wanted property or collection that is being read."""
        self._reading = _Text.NONE
        self._level = 0
        """How deep that text lies."""
        self._pieces: list[str] = []
        self._left = 0
        """Characters that may still come; below 0 they have been too many, and none is held."""
        self._parser = self._made()

    def objects(self, stream: BinaryIO) -> Iterator[XmlObject]:
        """Every whole object of a wanted class, in order.

        Raises `ExportError` (``not-an-export``) where the root is not that of an export. A file that breaks
        off or is not well-formed ends early, and `stopped` says so.
        """
        clean = CleanBytes(stream)
        parser = self._parser
        problem = ""
        given, cut_off = 0, False
        try:
            for piece in clean.pieces():
                parser.Parse(piece, False)
                given += len(piece)
                yield from self._take()
                if given - parser.CurrentByteIndex > _LARGEST_TAG:
                    raise _RefusedError("a tag or comment without an end")
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            # The parser's own words never quote the file.
            problem = expat.ErrorString(error.code) or "not well-formed"
            cut_off = error.code in _CUT_OFF
        except _RefusedError as error:
            problem = str(error)
        yield from self._take()
        self.mended = clean.mended
        if not problem:
            return
        if not self._begun and not cut_off:
            raise self._no_export()
        place = clean.place(parser.ErrorByteIndex)
        last = f"after {self._last}" if self._last else "before the first object that matters"
        self.stopped = (
            f"{self._name} is not whole: it breaks off near byte {place:,} ({problem}), {last};"
            " what stands before that was read. Export the space again"
        )

    def _take(self) -> Iterator[XmlObject]:
        done, self._done = self._done, []
        return iter(done)

    def _no_export(self) -> ExportError:
        return ExportError(
            "not-an-export",
            f"{self._name} is no export of Confluence: it does not begin with <{ROOT}>; take it away",
        )

    # --- what the parser calls ----------------------------------------------------------------

    def _made(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8", None, None)  # None: no table of names that only grows
        parser.buffer_text = True
        parser.buffer_size = _TEXT_BUFFER
        parser.ordered_attributes = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        return parser

    def _doctype(self, *_: object) -> None:
        raise ExportError(
            "not-an-export",
            f"{self._name} has a document type declaration, which no export of Confluence has; take it away",
        )

    def _start(self, name: str, attributes: list[str]) -> None:
        self._depth = depth = self._depth + 1
        if name not in _NAMES or not _ATTRIBUTES.issuperset(attributes[::2]):
            self._count(name, attributes)
        if depth > _DEEPEST:
            raise _RefusedError("elements nested too deeply")
        if depth == _OBJECT:
            self._start_object(name, attributes)
        elif depth == 1:
            if name != ROOT:
                raise self._no_export()
            self._begun = True
            self.datetime = _attribute(attributes, "datetime")
        elif self._object is not None:
            if depth == _MEMBER:
                self._start_member(self._object, name, attributes)
            elif self._member:
                self._start_inner(self._object, name, depth)

    def _start_object(self, name: str, attributes: list[str]) -> None:
        class_ = _attribute(attributes, "class") or ""
        wanted = self._wanted.get(class_) if name == "object" else None
        package = _attribute(attributes, "package")
        if wanted is None or not (package is None or package.startswith(_PACKAGE)):
            self._object = None
            return
        self._object, self._class = XmlObject(class_), wanted

    def _start_member(self, object_: XmlObject, name: str, attributes: list[str]) -> None:
        self._member = ""
        if name == "id":
            self._listen(_Text.ID, _LONGEST_ID)
            return
        member = _attribute(attributes, "name") or ""
        if name == "property" and member in self._class.properties:
            self._member = member
            if _attribute(attributes, "class") is not None:
                object_.references.setdefault(member, "")
            self._listen(_Text.PROPERTY, self._class.limits.get(member, SMALL))
        elif name == "collection" and member in self._class.collections:
            self._member = member
            object_.elements.setdefault(member, [])

    def _start_inner(self, object_: XmlObject, name: str, depth: int) -> None:
        if self._member not in object_.elements:
            if name == "id" and depth == _INNER:
                self._listen(_Text.REFERENCE, _LONGEST_ID)
        elif (name == "element" and depth == _INNER) or (
            # An element that has no id may be one itself, as text.
            name == "id" and depth == _ELEMENT_ID and self._reading is _Text.ELEMENT
        ):
            self._listen(_Text.ELEMENT, _LONGEST_ID)

    def _listen(self, to: _Text, limit: int) -> None:
        self._reading, self._level = to, self._depth
        self._pieces.clear()
        self._left = limit
        self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        # The handler must not be taken away from in here: the parser would hand over the same text again.
        self._left -= len(text)
        if self._left >= 0:
            self._pieces.append(text)
        else:
            self._pieces.clear()

    def _end(self, _: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        object_ = self._object
        if object_ is None:
            return
        if depth == self._level and self._reading is not _Text.NONE:
            self._end_text(object_)
        if depth == _OBJECT:
            if object_.id:
                self._last = f"{object_.name} {object_.id}"
            self._done.append(object_)
            self._object = None

    def _end_text(self, object_: XmlObject) -> None:
        reading, member = self._reading, self._member
        text = "".join(self._pieces)
        if reading is _Text.ELEMENT:
            elements = object_.elements[member]
            if len(elements) >= _MOST_ELEMENTS:
                object_.cut.add(member)
            elif id_ := self._id(text):
                elements.append(id_)
        elif reading is _Text.PROPERTY:
            limit = self._class.limits.get(member, SMALL)
            if self._left < 0 or (not text.isascii() and len(text) * 4 > limit < len(text.encode())):
                object_.cut.add(member)
            elif member not in object_.references:
                object_.texts[member] = text
        elif reading is _Text.REFERENCE:
            object_.references[member] = object_.references.get(member) or self._id(text)
        elif not object_.id:
            object_.id = self._id(text)
        self._reading = _Text.NONE
        self._pieces.clear()
        self._parser.CharacterDataHandler = None

    def _id(self, text: str) -> str:
        """An id, or nothing where that cannot be one: ids go into messages."""
        found = text.strip()
        return found if found.isprintable() and " " not in found else ""

    def _count(self, name: str, attributes: list[str]) -> None:
        self._strange.update({name, *attributes[::2]} - _NAMES - _ATTRIBUTES)
        if len(self._strange) > _MOST_STRANGE:
            raise _RefusedError("more kinds of elements than an export has")


def _attribute(attributes: list[str], name: str) -> str | None:
    """The value of an attribute in a list of names and values in turn."""
    for at in range(0, len(attributes), 2):
        if attributes[at] == name:
            return attributes[at + 1]
    return None
