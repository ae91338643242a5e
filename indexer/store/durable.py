"""Makes files survive a power loss: fsync of files and folders, and replacement in one step."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def is_full(error: BaseException) -> bool:
    """Whether `error` says that the disk, or the quota on it, is full."""
    return isinstance(error, OSError) and error.errno in _FULL


def sync_file(path: Path) -> None:
    """Return once the content of the file `path` is on the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Return once the names in the folder `path` are on the disk: a new file is lost without it."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def make_folder(path: Path) -> None:
    """Create `path` and its parents, each durably, readable by the owner alone; existing ones stay as they are."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)


def write_durably(path: Path, data: bytes, *, temporary: Path) -> None:
    """Put `data` at `path` so that a reader sees the old file or the whole new one, also after a power loss.

    `temporary` lies on the same file system, and is left behind if the process dies meanwhile.
    """
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def files_under(folder: Path) -> Iterator[Path]:
    """Every file at any depth under `folder`; none if there is no such folder."""
    for parent, _, names in os.walk(folder):
        for name in names:
            yield Path(parent, name)


def sync_new(folder: Path, files: Iterable[Path]) -> None:
    """Make `files`, which are new under `folder`, durable: their contents, then all names on the way to them."""
    folders: set[Path] = set()
    for file in files:
        sync_file(file)
        folders.update(parent for parent in file.parents if parent.is_relative_to(folder))
    if folders:
        # A name is worth nothing before what it names is safe: innermost first.
        for parent in sorted(folders, key=lambda path: len(path.parts), reverse=True):
            sync_folder(parent)
        sync_folder(folder.parent)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
