"""How alike two blobs are, by the measure that Git itself uses to find renames. Pure.

Git cuts a file into lines, long ones into pieces of 64 bytes, and counts the bytes of those pieces
that both files have (diffcore-delta.c). Its hashes are replaced by the pieces themselves here.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_PIECE: Final = re.compile(rb"[^\n]{0,63}\n|[^\n]{1,64}")
_BINARY: Final = 8000
"""So many bytes are looked at for a NUL, which tells a binary file."""
LEAST: Final = 0.5
"""From here on Git takes a deleted and an added file for one that was renamed."""


def alike(before: bytes, after: bytes) -> bool:
    """Whether Git would call these a rename, by its default of half of the larger one."""
    larger, smaller = max(len(before), len(after)), min(len(before), len(after))
    if not smaller or smaller < larger * LEAST:
        return False
    held, kept = _pieces(before), _pieces(after)
    common = sum(min(size, kept[piece]) for piece, size in held.items() if piece in kept)
    # Whole numbers, as Git has them.
    return common * 60_000 // larger >= 30_000


def _pieces(data: bytes) -> Counter[bytes]:
    """Piece → bytes in all its occurrences."""
    if b"\0" not in data[:_BINARY]:
        data = data.replace(b"\r\n", b"\n")
    sizes: Counter[bytes] = Counter()
    for piece, times in Counter(_PIECE.findall(data)).items():
        sizes[piece] = times * len(piece)
    return sizes
