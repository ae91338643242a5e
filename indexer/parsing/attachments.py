"""The files that a document carries: up to the limits, with names that are plain, safe and distinct within it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from indexer.model import Attachment
from indexer.parsing.canonical import normal

MOST_FILES: Final = 500
"""Files taken from one carrier."""
MOST_BYTES: Final = 256 << 20
"""Bytes of them together."""

LEFT_OUT: Final = "attachments left out"
"""The remark that says what was not taken, and why."""
_MOST_NAMED: Final = 5
_LONGEST_REMARK: Final = 1_000

_LONGEST_NAME: Final = 200
_NO_NAME: Final = re.compile('[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[<>:"|?*]')


class Carried:
    """The files of one carrier while they are gathered. What is not taken is said in the remarks."""

    def __init__(self, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES) -> None:
        self._most_files = most_files
        self._most_bytes = most_bytes
        self._size = 0
        self._files: list[tuple[str, bytes]] = []
        self._left: dict[str, list[str]] = {}

    def has_room(self, size: int) -> bool:
        """Whether another file of so many bytes would be taken."""
        return len(self._files) < self._most_files and self._size + size <= self._most_bytes

    def take(self, name: str, data: bytes) -> None:
        """A file, by its name as given: taken if there is room."""
        if self.has_room(len(data)):
            self._files.append((name, data))
            self._size += len(data)
        else:
            self.leave(name)

    def leave(self, name: str, why: str = "") -> None:
        """A file that is not taken. Without a reason: there is no room."""
        why = why or f"more than {self._most_files} files or {self._most_bytes >> 20} MiB together"
        self._left.setdefault(why, []).append(clean_name(name) or "a file without a name")

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """What was taken, in its order."""
        return distinct(self._files)

    @property
    def remarks(self) -> dict[str, str]:
        """One line about what was left out, as metadata; none if nothing was."""
        said = "; ".join(f"{_listed(names)}: {why}" for why, names in self._left.items())
        said = said if len(said) <= _LONGEST_REMARK else said[: _LONGEST_REMARK - 1] + "…"
        return {LEFT_OUT: said} if said else {}


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def distinct(files: Iterable[tuple[str, bytes]]) -> tuple[Attachment, ...]:
    """`files` (name as given, bytes) as attachments, in their order and each with a name of its own."""
    taken: set[str] = set()
    made: list[Attachment] = []
    for number, (given, data) in enumerate(files, start=1):
        path = PurePosixPath(clean_name(given) or f"attachment-{number}")
        name, copy = str(path), 1
        # Names that differ in case alone are one on many file systems.
        while name.casefold() in taken:
            copy += 1
            name = f"{path.stem}-{copy}{path.suffix}"
        taken.add(name.casefold())
        made.append(Attachment(name, data))
    return tuple(made)


def clean_name(given: str) -> str:
    """`given` as a file name: no folders, no control characters, not too long; empty if nothing is left."""
    name = normal(given).replace("\\", "/").rpartition("/")[2]
    name = " ".join(_NO_NAME.sub("", name).split()).strip(". ")
    if len(name) > _LONGEST_NAME:
        path = PurePosixPath(name)
        ending = path.suffix[:20]
        name = path.stem[: _LONGEST_NAME - len(ending)] + ending
    return name
