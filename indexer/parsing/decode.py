"""Makes text of bytes, or tells that they are no text.

In order: a byte order mark, UTF-16 that shows by its NUL bytes, a charset that HTML or XML
declares, UTF-8 (a few broken bytes are forgiven), Windows-1252, and last what the statistics of
charset-normalizer say.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

SAMPLE: Final = 32_768
"""Bytes that are looked at where a guess needs no more."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(
    rb"<\?xml[^>]{0,100}\bencoding\s*=\s*[\"']([\w.:-]{1,40})|<meta\b[^>]{0,200}\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})",
    re.IGNORECASE,
)
_NOT_CHARSETS: Final = frozenset(
    {
        "idna",
        "mbcs",
        "oem",
        "palmos",
        "punycode",
        "raw-unicode-escape",
        "undefined",
        "unicode-escape",
        "utf-7",
    }
)
_CONTROLS: Final = bytes({*range(32), 127} - {8, 9, 10, 11, 12, 13, 27})
"""Bytes that no text holds; a terminal's log has 8 and 27."""
_HIGH: Final = bytes(range(128, 256))
_MOST_CONTROLS: Final = 0.01
"""Share of control characters from which on something is no text."""
_WESTERN: Final = frozenset(
    "ÄÖÜäöüßÀÂÇÈÉÊËÎÏÔŒÙÛàâçèéêëîïôœùûÁÍÓÚÑáíóúñ¿¡ÅÆØåæøÃÕãõÌÒìòÐÞðþÝýŸÿ€‚„…‘’“”•–—™£§©«»®°·\xa0"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the encoding it was read by. No byte order mark; lines end in line feeds."""

    text: str
    encoding: str
    replaced: int = 0
    """How many undecodable places became U+FFFD."""

    @property
    def remark(self) -> str | None:
        """What is worth telling about the encoding; None for flawless UTF-8."""
        if self.replaced:
            return f"{self.encoding}, {self.replaced} undecodable"
        return None if self.encoding == "utf-8" else self.encoding


def decode(data: bytes) -> Decoded | None:
    """The text that `data` stands for; None if it is binary. Never raises, linear in the length."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _textual(_lenient(data[len(mark) :], encoding))
    if b"\x00" in data:
        wide = _wide_encoding(data)
        return None if wide is None else _textual(_strict(data, wide))
    if len(data.translate(None, _CONTROLS)) < len(data) * (1 - _MOST_CONTROLS):
        return None
    utf8 = _strict(data, "utf-8")
    if utf8 is not None and (b"\x1b" not in data or not data.isascii()):
        return utf8
    return _textual(_declared(data)) or utf8 or _textual(_guessed(data))


def _strict(data: bytes, encoding: str) -> Decoded | None:
    try:
        text = data.decode(encoding)
    except UnicodeError:
        return None
    return Decoded(_lines(text), encoding)


def _lenient(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    return _strict(data, encoding) or Decoded(_lines(text), encoding, max(1, text.count("\ufffd")))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _textual(decoded: Decoded | None) -> Decoded | None:
    """`decoded`, unless the result reads like binary data."""
    if decoded is None:
        return None
    sample = decoded.text[:SAMPLE]
    odd = sum(
        1
        for character in sample
        if character == "\ufffd"
        or (unicodedata.category(character) in _ODD and character not in "\t\n\f\v\x1b\b")
    )
    return decoded if odd <= len(sample) * 0.05 else None


_ODD: Final = frozenset({"Cc", "Cn", "Co"})


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a mark: the zero bytes of Western letters, blanks and digits stand on one side."""
    sample = data[: SAMPLE & ~1]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 or max(even, odd) * 10 < len(sample) // 2 or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _declared(data: bytes) -> Decoded | None:
    """What HTML or XML say of themselves near their start, if it is true of all of `data`."""
    found = _DECLARED.search(data[:4096])
    if found is None:
        return None
    name = (found[1] or found[2]).decode("ascii").lower().replace("_", "-")
    if name in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"):
        name = "cp1252"  # as every browser reads them
    try:
        if codecs.lookup(name).name.replace("_", "-") in _NOT_CHARSETS:
            return None
        return _strict(data, name)
    except LookupError:
        return None  # an unknown name, or a codec that gives no text: the declaration is no help


def _guessed(data: bytes) -> Decoded | None:
    """`data` is not UTF-8 as it stands, and nothing says what it is."""
    lenient = _lenient(data, "utf-8")
    beyond_ascii = len(lenient.text) - len(lenient.text.encode("ascii", errors="ignore")) - lenient.replaced
    if lenient.replaced * 10 <= beyond_ascii:
        return lenient
    high = len(data) - len(data.translate(None, _HIGH))
    western = _strict(data, "cp1252")
    if western is not None and high * 4 <= len(data) and _WESTERN.issuperset(_beyond_ascii(western.text)):
        return western
    encoding = _statistics(data)
    if encoding is not None:
        return _lenient(data, encoding)
    return _lenient(data, "cp1252") if high * 4 <= len(data) else None


def _beyond_ascii(text: str) -> set[str]:
    return {character for character in set(text) if not character.isascii()}


def _statistics(data: bytes) -> str | None:
    """The encoding that charset-normalizer finds most plausible for the lines beyond ASCII."""
    from charset_normalizer import from_bytes  # slow to load, and few documents need it

    sample = bytearray()
    for line in re.finditer(rb"[^\n]*[\x80-\xff][^\n]*\n?", data):
        sample += line[0][: SAMPLE - len(sample)]
        if len(sample) >= SAMPLE:
            break
    best = from_bytes(bytes(sample)).best()
    return None if best is None else best.encoding.replace("_", "-")
