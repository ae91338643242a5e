"""Tiny PDF files, written by hand: text at positions, bookmarks, forms, notes, attachments, encryption."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

FONTS = {"regular": "Helvetica", "bold": "Helvetica-Bold", "mono": "Courier"}
WIDTH, HEIGHT = 595, 842
_NAMELESS = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def
1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <20> <7E> <E020> endbfrange endcmap end end"""
"""A map from the font "nameless" to characters for private use, as fonts without names for their letters have."""
_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


@dataclass(frozen=True)
class Words:
    """A line of text; `down` counts from the top of the page."""

    text: str
    left: float = 72
    down: float = 100
    size: float = 10
    font: str = "regular"
    tag: str = ""
    """What the document's structure says it is, such as ``H2`` or ``Artifact``."""


@dataclass(frozen=True)
class Sheet:
    """One page."""

    words: Sequence[Words] = ()
    picture: bool = False
    """Covered by an image."""
    turned: int = 0
    """Degrees by which viewers turn the page."""
    notes: Sequence[str] = ()
    fields: Sequence[tuple[str, str, float, float]] = ()
    """Form fields: name, value, left, down."""
    extra: str = ""
    """More operators for the content."""


@dataclass
class _Objects:
    bodies: list[bytes] = field(default_factory=list)

    def add(self, body: str | bytes) -> int:
        self.bodies.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(self.bodies)

    def set(self, number: int, body: str) -> None:
        self.bodies[number - 1] = body.encode("latin-1")


