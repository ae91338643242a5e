"""Tells formats by the bytes that they prescribe: those that a parser reads, and those that none does."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from indexer.parsing.formats import Format
from indexer.parsing.office import compound
from indexer.parsing.office.zip_names import zip_names

_PREFIXES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "PNG images"),
    (b"\xff\xd8\xff", "JPEG images"),
    (b"II*\x00", "TIFF images"),
    (b"MM\x00*", "TIFF images"),
    (b"\x00\x00\x01\x00", "icons"),
    (b"\x1aE\xdf\xa3", "Matroska media"),
    (b"\x1f\x8b", "gzip archives"),
    (b"\xfd7zXZ\x00", "xz archives"),
    (b"\x28\xb5\x2f\xfd", "zstd archives"),
    (b"7z\xbc\xaf\x27\x1c", "7z archives"),
    (b"Rar!\x1a\x07", "RAR archives"),
    (b"SQLite format 3\x00", "SQLite databases"),
    (b"\x7fELF", "executables"),
    (b"\xcf\xfa\xed\xfe", "executables"),
    (b"\xca\xfe\xba\xbe", "executables"),
    (b"\x00asm", "WebAssembly modules"),
    (b"!<arch>\n", "object libraries"),
    (b"OTTO\x00", "fonts"),
    (b"\x00\x01\x00\x00\x00", "fonts"),
    (b"\x78\x9f\x3e\x22", "Outlook attachments (winmail.dat)"),
)
_WORDS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"GIF87a", "GIF images"),
    (b"GIF89a", "GIF images"),
    (b"8BPS", "Photoshop images"),
    (b"AT&TFORM", "DjVu documents"),
    (b"ID3", "MP3 audio"),
    (b"OggS", "Ogg media"),
    (b"fLaC", "FLAC audio"),
    (b"PAR1", "Parquet tables"),
    (b"ARROW1", "Arrow tables"),
    (b"wOFF", "fonts"),
    (b"wOF2", "fonts"),
    (b"!BDN", "Outlook mailboxes"),
)
"""A text about such a format may begin so; in the format itself a NUL is never far."""
_BINARY_PREFIXES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"BM", "BMP images"),
    (b"BZh", "bzip2 archives"),
    (b"MZ", "executables"),
)
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_PARTS: Final[tuple[tuple[str, Format | str], ...]] = (
    ("word/", Format.DOCX),
    ("xl/", Format.XLSX),
    ("ppt/", Format.PPTX),
    ("visio/", "Visio drawings"),
    ("FixedDocSeq.fdseq", "XPS documents"),
)
_OTHER_ZIP_PARTS: Final[tuple[tuple[str, str], ...]] = (
    ("META-INF/MANIFEST.MF", "Java archives"),
    ("Index/Document.iwa", "Apple iWork documents"),
    ("Index.zip", "Apple iWork documents"),
)
_ODF_TYPES: Final[dict[bytes, Format | str]] = {
    b"text": Format.ODT,
    b"spreadsheet": Format.ODS,
    b"presentation": Format.ODP,
    b"graphics": "OpenDocument drawings",
}
_OLE_STREAMS: Final[tuple[tuple[str, Format | str], ...]] = (
    ("EncryptedPackage", "encrypted Office documents"),
    ("__properties_version1.0", Format.MSG),
    ("__nameid_version1.0", Format.MSG),
    ("WordDocument", Format.DOC),
    ("PowerPoint Document", Format.PPT),
    ("Workbook", Format.XLS),
    ("Book", Format.XLS),
    ("VisioDocument", "Visio drawings"),
)
_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_PGP: Final = b"-----BEGIN PGP MESSAGE-----"
_SECRET: Final = {
    "encrypted Office documents": "save it without a password",
    "encrypted messages": "save it decrypted",
}
_MAIL_HEADERS: Final = re.compile(
    rb"^(?:received|return-path|message-id|mime-version|delivered-to|content-type):",
    re.IGNORECASE | re.MULTILINE,
)
_ANY_MAIL_HEADER: Final = re.compile(rb"^(?:from|to|subject|date|x-[\w-]+):", re.IGNORECASE | re.MULTILINE)
_START: Final = 8192
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NEXT_MAIL: Final = re.compile(rb"\n\r?\nFrom [^\r\n]{1,200}\d{4}[^\r\n]{0,20}\r?\n[A-Za-z-]{1,60}:")

_OFFICE_ENDINGS: Final = (
    "doc docx docm dotx dotm pdf rtf odt ott odp otp ods ots epub ppt pptx pptm ppsx potx xls xlsx xlsm"
    " xlsb xltx xltm eml msg p7s p7m"
)
_ENDINGS: Final = frozenset(_OFFICE_ENDINGS.split())
"""Endings of documents that are no plain text: one without a byte is no empty document but a lost one."""
_NAME_ENDS: Final = bytes(4)
"""What follows a stream's name in a compound file's directory, and no word of a text."""
_WEB_PAGE_ENDINGS: Final = ("doc", "xls", "htm", "html")
"""Programs save "single file web pages", which have the form of a mail, under these too."""
_WEB_PAGE: Final = re.compile(rb"MIME-Version:.*^Content-Type:\s*multipart/related", re.I | re.M | re.S)
_WHOLE_MAIL_ENDINGS: Final = ("eml", "p7s", "p7m", "mht", "mhtml", "mbox")
_NOUNS: Final[dict[Format, str]] = {
    Format.DOC: "Word 97 document",
    Format.DOCX: "Word document",
    Format.EPUB: "EPUB book",
    Format.MSG: "Outlook message",
    Format.ODP: "OpenDocument presentation",
    Format.ODS: "OpenDocument spreadsheet",
    Format.ODT: "OpenDocument text",
    Format.PPT: "PowerPoint 97 presentation",
    Format.PPTX: "PowerPoint presentation",
    Format.XLS: "Excel 97 workbook",
    Format.XLSX: "Excel workbook",
}


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Something that has no parser, or in which a parser would find nothing."""

    kind: str
    """In the plural, such as ``PNG images``."""
    reason: str = "no-parser"
    """The code that `ParseError` gives it."""
    detail: str = ""
    """What is wrong with it; empty where the kind says all."""
    remedy: str = ""

    @property
    def message(self) -> str:
        """The line that tells a person."""
        return self.detail or f"no parser yet for {self.kind}"


