"""What an opaquely signed mail says: the content inside a CMS message (RFC 5652, 5.1), without checking it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_CONSTRUCTED: Final = 0x20
_OBJECT_ID, _OCTETS, _SEQUENCE, _EXPLICIT = 0x06, 0x04, 0x30, 0xA0
_DEEPEST: Final = 16


@dataclass(frozen=True, slots=True)
class _Value:
    """One BER value: its tag octet, and where its content lies."""

    tag: int
    start: int
    end: int
    after: int


def signed_content(data: bytes) -> bytes | None:
    """The message inside `data` if that is signed and not encrypted; None if it is anything else."""
    try:
        return _content(data)
    except (IndexError, ValueError):
        return None


def _content(data: bytes) -> bytes | None:
    outer = _value(data, 0, len(data), 0)
    kind, wrapped = list(_inside(data, outer))[:2]
    if kind.tag != _OBJECT_ID or data[kind.start : kind.end] != _SIGNED_DATA or wrapped.tag != _EXPLICIT:
        return None
    signed = next(_inside(data, wrapped))
    enclosed = next(value for value in _inside(data, signed) if value.tag == _SEQUENCE)
    explicit = next((value for value in _inside(data, enclosed) if value.tag == _EXPLICIT), None)
    return None if explicit is None else b"".join(_octets(data, next(_inside(data, explicit)), 0))


def _octets(data: bytes, value: _Value, depth: int) -> Iterator[bytes]:
    if value.tag == _OCTETS:
        yield data[value.start : value.end]
    elif value.tag == _OCTETS | _CONSTRUCTED and depth < _DEEPEST:
        for part in _inside(data, value):
            yield from _octets(data, part, depth + 1)


def _inside(data: bytes, value: _Value) -> Iterator[_Value]:
    place = value.start
    while place < value.end:
        inner = _value(data, place, value.end, 0)
        yield inner
        place = inner.after


def _value(data: bytes, place: int, limit: int, depth: int) -> _Value:
    """The value at `place`, also one whose length is only told by the mark at its end (X.690, 8.1.3.6)."""
    tag, length = data[place], data[place + 1]
    start = place + 2
    if length == 0x80:
        if not tag & _CONSTRUCTED or depth > _DEEPEST:
            raise ValueError("no value of indefinite length")
        end = start
        while data[end : end + 2] != b"\x00\x00":
            end = _value(data, end, limit, depth + 1).after
        return _Value(tag, start, end, end + 2)
    if length > 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    end = start + length
    if end > limit:
        raise ValueError("longer than what holds it")
    return _Value(tag, start, end, end)
