"""Finds the exports at a source's path, and tells of which kind each is by what lies in it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from connectors.confluence.archive import Archive, ExportError, open_archive
from connectors.confluence.archive_error import shown
from connectors.names import key_of
from indexer.clock import Clock

_DEEPEST: Final = 8
"""Folders between the source's path and an export in it."""
_MARKS: Final = re.compile(r"(?:(.*)/)?(entities\.xml|content\.csv(?:\.gz)?|index\.html?)", re.IGNORECASE)
_PARTIAL: Final = re.compile(r"(?:^\.)|(?:\.(?:part|partial|crdownload|tmp|filepart)$)|~$", re.IGNORECASE)
"""Names that programs give to what they are still writing."""
_INDEX_HEAD: Final = 200_000
"""Bytes of an index.html that tell whose it is."""
SETTLED: Final = 2.0
"""Seconds without a change after which an export counts as whole; what is younger is looked at twice."""


class Format(StrEnum):
    """The three kinds of exports."""

    XML = "xml"
    CSV = "csv"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Found:
    """An export, or something in its place that is none."""

    name: str
    """Relative to the source's path, as a key: what failures and the cursor know it by."""
    path: Path
    """A zip or a folder."""
    print: str
    """What tells whether it changed: sizes and times of what decides."""
    zipped: bool


def find(path: Path) -> Iterator[Found]:
    """The exports at `path`: itself, or those in it at whatever depth, by name. Raises OSError."""
    if not path.is_dir():
        yield _zip(path, key_of(path.name))
        return
    yield from _within(path, path, _DEEPEST)


def _within(root: Path, folder: Path, deepest: int) -> Iterator[Found]:
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    marks = [entry for entry in entries if entry.is_file() and _MARKS.fullmatch(entry.name)]
    if any(map(_tells, marks)):
        yield _unpacked(root, folder, entries)
        return
    inside = False
    for entry in entries:
        if _PARTIAL.search(entry.name):
            continue
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            for found in _below(root, path, deepest - 1) if deepest else ():
                inside = True
                yield found
        elif entry.is_file() and entry.name.lower().endswith(".zip"):
            with suppress(FileNotFoundError):  # taken away or renamed since
                yield _zip(path, _name(root, path))
                inside = True
    if marks and not inside:
        yield _unpacked(root, folder, entries)


def _below(root: Path, folder: Path, deepest: int) -> Iterator[Found]:
    """What is in a folder; if that may not be looked into, it stands for an export that cannot be read."""
    try:
        yield from _within(root, folder, deepest)
    except FileNotFoundError:
        return
    except PermissionError:
        yield Found(_name(root, folder), folder, "", zipped=False)


def _tells(mark: os.DirEntry[str]) -> bool:
    """Whether a file makes its folder an export. An index.html may also be a web server's, of the exports beside it."""
    if not mark.name.lower().startswith("index."):
        return True
    try:
        with open(mark.path, "rb") as file:
            return _of_export(file.read(_INDEX_HEAD))
    except OSError:
        return True  # whoever opens the export will say so


def _name(root: Path, path: Path) -> str:
    return key_of(str(path.relative_to(root))) if path != root else key_of(path.name)


def _zip(path: Path, name: str) -> Found:
    status = path.stat()
    return Found(name, path, f"{status.st_size}:{status.st_mtime_ns}", zipped=True)


def _unpacked(root: Path, folder: Path, entries: list[os.DirEntry[str]]) -> Found:
    """An unpacked export: all its files, since what is copied last is its attachments."""
    count, total, newest = _extent(entries)
    return Found(_name(root, folder), folder, f"{count}:{total}:{newest}", zipped=False)


def _extent(entries: Iterable[os.DirEntry[str]]) -> tuple[int, int, int]:
    """How many files there are in and below a folder, their bytes, and when the newest was written (ns)."""
    count = total = newest = 0
    waiting = list(entries)
    while waiting:
        entry = waiting.pop()
        # What is renamed meanwhile shows the next time; what may not be read is told when the export is opened.
        with suppress(OSError):
            if entry.is_dir(follow_symlinks=False):
                with os.scandir(entry.path) as inside:
                    waiting.extend(inside)
            elif entry.is_file():
                status = entry.stat()
                count, total, newest = count + 1, total + status.st_size, max(newest, status.st_mtime_ns)
    return count, total, newest


def wait_until_settled(found: Found, clock: Clock, sleep: Callable[[float], object] = time.sleep) -> bool:
    """Whether nothing of the export changes any more, after waiting for a moment if it was written just now."""
    try:
        age = clock.now() / 1_000_000 - _newest(found.path)
        if 0 <= age < SETTLED:
            sleep(SETTLED - age)
        again = next(find(found.path), None)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True  # whoever opens it will say so
    return again is not None and again.print == found.print


def _newest(path: Path) -> float:
    """Seconds since 1970."""
    if not path.is_dir():
        return path.stat().st_mtime
    with os.scandir(path) as entries:
        return _extent(entries)[2] / 1_000_000_000


def open_export(found: Found) -> tuple[Archive, Format]:
    """The export's files, and its kind by what is in it. Raises `ExportError`."""
    archive = open_archive(found.path)
    try:
        inside = _inside(archive)
        if len(inside) == 1:
            ((root, format_),) = inside
            if root:
                archive.close()
                archive = open_archive(found.path, root)
            return archive, format_
    except BaseException:
        archive.close()
        raise
    archive.close()
    if inside:
        # Which one was meant nobody can tell, and a key names one export, with one time.
        each = ", ".join(
            f"{format_} in {shown(root) if root else 'its top folder'}" for root, format_ in inside[:3]
        )
        raise ExportError(
            "several-exports",
            f"{found.name} holds {len(inside)} exports ({each}{', …' if inside[3:] else ''});"
            " give each a zip or a folder of its own",
        )
    raise ExportError(
        "not-an-export",
        f"{found.name} is not a Confluence export: it has no entities.xml, content.csv or index.html of one",
    )


def _inside(archive: Archive) -> list[tuple[str, Format]]:
    """The exports in it, by the folders in which they lie, the topmost first."""
    marks = filter(None, map(_MARKS.fullmatch, archive.names()))
    found = {(mark[1] or "", _format(archive, mark)) for mark in marks}
    exports = [(root, format_) for root, format_ in found if format_ is not None]
    return sorted(exports, key=lambda one: (one[0].count("/"), one))


def _format(archive: Archive, mark: re.Match[str]) -> Format | None:
    name = mark[2].lower()
    if name == "entities.xml":
        return Format.XML
    if name.startswith("content.csv"):
        return Format.CSV
    # Any web site has an index.html; that of an export lists the space's details.
    with archive.open(mark[0]) as stream:
        return Format.HTML if _of_export(stream.read(_INDEX_HEAD)) else None


def _of_export(head: bytes) -> bool:
    """Whether an index.html that begins so lists a space's details."""
    return b"pageSection" in head or b"Space Details" in head
