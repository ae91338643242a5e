"""The names in a ZIP file's directory, without unpacking anything: a bounded part of what it holds.

Layout: APPNOTE.TXT 4.3.12 (central directory) and 4.3.16 (its end).
"""

from __future__ import annotations

import struct
from typing import Final

_END: Final = b"PK\x05\x06"
_ENTRY: Final = b"PK\x01\x02"
_LONGEST_COMMENT: Final = 65_535
_MOST: Final = 4096
"""Entries that are looked at: the parts that tell a format stand among the first."""


def zip_names(data: bytes) -> tuple[str, ...] | None:
    """The first names in the directory, in its order; None if the file ends before it or it is damaged."""
    end = data.rfind(_END, max(0, len(data) - _LONGEST_COMMENT - 22))
    if end < 0 or end + 22 > len(data):
        return None
    size, offset = struct.unpack_from("<2I", data, end + 12)
    # Bytes before the archive shift everything; in ZIP64 the numbers say nothing, but its end is further on.
    start = end - size if size <= end else offset
    names: list[str] = []
    while len(names) < _MOST and data[start : start + 4] == _ENTRY and start + 46 <= len(data):
        name, extra, comment = struct.unpack_from("<3H", data, start + 28)
        names.append(data[start + 46 : start + 46 + name].decode("utf-8", "replace"))
        start += 46 + name + extra + comment
    return tuple(names) if names or not size else None
