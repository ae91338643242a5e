"""Turns the names of files, which are bytes, into keys, which are text, and back without loss.

A file's name on Linux is any bytes but ``/`` and NUL; a key must be valid Unicode, since it is
stored, printed and sent as JSON. A name that is UTF-8 is its own key, in whatever normal form it
was written. Each byte that is not UTF-8 becomes U+FFFD and its two hexadecimal digits
(``caf`` and the byte E9 → ``caf�e9``), and the three bytes of a genuine U+FFFD are written the
same way, so that no two names ever share a key.
"""

from __future__ import annotations

import os
import re
from typing import Final

_MARK: Final = "\N{REPLACEMENT CHARACTER}"
_ESCAPED: Final = re.compile(f"{_MARK}([0-9a-f]{{2}})?")
_TO_ESCAPE: Final = re.compile(f"[{_MARK}\udc80-\udcff]")


def key_of(path: str) -> str:
    """The key of `path`, a name or a relative path as `os` gives it (undecodable bytes as surrogates)."""
    if path.isascii():
        return path
    # Back to bytes first: the locale's encoding need not be UTF-8, and keys must not depend on it.
    return key_of_bytes(os.fsencode(path))


def key_of_bytes(path: bytes) -> str:
    """The key of the raw bytes of a name or of a relative path."""
    return _TO_ESCAPE.sub(_escape, path.decode("utf-8", "surrogateescape"))


def path_of(key: str) -> bytes:
    """The raw bytes of the relative path that has this key; ValueError where no path could have it."""
    path = _ESCAPED.sub(_unescape, key).encode("utf-8", "surrogateescape")
    if b"\0" in path or key_of_bytes(path) != key:
        raise ValueError(f"no file name has the key {key!r}")
    return path


def _escape(match: re.Match[str]) -> str:
    raw = match[0].encode("utf-8", "surrogateescape")
    return "".join(f"{_MARK}{byte:02x}" for byte in raw)


def _unescape(match: re.Match[str]) -> str:
    if match[1] is None:
        raise ValueError(f"no file name has the key {match.string!r}")
    return (
        bytes.fromhex(match[1]).decode("latin-1")
        if int(match[1], 16) < 0x80
        else chr(0xDC00 + int(match[1], 16))
    )