def pdf(
    *sheets: Sheet,
    info: dict[str, str] | None = None,
    outline: Sequence[tuple[str, int]] = (),
    files: dict[str, bytes] | None = None,
    password: str | None = None,
    xmp: str = "",
    fonts: dict[str, str] = FONTS,
) -> bytes:
    """A document; `outline` holds titles with their pages from 1, `password` is the one that opens it."""
    made = _Objects()
    key = _key(password) if password is not None else None
    catalog, pages = made.add(""), made.add("")
    dictionary = " ".join(
        f"/{name} {made.add(f'<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>')} 0 R"
        for name, font in fonts.items()
    )
    letters = made.add(_stream("", _NAMELESS))
    nameless = made.add(
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode {letters} 0 R >>"
    )
    dictionary += f" /nameless {nameless} 0 R"
    image = made.add(
        _stream(
            "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
            b"\x80",
        )
    )
    kids, fields = [], []
    for sheet in sheets:
        annotations = [made.add(_note(text)) for text in sheet.notes]
        for name, value, left, down in sheet.fields:
            box = f"[{left} {HEIGHT - down - 4} {left + 150} {HEIGHT - down + 10}]"
            number = made.add(
                f"<< /Type /Annot /Subtype /Widget /FT /Tx /T {_text(name)} /V {_text(value)} /Rect {box} /F 4 >>"
            )
            fields.append(number)
            annotations.append(number)
        number = len(made.bodies) + 1
        content = _encrypted(_content(sheet), key, number)
        stream = made.add(_stream("", content))
        kids.append(
            made.add(
                f"<< /Type /Page /Parent {pages} 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Rotate {sheet.turned}"
                f" /StructParents {len(kids)} /Contents {stream} 0 R /Resources << /Font << {dictionary} >> /XObject << /Im {image} 0 R >> >>"
                f" /Annots [{' '.join(f'{entry} 0 R' for entry in annotations)}] >>"
            )
        )
    made.set(pages, f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>")
    more = _structure(made, sheets, kids)
    if fields:
        more += f" /AcroForm << /Fields [{' '.join(f'{entry} 0 R' for entry in fields)}] >>"
    if outline:
        more += f" /Outlines {_outline(made, outline, kids)} 0 R"
    if files:
        more += f" /Names << /EmbeddedFiles << /Names [{' '.join(_file(made, *entry) for entry in files.items())}] >> >>"
    if xmp:
        more += f" /Metadata {made.add(_stream('/Type /Metadata /Subtype /XML', xmp.encode()))} 0 R"
    made.set(catalog, f"<< /Type /Catalog /Pages {pages} 0 R{more} >>")
    trailer = f"/Root {catalog} 0 R"
    if info:
        said = " ".join(f"/{name} {_text(value)}" for name, value in info.items())
        trailer += f" /Info {made.add(f'<< {said} >>')} 0 R"
    if key is not None:
        trailer += f" /Encrypt {made.add(_encryption(key))} 0 R /ID [<{_ID.hex()}> <{_ID.hex()}>]"
    return _file_of(made.bodies, trailer)


def prose(
    *lines: str, left: float = 72, down: float = 100, step: float = 12, font: str = "regular"
) -> list[Words]:
    """Lines of text under each other."""
    return [Words(line, left, down + number * step, font=font) for number, line in enumerate(lines)]


def _content(sheet: Sheet) -> bytes:
    parts = [f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /Im Do Q"] if sheet.picture else []
    for number, words in enumerate(sheet.words):
        place = f"1 0 0 1 {words.left} {HEIGHT - words.down} Tm"
        shown = f"BT /{words.font} {words.size} Tf {place} {_text(words.text)} Tj ET"
        parts.append(f"/{words.tag} << /MCID {number} >> BDC {shown} EMC" if words.tag else shown)
    return "\n".join([*parts, sheet.extra]).encode("latin-1")


def _structure(made: _Objects, sheets: Sequence[Sheet], kids: Sequence[int]) -> str:
    """The structure tree of words that are tagged; empty if none is."""
    if not any(words.tag for sheet in sheets for words in sheet.words):
        return ""
    root, parents, children = made.add(""), [], []
    for page, (sheet, kid) in enumerate(zip(sheets, kids, strict=True)):
        elements = []
        for number, words in enumerate(sheet.words):
            entry = f"<< /Type /StructElem /S /{words.tag or 'P'} /P {root} 0 R /Pg {kid} 0 R /K {number} >>"
            elements.append(f"{made.add(entry)} 0 R")
        parents.append(f"{page} [{' '.join(elements)}]")
        children.extend(elements)
    tree = f"/ParentTree << /Nums [{' '.join(parents)}] >>"
    made.set(root, f"<< /Type /StructTreeRoot /K [{' '.join(children)}] {tree} >>")
    return f" /MarkInfo << /Marked true >> /StructTreeRoot {root} 0 R"


def _text(text: str) -> str:
    try:
        data = text.encode("cp1252")
    except UnicodeEncodeError:
        data = b"\xfe\xff" + text.encode("utf-16-be")
    return f"<{data.hex()}>"


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _note(text: str) -> str:
    return f"<< /Type /Annot /Subtype /Text /Rect [500 700 520 720] /T <416e6e> /Contents {_text(text)} >>"


def _outline(made: _Objects, outline: Sequence[tuple[str, int]], kids: Sequence[int]) -> int:
    root = made.add("")
    first = root + 1
    for number, (title, page) in enumerate(outline):
        following = f" /Next {first + number + 1} 0 R" if number + 1 < len(outline) else ""
        made.add(
            f"<< /Title {_text(title)} /Parent {root} 0 R /Dest [{kids[page - 1]} 0 R /Fit]{following} >>"
        )
    made.set(
        root, f"<< /Type /Outlines /First {first} 0 R /Last {len(made.bodies)} 0 R /Count {len(outline)} >>"
    )
    return root


def _file(made: _Objects, name: str, data: bytes) -> str:
    stream = made.add(_stream("/Type /EmbeddedFile", data))
    entry = made.add(f"<< /Type /Filespec /F {_text(name)} /UF {_text(name)} /EF << /F {stream} 0 R >> >>")
    return f"{_text(name)} {entry} 0 R"


def _file_of(bodies: Sequence[bytes], trailer: str) -> bytes:
    data = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(data)
    return data + (
        f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(bodies) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    ).encode("latin-1")


# --- the standard security handler, revision 2 (ISO 32000-1, 7.6.3) ---------------------------

_ID = b"0123456789abcdef"
_OWNER = bytes(range(32))
_PERMISSIONS = -4


def _key(password: str) -> bytes:
    padded = (password.encode("latin-1") + _PADDING)[:32]
    permissions = _PERMISSIONS.to_bytes(4, "little", signed=True)
    return hashlib.md5(padded + _OWNER + permissions + _ID).digest()[:5]


def _encryption(key: bytes) -> str:
    user = _rc4(key, _PADDING)
    return f"<< /Filter /Standard /V 1 /R 2 /O <{_OWNER.hex()}> /U <{user.hex()}> /P {_PERMISSIONS} >>"


def _encrypted(data: bytes, key: bytes | None, number: int) -> bytes:
    if key is None:
        return data
    return _rc4(hashlib.md5(key + number.to_bytes(3, "little") + b"\x00\x00").digest()[:10], data)


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    made, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        made.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(made)
