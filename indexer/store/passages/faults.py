"""Turns what LanceDB raises into errors that say what to do."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from indexer.errors import DamagedStoreError, StorageFullError, StoreError
from indexer.store.durable import is_full

REBUILD: Final = "run `indexer rebuild`"
_FULL: Final = ("no space left on device", "os error 28", "disk quota exceeded", "os error 122")
"""LanceDB wraps the system's error in text of its own."""
_PASSING: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR, errno.EAGAIN)
"""Errors that say nothing about the table itself."""
_RUST_PLACE: Final = re.compile(r",? ?/\S+\.rs:\d+:\d+")
"""Where in LanceDB's own source the error arose: of no use to whoever reads the message."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Errors inside mean that the table cannot be read: `DamagedStoreError`."""
    try:
        yield
    except BaseException as error:
        if not _foreign(error):
            raise
        if isinstance(error, OSError) and error.errno in _PASSING:
            raise StoreError(
                f"{what} could not be read just now: {first_line(error)}", remedy="run the command again"
            ) from error
        if _refused(error):
            raise StoreError(
                f"{what} may not be read", remedy="run this as the user who made it, as `ls -l` shows"
            ) from error
        raise DamagedStoreError(f"{what} cannot be read: {first_line(error)}", remedy=REBUILD) from error


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Errors inside mean that a commit failed: `StorageFullError` or `StoreError`; nothing is published by it."""
    try:
        yield
    except BaseException as error:
        if not _foreign(error):
            raise
        if is_full(error) or any(sign in str(error).lower() for sign in _FULL):
            raise StorageFullError(
                f"the disk is full: {what} was not written", remedy="free some space, then run again"
            ) from error
        if _refused(error):
            raise StoreError(
                f"{what} may not be written", remedy="run this as the user who made it, as `ls -l` shows"
            ) from error
        raise StoreError(
            f"{what} could not be written: {first_line(error)}",
            remedy="check the disk; if it happens again, run `indexer rebuild`",
        ) from error


def first_line(error: BaseException) -> str:
    """The beginning of the error's own text, for a message of one line."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return _RUST_PLACE.sub("", line).replace("Wrapped error: ", "")[:300]


def _refused(error: BaseException) -> bool:
    return isinstance(error, PermissionError) or "permission denied" in str(error).lower()


def _foreign(error: BaseException) -> bool:
    """Whether it came from LanceDB, Arrow or the system, rather than from a mistake here or from the keyboard.

    A panic inside LanceDB derives from BaseException alone, and has no name that could be imported.
    """
    return isinstance(error, RuntimeError | ValueError | OSError) or type(error).__name__ == "PanicException"
