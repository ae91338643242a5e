"""The body of Outlook mail that has only RTF, which is stored compressed ([MS-OXRTFCP])."""

from __future__ import annotations

import struct
from typing import Final

_INITIAL: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What the dictionary holds at the start (2.1.2.1)."""
_SIZE: Final = 4096
_COMPRESSED: Final = 0x75465A4C
_PLAIN: Final = 0x414C454D
_LARGEST: Final = 64 << 20


def decompressed(data: bytes) -> bytes:
    """RTF as it was before it was compressed. Raises `ValueError` where `data` is no such thing."""
    if len(data) < 16:
        raise ValueError("too short for compressed RTF")
    _, size, kind = struct.unpack_from("<3I", data)
    if kind == _PLAIN:
        return data[16 : 16 + size]
    if kind != _COMPRESSED or size > _LARGEST:
        raise ValueError("no compressed RTF")
    window = bytearray(_INITIAL.ljust(_SIZE, b"\x00"))
    write = len(_INITIAL)
    made = bytearray()
    place = 16
    while place < len(data) and len(made) < size:
        control = data[place]
        place += 1
        for bit in range(8):
            if control >> bit & 1:
                if place + 2 > len(data):
                    return bytes(made)
                (reference,) = struct.unpack_from(">H", data, place)
                place += 2
                read, length = reference >> 4, (reference & 15) + 2
                if read == write:  # the mark of the end
                    return bytes(made)
                for step in range(length):  # what is copied may have been written a moment ago
                    byte = window[(read + step) % _SIZE]
                    made.append(byte)
                    window[write] = byte
                    write = (write + 1) % _SIZE
            elif place < len(data):
                made.append(data[place])
                window[write] = data[place]
                write = (write + 1) % _SIZE
                place += 1
    return bytes(made[:size])
