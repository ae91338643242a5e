"""An export as a folder: an unpacked zip. No symlink in it is followed, so that nothing outside is ever read."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from connectors.confluence.archive_error import ExportError, named, shown
from connectors.names import key_of, path_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_ROOT: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FOLDER: Final = _ROOT | os.O_NOFOLLOW
_FILE: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK, errno.ENXIO)
"""It is not there any more, or something else stands in its place."""
_BUFFER: Final = 1 << 18


class FolderArchive:
    """The regular files below `root` in a folder, as they were when it was opened. Any number of threads may read."""

    def __init__(self, path: Path, root: str = "") -> None:
        self._path = path
        self._root = root
        self._names = frozenset(self._listed())

    @property
    def path(self) -> Path:
        return self._path

    def names(self) -> frozenset[str]:
        return self._names

    def size(self, name: str) -> int:
        return self._status(name).st_size

    def modified(self, name: str) -> float:
        return self._status(name).st_mtime

    def open(self, name: str) -> BinaryIO:
        if name not in self._names:
            raise KeyError(name)
        with self._wrapped(name), self._folder_of(name) as (folder, last):
            file = os.open(last, _FILE, dir_fd=folder)
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            os.close(file)
            raise self._vanished(name)
        return io.BufferedReader(_File(file, self, name), _BUFFER)

    def close(self) -> None:
        """Nothing is held open."""

    def _listed(self) -> Iterator[str]:
        """Every regular file, by a walk that holds one folder open at a time."""
        waiting = [""]
        while waiting:
            place = waiting.pop()
            prefix = f"{place}/" if place else ""
            with (
                self._wrapped(place),
                self._folder_of(f"{prefix}.") as (folder, _),
                os.scandir(folder) as entries,
            ):
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(prefix + key_of(entry.name))
                    elif entry.is_file(follow_symlinks=False):
                        yield prefix + key_of(entry.name)

    def _status(self, name: str) -> os.stat_result:
        if name not in self._names:
            raise KeyError(name)
        with self._wrapped(name), self._folder_of(name) as (folder, last):
            status = os.stat(last, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            raise self._vanished(name)
        return status

    @contextmanager
    def _folder_of(self, name: str) -> Iterator[tuple[int, bytes]]:
        """The open folder that holds a file, reached step by step, and the file's name in it."""
        *steps, last = path_of(f"{self._root}/{name}" if self._root else name).split(b"/")
        at = os.open(self._path, _ROOT)
        try:
            for step in steps:
                inner = os.open(step, _FOLDER, dir_fd=at)
                os.close(at)
                at = inner
            yield at, last
        finally:
            os.close(at)

    @contextmanager
    def _wrapped(self, name: str) -> Iterator[None]:
        """Turns what the system says about a file into an `ExportError`."""
        try:
            yield
        except OSError as error:
            raise self.error(name, error) from error

    def error(self, name: str, error: OSError) -> ExportError:
        """What it means for the export that a file or folder cannot be read."""
        if error.errno in _GONE:
            return self._vanished(name)
        where = f"{shown(name)} in {named(self._path)}" if name else named(self._path)
        return ExportError(
            "unreadable",
            f"{where} cannot be read ({error.strerror}); give the user who runs this the right to",
        )

    def _vanished(self, name: str) -> ExportError:
        where = f"{shown(name)} in {named(self._path)}" if name else f"{named(self._path)}"
        return ExportError(
            "vanished", f"{where} is not there any more; it is looked at again at the next scan"
        )


class _File(io.RawIOBase):
    """An open file that must stay as it is until it has been read to its end."""

    def __init__(self, file: int, archive: FolderArchive, name: str) -> None:
        super().__init__()
        self._file = io.FileIO(file)
        self._archive = archive
        self._name = name
        self._before = _print(file)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            count = self._file.readinto(buffer)
        except OSError as error:
            raise self._archive.error(self._name, error) from error
        if not count and _print(self._file.fileno()) != self._before:
            raise ExportError(
                "changing",
                f"{shown(self._name)} in {named(self._archive.path)} was written while it was read;"
                " it is read again at the next scan",
            )
        return count or 0

    def close(self) -> None:
        self._file.close()
        super().close()


def _print(file: int) -> tuple[int, int]:
    status = os.fstat(file)
    return status.st_size, status.st_mtime_ns
