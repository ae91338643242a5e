"""Records which files are opened, to prove that something is done without opening any."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_recorders: list[list[str]] = []
_installed: list[bool] = []


@contextmanager
def opened_files() -> Iterator[list[str]]:
    """A list that grows by each path opened inside the `with`, in this process and by Python code.

    Paths stand as they were given: a file opened relative to a folder's descriptor has its name
    alone. Folders that are opened to be listed do not count. Libraries in C that open files
    themselves (SQLite, LanceDB) are not seen.
    """
    if not _installed:
        # An audit hook cannot be removed, so one serves all recorders.
        sys.addaudithook(_record)
        _installed.append(True)
    paths: list[str] = []
    _recorders.append(paths)
    try:
        yield paths
    finally:
        # By identity: equal lists are common among nested recorders.
        _recorders[:] = [recorder for recorder in _recorders if recorder is not paths]


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not _recorders:
        return
    path, _, flags = arguments
    if isinstance(path, str | bytes) and not (flags or 0) & os.O_DIRECTORY:
        for recorder in _recorders:
            recorder.append(os.fsdecode(path))
