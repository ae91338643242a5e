"""An export as a zip: what its directory says is checked before any of it is believed."""

from __future__ import annotations

import calendar
import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final

from connectors.confluence.archive_error import ExportError, named, shown

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Limits:
    """Against bombs. Nothing is unpacked to disk, so that they bound time and memory, and real exports stay far below."""

    total: int = 1_000_000_000_000
    """Bytes of all files together. The largest sites have some hundred GB of attachments."""
    ratio: int = 500
    """Unpacked bytes for each packed one, of one file. Texts reach 10 to 30, long runs of one line about 200;
    deflate ends at 1,032, and what comes near that is empty disk images and bombs."""
    exempt: int = 100_000_000
    """Bytes up to which the ratio does not matter: less than a second of work."""
    directory: int = 500_000_000
    """Bytes of the directory of files, which is held in memory: several million files."""


_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The two that Java writes. The others of the standard library unpack what they are given in one piece, however
large it becomes."""
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
"""Flags: the file, the file in a stronger way, the directory."""
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\\]|^/|^[A-Za-z]:|(?:^|/)\.{0,2}/|(?:^|/)\.{1,2}$")
"""Control characters, backslashes, absolute paths, drives, and the steps ``..``, ``.`` and none at all, which could give
one file two names."""
_LOCAL_HEADER: Final = 30
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64: Final = struct.Struct("<4sLQL")
_NO_DATE: Final = (1980, 1, 1, 0, 0, 0)
_BUFFER: Final = 1 << 18
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    ValueError,
    OverflowError,
    IndexError,
)
"""What the standard library raises for broken zips."""


class ZipArchive:
    """The files below `root` in a zip. Any number of threads may read from it."""

    def __init__(self, path: Path, root: str = "", limits: Limits | None = None) -> None:
        self._path = path
        self._limits = limits or Limits()
        self._file, self._written = _opened(path)
        try:
            self._zip = self._read_directory()
            entries = self._checked(self._zip.infolist())
        except BaseException:
            self._file.close()
            raise
        prefix = f"{root}/" if root else ""
        self._entries = {
            entry.filename.removeprefix(prefix): entry
            for entry in entries
            if entry.filename.startswith(prefix)
        }
        self._names = frozenset(self._entries)

    @property
    def path(self) -> Path:
        return self._path

    def names(self) -> frozenset[str]:
        return self._names

    def size(self, name: str) -> int:
        return self._entries[name].file_size

    def modified(self, name: str) -> float:
        """Zips state times without a zone; they are taken as UTC, so that the answer is the same everywhere."""
        date = self._entries[name].date_time
        if date == _NO_DATE:
            return self._written
        try:
            return float(calendar.timegm(date))
        except ValueError:
            return self._written

    def open(self, name: str) -> BinaryIO:
        entry = self._entries[name]
        where = f"{shown(entry.filename)} in {named(self._path)}"
        if entry.compress_type not in _METHODS:
            raise ExportError(
                "unsupported-compression",
                f"{where} is packed by a method that is not supported ({entry.compress_type});"
                " pack the export again with deflate",
            )
        if (
            entry.file_size > self._limits.exempt
            and entry.file_size > entry.compress_size * self._limits.ratio
        ):
            raise ExportError(
                "bomb",
                f"{where} claims {entry.file_size:,} bytes in {entry.compress_size:,}: it is not unpacked",
            )
        try:
            stream = self._zip.open(entry)
        except (*_DAMAGE, NotImplementedError, RuntimeError, OSError) as error:
            raise _damaged(where) from error
        return io.BufferedReader(_Entry(stream, entry.file_size, where), _BUFFER)

    def close(self) -> None:
        self._zip.close()
        self._file.close()

    def _read_directory(self) -> zipfile.ZipFile:
        name = named(self._path)
        try:
            length = os.fstat(self._file.fileno()).st_size
            if length == 0:
                raise ExportError("empty", f"{name} is empty; copy or export it again")
            begins = self._file.read(2) == b"PK"
            held = _directory_size(self._file, length)
            if held > self._limits.directory:
                raise ExportError(
                    "bomb", f"{name} lists files in {held:,} bytes, more than any export does; it is not read"
                )
            return zipfile.ZipFile(self._file)
        except (*_DAMAGE, NotImplementedError) as error:
            raise ExportError(
                "damaged",
                f"{name} is no whole zip: its end is missing or broken; copy or export it again"
                if begins
                else f"{name} is not a zip; export the space again, or take it away",
            ) from error
        except OSError as error:
            raise ExportError("unreadable", f"{name} cannot be read ({error.strerror or error})") from error

    def _checked(self, listed: Iterable[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
        """The regular files among what the directory lists. Raises `ExportError` where it is not to be trusted."""
        name = named(self._path)
        files: list[zipfile.ZipInfo] = []
        seen: set[str] = set()
        for entry in listed:
            if entry.flag_bits & _ENCRYPTED:
                raise ExportError("encrypted", f"{name} is encrypted; give a zip without a password")
            if _UNSAFE.search(entry.orig_filename) or not entry.orig_filename:
                raise _unsafe(name, f"has an entry named {shown(entry.orig_filename)}")
            if entry.is_dir():
                continue
            if entry.filename in seen:
                raise _unsafe(name, f"has two entries named {shown(entry.filename)}")
            seen.add(entry.filename)
            files.append(entry)
        total = sum(entry.file_size for entry in files)
        if total > self._limits.total:
            raise ExportError("bomb", f"{name} claims to hold {total:,} bytes; it is not read")
        self._check_places(files)
        # Links and devices have no meaning here: an export has none, and following one would lead out of it.
        kept = [entry for entry in files if stat.S_IFMT(entry.external_attr >> 16) in (0, stat.S_IFREG)]
        if not kept:
            raise ExportError("empty", f"{name} holds no files; export the space again")
        return kept

    def _check_places(self, files: Iterable[zipfile.ZipInfo]) -> None:
        """Files that share bytes are how a few kilobytes pretend to be a petabyte; no program writes such a zip."""
        end, before = 0, ""
        for entry in sorted(files, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise _unsafe(
                    named(self._path), f"has entries that overlap: {before} and {shown(entry.filename)}"
                )
            # The least that it takes: how long the name is in bytes, and what stands behind it, is only told there.
            end = entry.header_offset + _LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size
            before = shown(entry.filename)
        if end > self._zip.start_dir:
            raise _unsafe(named(self._path), f"has an entry that runs into its directory: {before}")


class _Entry(io.RawIOBase):
    """The bytes of one entry, as many as it declares and with the checksum that it declares."""

    def __init__(self, stream: IO[bytes], size: int, where: str) -> None:
        super().__init__()
        self._stream = stream
        self._left = size
        self._where = where

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._stream.read(len(view))
        except (*_DAMAGE, OSError) as error:
            raise _damaged(self._where) from error
        self._left -= len(data)
        if self._left < 0 or (not data and len(view) and self._left):
            raise _damaged(self._where)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _opened(path: Path) -> tuple[BinaryIO, float]:
    """The open file and when it was last written. A pipe must not be waited for."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise ExportError("missing", f"{named(path)} is not there any more") from error
    except OSError as error:
        raise ExportError(
            "unreadable",
            f"{named(path)} cannot be read ({error.strerror}); give the user who runs this the right to",
        ) from error
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        os.close(file)
        raise ExportError("not-an-export", f"{named(path)} is no file and no folder; take it away")
    return os.fdopen(file, "rb"), status.st_mtime


def _directory_size(file: BinaryIO, length: int) -> int:
    """Bytes of the directory, as the end of the zip states them; 0 where that is not found."""
    tail = min(length, _END.size + 0xFFFF + _LOCATOR_64.size)
    file.seek(length - tail)
    data = file.read(tail)
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(data):
        return 0
    size: int = _END.unpack_from(data, at)[5]
    locator = at - _LOCATOR_64.size
    if locator >= 0 and data.startswith(b"PK\x06\x07", locator):
        # Read as the standard library does: directly before its locator, whatever that says.
        record = length - tail + locator - _END_64.size
        file.seek(max(record, 0))
        found = file.read(_END_64.size)
        if len(found) == _END_64.size and found.startswith(b"PK\x06\x06"):
            size = max(size if size != 0xFFFFFFFF else 0, _END_64.unpack(found)[8])
    return min(size, length)


def _damaged(where: str) -> ExportError:
    return ExportError("damaged", f"{where} is damaged; copy or export it again")


def _unsafe(name: str, what: str) -> ExportError:
    return ExportError("unsafe-archive", f"{name} {what}; it is not read. Export the space again")
