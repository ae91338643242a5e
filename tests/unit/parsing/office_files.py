"""Office files for tests, built byte by byte."""

from __future__ import annotations

import struct

from indexer.parsing.office.compound import SIGNATURE

_FREE = 0xFFFFFFFF
_END = 0xFFFFFFFE


def compound_file(*names: str, inside: bytes = b"") -> bytes:
    """A compound file with empty streams of these names; `inside` lies in an unnamed sector at its end.

    Its sectors: the allocation table, the directory, then `inside`.
    """
    entries = [_entry("Root Entry", kind=5, child=1)]
    entries += [
        _entry(name, kind=2, right=number + 2 if number + 1 < len(names) else _FREE)
        for number, name in enumerate(names)
    ]
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * 512, b"\0")
    content = inside.ljust(-(-len(inside) // 512) * 512, b"\0")
    in_directory, in_content = len(directory) // 512, len(content) // 512
    chain = [0xFFFFFFFD, *range(2, in_directory + 1), _END, *[_END] * in_content]
    table = struct.pack("<128I", *chain, *[_FREE] * (128 - len(chain)))
    header = SIGNATURE + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<9I", 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    header += struct.pack("<108I", *[_FREE] * 108)
    return header + table + directory + content


def _entry(name: str, *, kind: int, child: int = _FREE, right: int = _FREE) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<3I", _FREE, right, child)
    return (encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1) + links + bytes(36)).ljust(
        124, b"\0"
    ) + bytes(4)
