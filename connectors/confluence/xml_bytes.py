"""The bytes of an ``entities.xml`` made fit for an XML parser: UTF-8 without characters that XML forbids.

Confluence writes what people typed, control characters included, and a parser has to stop at those.
They are left out; of bytes that are no text at all each run becomes U+FFFD.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

PIECE: Final = 1 << 18
"""Bytes that are read at once."""
_FORBIDDEN: Final = bytes(code for code in range(32) if code not in (9, 10, 13))
_NONCHARACTERS: Final = re.compile(b"\xef\xbf[\xbe\xbf]")
"""U+FFFE and U+FFFF."""
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""How UTF-16 shows without a mark: by the first character of every XML file."""
_HONOURED: Final = re.compile(r"ascii|iso8859-\d+|cp\d+|koi8-\w|mac-\w+|gb\w+|big5\w*|shift_jis\w*|euc_\w+")
"""Encodings that are honoured where a file declares them. One that could be read so far is not UTF-16 whatever it
says, and Python knows codecs that are no encodings."""


class CleanBytes:
    """Reads a file in pieces that a parser for UTF-8 takes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._read = 0
        self._given = 0
        self.mended: int | None = None
        """Where the first bytes lie that are no text in the file's encoding, if there are any."""

    def pieces(self) -> Iterator[bytes]:
        """The cleaned pieces, in order."""
        decoder: codecs.IncrementalDecoder | None = None
        while True:
            raw = self._stream.read(PIECE)
            if decoder is None:
                name, mark = _encoding(raw)
                decoder = codecs.getincrementaldecoder(name)("strict")
                text = self._decoded(decoder, raw[mark:], not raw)
            else:
                text = self._decoded(decoder, raw, not raw)
            clean = text.encode("utf-8", "replace").translate(None, _FORBIDDEN)
            if b"\xef\xbf" in clean:
                clean = _NONCHARACTERS.sub(b"", clean)
            self._read += len(raw)
            self._given += len(clean)
            if clean:
                yield clean
            if not raw:
                return

    def place(self, given: int) -> int:
        """About where in the file the byte lies that is number `given` of what was handed out last."""
        back = self._given - given
        return max(self._read - back, 0)

    def _decoded(self, decoder: codecs.IncrementalDecoder, raw: bytes, final: bool) -> str:
        try:
            return decoder.decode(raw, final)
        except UnicodeDecodeError as error:
            if self.mended is None and not final:
                self.mended = self._read + error.start
            # From here on; whatever else is wrong later on is no worse.
            decoder.errors = "replace"
            return decoder.decode(raw, final)


def _encoding(beginning: bytes) -> tuple[str, int]:
    """The encoding of a file by its first bytes, and how many of them are a mark of it."""
    for mark, name in _MARKS:
        if beginning.startswith(mark):
            return name, len(mark)
    for first, name in _UNMARKED:
        if beginning.startswith(first):
            return name, 0
    declared = _DECLARED.match(beginning)
    if declared is None:
        return "utf-8", 0
    try:
        found = codecs.lookup(declared[1].decode("ascii")).name
    except LookupError:
        return "utf-8", 0
    return (found if _HONOURED.fullmatch(found) else "utf-8"), 0