def by_magic(data: bytes, ending: str) -> Format | Unparsable | None:
    """What `data` shows itself to be; None if it may be any text. Never raises, unpacks nothing.

    `ending` is the name's, in lower case. It only tells e-mail from text that looks like it and what
    an empty or damaged file was meant to be.
    """
    if not data and ending in _ENDINGS:
        return Unparsable(
            "empty files", "empty", "the file has no content (0 bytes)", "copy or download it again"
        )
    head = data[:1024]
    binary = b"\x00" in data[:4096]
    if head.startswith((b"%PDF-", b"{\\rtf")):
        return Format.PDF if head.startswith(b"%") else Format.RTF
    if head.startswith(_ZIP):
        return _named(_zip_kind(data, ending))
    if head.startswith(compound.SIGNATURE):
        return _named(_ole_kind(data))
    for prefix, name in (*_PREFIXES, *_WORDS) if binary else _PREFIXES:
        if head.startswith(prefix):
            return Unparsable(name)
    if b"%PDF-" in head and (binary or ending == "pdf"):
        return Format.PDF  # readers forgive what stands before the mark
    if binary and head.startswith(b"RIFF") and len(head) > 12:
        return Unparsable({b"WAVE": "WAV audio", b"WEBP": "WebP images"}.get(head[8:12], "RIFF media"))
    if binary and head[4:8] == b"ftyp":
        return Unparsable("MP4 media or HEIF images")
    if binary and head[257:262] == b"ustar":
        return Unparsable("tar archives")
    if head.startswith(_LFS_POINTER):
        return Unparsable(
            "Git LFS pointers",
            "lfs-pointer",
            "this is a pointer of Git LFS, not the document itself",
            "fetch the document with: git lfs pull",
        )
    if head.startswith(_PGP):
        return _named("encrypted messages")
    return _mail(data, ending)


