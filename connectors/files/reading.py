"""Reads one file, whole and unchanged, without ever leaving the root or waiting for a pipe."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.names import path_of
from indexer.clock import Clock
from indexer.errors import ReadError
from indexer.model import Instant, TimeBasis
from indexer.ports import Content, SourceTime

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_ATTEMPTS = 3
_PIECE = 1 << 20
_MTIME, _CTIME = TimeBasis.MTIME, TimeBasis.CTIME
_FINE, _COARSE = 20_000, 2_000_000
"""µs within which two writes may leave equal timestamps: a kernel tick with room to spare, and FAT's two seconds."""


def etag_of(status: os.stat_result) -> str:
    """What tells two states of one file apart without reading it."""
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}:{status.st_ctime_ns}"


def file_id_of(status: os.stat_result) -> str:
    """What a file keeps when it is renamed."""
    return f"{status.st_dev}:{status.st_ino}"


def times_of(status: os.stat_result) -> tuple[SourceTime, SourceTime]:
    """The file's times in µs, the better one first."""
    return (
        SourceTime(status.st_mtime_ns // 1000, _MTIME),
        SourceTime(status.st_ctime_ns // 1000, _CTIME),
    )


def is_settled(status: os.stat_result, now: Instant) -> bool:
    """Whether a write after `now` is sure to change the etag, as far as the clock's granularity goes.

    A modification time in the future was set by a program and says nothing about later writes.
    """
    whole_seconds = status.st_mtime_ns % 1_000_000_000 == 0 == status.st_ctime_ns % 1_000_000_000
    modified, changed = status.st_mtime_ns // 1000, status.st_ctime_ns // 1000
    newest = max(modified, changed) if modified <= now else changed
    return newest < now - (_COARSE if whole_seconds else _FINE)


class FileReader:
    """Reads files by key under one root."""

    def __init__(self, root: str, max_file_size: int, clock: Clock) -> None:
        self._root = root
        self._max_file_size = max_file_size
        self._clock = clock

    def read(self, key: str) -> Content:
        """The file's bytes, with the stat that holds for exactly them.

        Raises `ReadError`: ``too-large``, ``unreadable``, ``vanished`` (also when it is no regular
        file any more) or ``changing``; trying again later helps with the last two.
        """
        for _ in range(_ATTEMPTS):
            content = self._read_once(key)
            if content is not None:
                return content
        raise ReadError(
            "changing",
            f"{key} changed while it was read, {_ATTEMPTS} times in a row",
            remedy="it is read again at the next scan",
        )

    def _read_once(self, key: str) -> Content | None:
        """The content; None if the file changed meanwhile."""
        try:
            with self._opened(key) as file:
                before = os.fstat(file)
                if not stat.S_ISREG(before.st_mode):
                    raise ReadError("vanished", f"{key} is no regular file any more")
                self._check_size(key, before.st_size)
                now = self._clock.now()
                pieces, length = [], 0
                while piece := os.read(file, _PIECE):
                    pieces.append(piece)
                    length += len(piece)
                    self._check_size(key, length)
                after = os.fstat(file)
        except PermissionError as error:
            raise ReadError(
                "unreadable",
                f"{key} may not be read ({error.strerror})",
                remedy="let the user that runs the indexer read it, or exclude it",
            ) from error
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ReadError("vanished", f"{key} is not there any more") from error
        except OSError as error:
            raise ReadError(
                "unreadable",
                f"{key} cannot be read ({error.strerror})",
                remedy="it is tried again at the next scan",
            ) from error
        if etag_of(before) != etag_of(after) or length != after.st_size:
            return None
        etag, times = etag_of(after), times_of(after)
        return Content(b"".join(pieces), etag, times, is_settled(after, now), file_id_of(after))

    @contextmanager
    def _opened(self, key: str) -> Iterator[int]:
        """The file, opened folder by folder so that no symlink that appeared since the scan leads outside."""
        *folders, name = path_of(key).split(b"/")
        at = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for folder in folders:
                inner = _open_here(folder, _FOLDER, at)
                os.close(at)
                at = inner
            file = _open_here(name, _FILE, at)
        finally:
            os.close(at)
        try:
            yield file
        finally:
            os.close(file)

    def _check_size(self, key: str, size: int) -> None:
        if size > self._max_file_size:
            raise ReadError(
                "too-large",
                f"{key} has {readable_size(size)}, more than the {readable_size(self._max_file_size)} allowed",
                remedy="raise max_file_size and run `indexer retry`, or exclude it",
            )


def readable_size(size: int) -> str:
    """``812 bytes``, ``50 MB``, ``51.3 MB``."""
    amount, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f}".removesuffix(".0") + f" {unit}"


def _open_here(name: bytes, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        # A symlink stands where a file or folder was, a socket where a file was: what was listed is gone.
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
            raise FileNotFoundError(error.errno, error.strerror) from error
        raise
