"""One writer at a time: an advisory lock on a file in the data folder."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.clock import Clock
from indexer.errors import BusyError, StorageFullError, StoreError
from indexer.model import Instant
from indexer.store.durable import is_full

FILE_NAME = "writer.lock"
_TRIES = 5
_PAUSE = 0.02  # [s]


@contextmanager
def writer_lock(folder: Path, clock: Clock) -> Iterator[None]:
    """Hold the writer's lock inside the `with`; the kernel releases it if this process dies.

    Raises `BusyError` at once if another process has it, `StoreError` and `StorageFullError`.
    """
    try:
        descriptor = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        try:
            _take(descriptor)
        except BlockingIOError as error:
            found = _read(descriptor)
            by = f"process {found[0]}" if found else "another process"
            raise BusyError(
                f"{by} is writing to {folder}", remedy="try again when it has finished"
            ) from error
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since": clock.now()}).encode(), 0)
        except OSError as error:
            raise _unusable(folder, error) from error
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(folder: Path) -> tuple[int, Instant] | None:
    """(process id, since when) of the process that writes to this data folder; None if none does."""
    try:
        descriptor = os.open(folder / FILE_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(descriptor)
        return None
    finally:
        os.close(descriptor)


def _unusable(folder: Path, error: OSError) -> StoreError:
    if is_full(error):
        return StorageFullError(
            f"the disk is full: {folder}",
            remedy="free some space and run the command again; nothing that was indexed is lost",
        )
    return StoreError(
        f"{folder / FILE_NAME} cannot be used ({error.strerror})", remedy="check the folder's permissions"
    )


def _take(descriptor: int) -> None:
    """Take the lock, looking past whoever only asks for a moment who holds it (`holder`)."""
    for _ in range(_TRIES - 1):
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE)
    return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _read(descriptor: int) -> tuple[int, Instant] | None:
    """What the holder wrote; None in the moment before it did."""
    try:
        found = json.loads(os.pread(descriptor, 4096, 0))
        return int(found["pid"]), int(found["since"])
    except (ValueError, KeyError, TypeError):
        return None