def binary_kind(data: bytes, ending: str) -> Unparsable:
    """What `data` is, once it is known to be no text."""
    for prefix, name in _BINARY_PREFIXES:
        if data.startswith(prefix):
            return Unparsable(name)
    return _not_what_its_name_says(ending) if ending in _ENDINGS else Unparsable("binary data", "binary")


def _not_what_its_name_says(ending: str) -> Unparsable:
    detail = f"the file is damaged: nothing in it shows a document of the kind .{ending}"
    return Unparsable("damaged documents", "damaged", detail, "copy or download it again")


def _named(found: Format | Unparsable | str) -> Format | Unparsable:
    if isinstance(found, str):
        remedy = _SECRET.get(found)
        if remedy is None:
            return Unparsable(found)
        return Unparsable(found, "encrypted", "the document is protected by a password", remedy)
    return found


def _damaged(noun: str) -> Unparsable:
    """A container that is recognised, but ends too early or is broken where its directory should be."""
    article = "an" if noun[0] in "AEO" else "a"
    return Unparsable(
        f"damaged {noun}s",
        "damaged",
        f"the file is cut short or damaged: {article} {noun} without its directory",
        "copy or download it again",
    )


def _zip_kind(data: bytes, ending: str) -> Format | Unparsable | str:
    names = zip_names(data)
    declared = re.match(rb"mimetypeapplication/(epub\+zip|vnd\.oasis\.opendocument\.([a-z]+))", data[30:120])
    found: Format | str | None = None
    if declared is not None:
        found = Format.EPUB if declared[2] is None else _ODF_TYPES.get(declared[2], "OpenDocument files")
    elif names is None:
        # Cut short: the name before each member still stands in the bytes.
        found = next((kind for start, kind in _ZIP_PARTS if start.encode() in data), None)
    else:
        found = _parts(names, ending)
    if found is None:
        return "ZIP archives" if names or ending not in _ENDINGS else _not_what_its_name_says(ending)
    if names is None:
        return _damaged(_NOUNS[found] if isinstance(found, Format) else found.removesuffix("s"))
    return found


def _parts(names: tuple[str, ...], ending: str) -> Format | str | None:
    """What the parts of a whole archive show it to be."""
    if "META-INF/container.xml" in names and any(name.endswith(".opf") for name in names):
        return Format.EPUB
    if "content.xml" in names and "META-INF/manifest.xml" in names:
        return {"ods": Format.ODS, "ots": Format.ODS, "odp": Format.ODP, "otp": Format.ODP}.get(
            ending, Format.ODT
        )
    known = _ZIP_PARTS if any(name.lower() == "[content_types].xml" for name in names) else _OTHER_ZIP_PARTS
    for start, kind in known:
        if any(name.startswith(start) for name in names):
            return kind
    return None


def _ole_kind(data: bytes) -> Format | Unparsable | str:
    names = compound.root_names(data)
    for stream, kind in _OLE_STREAMS:
        if names is not None and stream in names:
            return kind
        if names is None and stream.encode("utf-16-le") + _NAME_ENDS in data:
            return _damaged(_NOUNS[kind]) if isinstance(kind, Format) else kind
    return "OLE documents" if names is not None else _damaged("Office 97 document")


def _mail(data: bytes, ending: str) -> Format | Unparsable | None:
    head = re.split(rb"\r?\n\r?\n", _start(data), maxsplit=1)[0]
    if ending in _WHOLE_MAIL_ENDINGS:
        found = bool(_MAIL_HEADERS.search(head) or _ANY_MAIL_HEADER.search(head))
    elif ending in _WEB_PAGE_ENDINGS:
        return Format.EML if _WEB_PAGE.match(head) else None
    elif ending or not re.match(rb"[A-Za-z-]+:|From ", head):
        return None
    else:
        found = bool(_MAIL_HEADERS.search(head) and _ANY_MAIL_HEADER.search(head))
    if not found:
        return None
    if data.startswith(b"From ") and _NEXT_MAIL.search(data):
        return Unparsable("mailboxes of several messages")
    return Format.EML


def _start(data: bytes) -> bytes:
    """The first 8 KiB, in UTF-8 where a mark says that an editor saved it otherwise."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) : 2 * _START].decode(encoding, "ignore").encode()
    return data[:_START]
