"""How a manifest is stored: runs of passage numbers, separators and pages, a byte or two an entry.

A million versions of forty passages have to fit in 200 MB, so that entries are differences between
neighbouring passage numbers (nearly always 1, as numbers are drawn in order of first appearance),
and separators and pages, which seldom change from one entry to the next, are stored as runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TypeVar

from indexer.model import ManifestEntry

_V = TypeVar("_V")

_KNOWN_SEPARATORS = ("", "\n\n", "\n", " ")
"""Numbers 0 to 3. Part of the stored format: append only."""
_OTHER_SEPARATOR = 15


def encode(entries: Sequence[ManifestEntry]) -> bytes:
    """Pack `entries`; `decode` gives them back exactly."""
    out = bytearray()
    _put(out, len(entries))
    previous = 0
    for entry in entries:
        _put(out, _zigzag(entry.passage_no - previous))
        previous = entry.passage_no
    for separator, run in groupby(entry.separator for entry in entries):
        _put(out, sum(1 for _ in run))
        if separator in _KNOWN_SEPARATORS:
            _put(out, _KNOWN_SEPARATORS.index(separator))
        else:
            raw = separator.encode()
            _put(out, _OTHER_SEPARATOR)
            _put(out, len(raw))
            out += raw
    for page, pages in groupby(entry.page for entry in entries):
        _put(out, sum(1 for _ in pages))
        _put(out, 0 if page is None else page + 1)
    return bytes(out)


def decode(data: bytes) -> tuple[ManifestEntry, ...]:
    """The entries that `encode` packed. Raises `ValueError` where the bytes are damaged."""
    numbers = _Numbers(data)
    count = numbers.take()
    if count > len(data):
        raise ValueError("manifest is cut short")
    passages: list[int] = []
    previous = 0
    for _ in range(count):
        previous += _unzigzag(numbers.take())
        passages.append(previous)
    separators: list[str] = []
    while len(separators) < count:
        run, code = numbers.take(), numbers.take()
        if code == _OTHER_SEPARATOR:
            separator = numbers.bytes(numbers.take()).decode()
        elif code < len(_KNOWN_SEPARATORS):
            separator = _KNOWN_SEPARATORS[code]
        else:
            raise ValueError("manifest names an unknown separator")
        separators.extend(_repeat(separator, run, count))
    pages: list[int | None] = []
    while len(pages) < count:
        run, page = numbers.take(), numbers.take()
        pages.extend(_repeat(page - 1 if page else None, run, count))
    if len(separators) != count or len(pages) != count or not numbers.done:
        raise ValueError("manifest does not add up")
    return tuple(map(ManifestEntry, passages, separators, pages))


def passage_numbers(data: bytes) -> list[int]:
    """Only the passage numbers, in order: cheaper than `decode` where the text is not needed.

    A search in one version of every document reads tens of thousands of manifests, so that this is written out.
    """
    if data and data[0] < 0x80 and len(data) > data[0]:
        left = data[0]
        passages: list[int] = []
        number = value = shift = 0
        for byte in memoryview(data)[1:]:
            if not left:
                break
            if byte >= 0x80:
                value |= (byte & 0x7F) << shift
                shift += 7
                continue
            value |= byte << shift
            number += -((value + 1) >> 1) if value & 1 else value >> 1
            passages.append(number)
            value = shift = 0
            left -= 1
        if not left:
            return passages
    return _passage_numbers(data)


def _passage_numbers(data: bytes) -> list[int]:
    """The same for any manifest, damaged ones too: `ValueError` says what is wrong."""
    numbers = _Numbers(data)
    passages: list[int] = []
    previous = 0
    for _ in range(numbers.take()):
        previous += _unzigzag(numbers.take())
        passages.append(previous)
    return passages


def _repeat(value: _V, run: int, limit: int) -> list[_V]:
    if not 0 < run <= limit:
        raise ValueError("manifest has a run that does not fit")
    return [value] * run


class _Numbers:
    """Reads unsigned LEB128 numbers and raw bytes off a buffer."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at == len(self._data)

    def take(self) -> int:
        data, at = self._data, self._at
        value = shift = 0
        try:
            while (byte := data[at]) >= 0x80:
                value |= (byte & 0x7F) << shift
                shift += 7
                at += 1
        except IndexError:
            raise ValueError("manifest is cut short") from None
        self._at = at + 1
        return value | byte << shift

    def bytes(self, length: int) -> bytes:
        raw = self._data[self._at : self._at + length]
        if len(raw) != length:
            raise ValueError("manifest is cut short")
        self._at += length
        return raw


def _put(out: bytearray, value: int) -> None:
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _unzigzag(value: int) -> int:
    return -((value + 1) >> 1) if value & 1 else value >> 1
