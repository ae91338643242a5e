"""Pointers of Git LFS, and the local store of what they point to (git-lfs.com, specification version 1)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexer.errors import ReadError

_LARGEST: Final = 1024
_POINTER: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*"
    rb"oid sha256:(?P<oid>[0-9a-f]{64})\nsize (?P<size>[0-9]{1,18})\n?"
)


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a pointer names: the SHA-256 of the bytes, in hexadecimal, and how many they are."""

    oid: str
    size: int


def pointer(data: bytes) -> Pointer | None:
    """The pointer that `data` is; None for anything else."""
    found = _POINTER.fullmatch(data) if len(data) <= _LARGEST else None
    return None if found is None else Pointer(found["oid"].decode(), int(found["size"]))


def read(git_folder: Path, wanted: Pointer, key: str, most: int) -> bytes:
    """The bytes from the store in `git_folder`. Raises `ReadError` (``needs-lfs``, ``too-large``)."""
    if wanted.size > most:
        raise ReadError(
            "too-large",
            f"{key} is larger than {most:,} bytes",
            remedy="raise max_file_size of the source, or leave it out with paths",
        )
    common = git_folder / "commondir"
    if common.is_file():  # a linked work tree
        git_folder = git_folder / common.read_text(encoding="utf-8").strip()
    place = git_folder / "lfs" / "objects" / wanted.oid[:2] / wanted.oid[2:4] / wanted.oid
    try:
        data = place.read_bytes()
    except OSError as error:
        raise ReadError(
            "needs-lfs",
            f"{key} is a pointer of Git LFS, and what it points to is not here",
            remedy="run `git lfs fetch --all` in the repository, or leave it out with paths",
        ) from error
    if hashlib.sha256(data).hexdigest() != wanted.oid:
        raise ReadError(
            "needs-lfs",
            f"{key}: its object in the store of Git LFS is damaged",
            remedy="remove it and run `git lfs fetch --all` in the repository",
        )
    return data
