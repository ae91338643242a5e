"""Names for the files that a document carries: plain, safe, and distinct within it."""

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

_LONGEST_NAME: Final = 200
_NO_NAME: Final = re.compile('[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[<>:"|?*]')


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
