"""The directory of an OLE compound file, which holds Office 97 documents and Outlook messages.

Only names are read, a bounded number of them and never recursively, so that detection can afford
it. Layout: [MS-CFB] 2.2 (header), 2.3 and 2.5 (allocation table) and 2.6 (directory).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY: Final = 128
_ROOT: Final = 5
"""The kind of the directory's first entry."""
_IN_HEADER: Final = 109
"""Sectors of the allocation table that the header lists; larger files have more, listed elsewhere."""
_MOST_SECTORS: Final = 1024
"""Sectors that are followed in one chain; more are of no document's directory."""
_RESERVED: Final = 0xFFFFFFFA
"""From here on numbers are no sectors but marks."""
_NONE: Final = 0xFFFFFFFF


def root_names(data: bytes) -> frozenset[str] | None:
    """The names of the streams and folders at the top of the file; None if it is too damaged to tell."""
    try:
        entries = b"".join(_directory(data))
        if entries[66] != _ROOT:  # where a download stopped, nothing but zeros may stand there
            return None
        (child,) = struct.unpack_from("<I", entries, 76)
        return frozenset(_names(entries, child)) or None
    except (struct.error, IndexError, ValueError):
        return None


def is_cut_short(data: bytes) -> bool:
    """Whether the last sector that the file's allocation table says is used begins beyond its end."""
    try:
        size = _sector_size(data)
        table = _table(data, size)
        last = struct.unpack_from(f"<{size // 4}I", data, (table[-1] + 1) * size)
    except (struct.error, IndexError, ValueError):
        return True
    used = max((place for place, after in enumerate(last) if after != _NONE), default=0)
    return ((len(table) - 1) * (size // 4) + used + 1) * size >= len(data)


def _directory(data: bytes) -> Iterator[bytes]:
    size = _sector_size(data)
    table = _table(data, size)
    (sector,) = struct.unpack_from("<I", data, 48)
    for _ in range(_MOST_SECTORS):
        if sector >= _RESERVED:
            return
        yield data[(sector + 1) * size : (sector + 2) * size]
        place, entry = divmod(sector, size // 4)
        (sector,) = struct.unpack_from("<I", data, (table[place] + 1) * size + entry * 4)


def _names(entries: bytes, child: int) -> Iterator[str]:
    """The names in the tree of siblings that `child` is the root of."""
    waiting, seen = [child], {_NONE}
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        start = number * _ENTRY
        (length,) = struct.unpack_from("<H", entries, start + 64)
        yield entries[start : start + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        waiting.extend(struct.unpack_from("<2I", entries, start + 68))


def _sector_size(data: bytes) -> int:
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in (9, 12):
        raise ValueError(shift)
    return int(1 << shift)


def _table(data: bytes, size: int) -> list[int]:
    """The sectors that the allocation table stands in."""
    listed = list(struct.unpack_from(f"<{_IN_HEADER}I", data, 76))
    (more,) = struct.unpack_from("<I", data, 68)
    for _ in range(_MOST_SECTORS):
        if more >= _RESERVED:
            break
        *numbers, more = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        listed += numbers
    return [sector for sector in listed if sector < _RESERVED]
