"""Which files one version of a passages table consists of, read from the version's own file.

Lance writes a version as a Protocol Buffers message (lance's `protos/table.proto`); only the fields that
name files are read here, and no library is loaded for it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from indexer.errors import DamagedStoreError
from indexer.ports import VersionGoneError
from indexer.store.passages.faults import REBUILD
from indexer.store.passages.upkeep import version_file

_MAGIC: Final = b"LANC"
_FOOTER: Final = 16
"""Bytes: where the message begins, the format's version, `_MAGIC`."""
# Fields of Manifest, DataFragment, DataFile, DeletionFile, IndexSection, IndexMetadata and UUID, by number.
_FRAGMENTS, _INDEXES, _TRANSACTION = 2, 6, 12
_FRAGMENT_ID, _DATA_FILES, _DELETION_FILE = 1, 2, 3
_PATH: Final = 1
_DELETION_TYPE, _READ_VERSION, _DELETION_ID = 1, 2, 3
_INDEX: Final = 1
_UUID: Final = 1
_DELETION_SUFFIXES: Final = ("arrow", "bin")
"""By the type of a deletion file."""


def version_files(folder: Path, version: int) -> tuple[str, ...]:
    """Every file that `version` of the table in `folder` needs, relative to that, its own file last.

    Raises `VersionGoneError` where the version, or an index of it, was deleted, `DamagedStoreError`
    where its file cannot be understood.
    """
    own = version_file(folder, version)
    try:
        data = own.read_bytes()
    except FileNotFoundError as error:
        raise VersionGoneError(f"version {version} of {folder} was pruned") from error
    try:
        named = list(_named(data))
    except (ValueError, IndexError, KeyError, struct.error) as error:
        raise DamagedStoreError(f"{own} cannot be understood: {error}", remedy=REBUILD) from error
    found: list[str] = []
    for name in named:
        if not name.endswith("/"):
            found.append(name)
            continue
        parts = sorted(file.relative_to(folder).as_posix() for file in (folder / name).rglob("*"))
        if not parts:
            raise VersionGoneError(f"an index of version {version} of {folder} was pruned")
        found += parts
    return (*found, own.relative_to(folder).as_posix())


def _named(data: bytes) -> Iterator[str]:
    """Files, and folders of which all is needed (they end in a slash), that a version's file names."""
    if data[-len(_MAGIC) :] != _MAGIC:
        raise ValueError("it does not end as such files do")
    (begin,) = struct.unpack("<Q", data[-_FOOTER : -_FOOTER + 8])
    for number, value in _fields(_message(data, begin)):
        if number == _FRAGMENTS:
            yield from _of_fragment(_bytes(value))
        elif number == _INDEXES:
            for section_number, index in _fields(_message(data, _number(value))):
                if section_number == _INDEX:
                    yield f"_indices/{_uuid(_bytes(index))}/"
        elif number == _TRANSACTION:
            yield f"_transactions/{_bytes(value).decode()}"


def _of_fragment(message: bytes) -> Iterator[str]:
    fragment_no, deletion = 0, b""
    for number, value in _fields(message):
        if number == _FRAGMENT_ID:
            fragment_no = _number(value)
        elif number == _DATA_FILES:
            path = next(_bytes(inner) for no, inner in _fields(_bytes(value)) if no == _PATH)
            yield f"data/{path.decode()}"
        elif number == _DELETION_FILE:
            deletion = _bytes(value)
    if deletion:
        told = {number: _number(value) for number, value in _fields(deletion) if isinstance(value, int)}
        suffix = _DELETION_SUFFIXES[told.get(_DELETION_TYPE, 0)]
        yield f"_deletions/{fragment_no}-{told.get(_READ_VERSION, 0)}-{told.get(_DELETION_ID, 0)}.{suffix}"


def _uuid(index: bytes) -> UUID:
    outer = next(_bytes(value) for number, value in _fields(index) if number == _UUID)
    return UUID(bytes=next(_bytes(value) for number, value in _fields(outer) if number == _UUID))


def _message(data: bytes, begin: int) -> bytes:
    """The message at `begin`, before which its length stands."""
    (length,) = struct.unpack("<I", data[begin : begin + 4])
    if begin + 4 + length > len(data):
        raise ValueError("it is cut short")
    return data[begin + 4 : begin + 4 + length]


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field: whole numbers as such, everything else as bytes."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        match tag & 7:
            case 0:
                value, at = _varint(message, at)
                yield tag >> 3, value
                continue
            case 1:
                length = 8
            case 2:
                length, at = _varint(message, at)
            case 5:
                length = 4
            case other:
                raise ValueError(f"it has a field of the unknown type {other}")
        if at + length > len(message):
            raise ValueError("it is cut short")
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while (byte := data[at]) >= 0x80:
        value |= (byte & 0x7F) << shift
        shift += 7
        at += 1
    return value | byte << shift, at + 1


def _number(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise ValueError("a number of it is none")
    return value


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a part of it is a number")
    return value
