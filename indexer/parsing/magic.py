"""Names what cannot be parsed yet, by the bytes that its format prescribes."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

_PREFIXES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"{\\rtf", "RTF documents"),
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
    (b"-----BEGIN PGP MESSAGE-----", "encrypted messages"),
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
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS: Final = (
    ("EncryptedPackage", "encrypted Office documents"),
    ("WordDocument", "Word 97 documents"),
    ("PowerPoint Document", "PowerPoint 97 presentations"),
    ("Workbook", "Excel 97 workbooks"),
    ("__nameid_version1.0", "Outlook messages"),
)
_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_MAIL_HEADERS: Final = re.compile(
    rb"^(?:received|return-path|message-id|mime-version|delivered-to|content-type):",
    re.IGNORECASE | re.MULTILINE,
)
_ANY_MAIL_HEADER: Final = re.compile(rb"^(?:from|to|subject|date|x-[\w-]+):", re.IGNORECASE | re.MULTILINE)


def unparsable(data: bytes, ending: str) -> str | None:
    """The name, in the plural, of the format without a parser that `data` is in; None if its bytes show none.

    `ending` is the name's, in lower case, and only tells e-mail from text that looks like it.
    """
    head = data[:1024]
    binary = b"\x00" in data[:4096]
    if b"%PDF-" in head and (head.startswith(b"%PDF-") or binary or ending == "pdf"):
        return "PDF documents"
    for prefix, name in (*_PREFIXES, *_WORDS) if binary else _PREFIXES:
        if head.startswith(prefix):
            return name
    if head.startswith(_ZIP):
        return _zip_kind(data)
    if head.startswith(_OLE):
        return _ole_kind(data)
    if binary and head.startswith(b"RIFF") and len(head) > 12:
        return {b"WAVE": "WAV audio", b"WEBP": "WebP images"}.get(head[8:12], "RIFF media")
    if binary and head[4:8] == b"ftyp":
        return "MP4 media or HEIF images"
    if binary and head[257:262] == b"ustar":
        return "tar archives"
    if head.startswith(_LFS_POINTER):
        return "Git LFS pointers"
    return "e-mail messages" if _is_mail(data, ending) else None


def binary_kind(data: bytes) -> str:
    """The name of the format that `data` is in, once it is known to be no text."""
    for prefix, name in _BINARY_PREFIXES:
        if data.startswith(prefix):
            return name
    return "binary data"


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        names = []  # cut short: the names before each member still stand in the bytes

    def holds(start: str) -> bool:
        return any(name.startswith(start) for name in names) if names else start.encode() in data

    for start, kind in (
        ("word/", "Word documents"),
        ("xl/", "Excel workbooks"),
        ("ppt/", "PowerPoint presentations"),
        ("META-INF/MANIFEST.MF", "Java archives"),
    ):
        if holds(start):
            return kind
    declared = data[30:120]
    if b"mimetypeapplication/epub+zip" in declared:
        return "EPUB books"
    return "OpenDocument files" if b"mimetypeapplication/vnd.oasis" in declared else "ZIP archives"


def _ole_kind(data: bytes) -> str:
    for stream, kind in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return kind
    return "OLE documents"


def _is_mail(data: bytes, ending: str) -> bool:
    head = re.split(rb"\r?\n\r?\n", data[:8192], maxsplit=1)[0]
    if ending in ("eml", "p7s", "p7m", "mbox"):
        return bool(_MAIL_HEADERS.search(head) or _ANY_MAIL_HEADER.search(head))
    if ending or not re.match(rb"[A-Za-z-]+:|From ", head):
        return False
    return bool(_MAIL_HEADERS.search(head) and _ANY_MAIL_HEADER.search(head))
