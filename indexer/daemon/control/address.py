"""Where the control socket lies, and how either side gets to it: a Unix socket in the data folder, for its owner alone.

Imported by every command before anything else, so that it imports next to nothing itself.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FILE_NAME: Final = "control.sock"
_MODE: Final = 0o600
_LONGEST: Final = 107
"""Bytes of a path in an address of the kernel (sun_path, without the zero at its end)."""
_PATIENCE: Final = 2.0
"""[s] in which whoever listens takes a connection."""


class OccupiedError(Exception):
    """Somebody listens at the socket already."""


class NoSocketError(Exception):
    """What lies at the socket's place is no socket."""


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """A path to the socket that fits into an address, however long the path of the data folder is."""
    path = folder / FILE_NAME
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{FILE_NAME}"
    finally:
        os.close(descriptor)


def connect(folder: Path) -> socket.socket:
    """A connection to whoever listens in the data folder `folder`. Raises OSError where nobody does."""
    connection = _stream()
    try:
        connection.settimeout(_PATIENCE)
        with _address(folder) as path:
            connection.connect(path)
    except BaseException:
        connection.close()
        raise
    return connection


def is_abandoned(folder: Path) -> bool:
    """Whether a process that listened in the data folder died, and left its socket behind."""
    if not (folder / FILE_NAME).is_socket():
        return False
    try:
        connect(folder).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


class Listening:
    """A socket that listens in the data folder `folder`, until `withdraw`.

    A socket that a dead process left there is replaced. Raises `OccupiedError`, `NoSocketError` and OSError. The
    caller holds the writer's lock, so that no two of them do this at once.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self.socket = _stream()
        try:
            _clear(folder, self._path)
            # Before it is bound: so the file never has another mode, whatever the umask, which threads share.
            os.fchmod(self.socket.fileno(), _MODE)
            with _address(folder) as path:
                self.socket.bind(path)
            self.socket.listen()
            self._file = self._path.stat().st_ino
        except BaseException:
            self.socket.close()
            raise

    def withdraw(self) -> None:
        """Take the file away, unless it is another one by now; who is connected stays so."""
        try:
            if self._path.lstat().st_ino == self._file:
                self._path.unlink()
        except FileNotFoundError:
            return


def _stream() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)


def _clear(folder: Path, path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise NoSocketError(path)
    try:
        connect(folder).close()
    except OSError as error:
        if error.errno != errno.ECONNREFUSED:
            raise
        path.unlink()
    else:
        raise OccupiedError(path)
