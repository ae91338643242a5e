"""Looks for words in every byte of a data folder: in the files as they are, and in all that is packed in them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

_ZSTD = b"\x28\xb5\x2f\xfd"
_GZIP = b"\x1f\x8b"


def found_in(folder: Path, *words: str) -> dict[str, list[str]]:
    """Word → the files below `folder` that hold it, in whatever case, by name or by content."""
    wanted = {word: word.lower().encode() for word in words}
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        held = [name.lower().encode()]
        if path.is_file():
            held += (data.lower() for data in _readings(path.read_bytes()))
        for word, raw in wanted.items():
            if any(raw in data for data in held):
                found.setdefault(word, []).append(name)
    return found


def _readings(data: bytes) -> Iterator[bytes]:
    """The bytes, and what they unpack to wherever something packed may begin: a page of SQLite holds many such."""
    yield data
    for begin in _places(data, _ZSTD):
        try:
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data[begin:])
        except zstandard.ZstdError:
            continue
    for begin in _places(data, _GZIP):
        try:
            yield gzip.decompress(data[begin:])
        except (OSError, EOFError, zlib.error):
            continue


def _places(data: bytes, sign: bytes) -> Iterable[int]:
    at = data.find(sign)
    while at >= 0:
        yield at
        at = data.find(sign, at + 1)
