"""Which folders tell that a repository on this machine changed: a change of its references.

A hint means the whole source.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from indexer.ports import Watched

_FILES: Final = ("HEAD", "packed-refs", "shallow")
"""What in a repository says where references stand, beside the folders. Each is replaced by a rename, so that
its folder has to be watched, not the file."""
_FOLDERS: Final = ("refs", "reftable")
_LOCK: Final = ".lock"
"""Git writes the new content to a file with this ending and renames it; no reference may be called so."""
_LINK: Final = "gitdir: "
_LONGEST: Final = 4096
"""Bytes of a path."""


def repository_watches(path: str | Path) -> tuple[Watched, ...]:
    """What to watch for a repository: a bare one, or a work tree, a linked one or a submodule too.

    Two folders where a linked work tree has its HEAD in one and shares the references of another; none
    where there is no repository. Raises nothing: what cannot be read is found out by a scan.
    """
    folder = _repository(Path(path))
    if folder is None:
        return ()
    shared = _pointed(folder, _first_line(folder / "commondir"))
    folders = [folder] if shared is None or shared == folder else [folder, shared]
    return tuple(
        Watched(str(each), wants_folder=_holds_references, wants_file=_is_reference) for each in folders
    )


def _repository(path: Path) -> Path | None:
    """The folder that holds HEAD: `path` itself, its ``.git``, or where a file of that name points."""
    git = path / ".git"
    try:
        if git.is_dir():
            return git
        if git.is_file():
            line = _first_line(git)
            return _pointed(path, line.removeprefix(_LINK)) if line and line.startswith(_LINK) else None
        return path if (path / "HEAD").exists() and (path / "refs").is_dir() else None
    except OSError:
        return None


def _pointed(base: Path, target: str | None) -> Path | None:
    """The folder that a relative or absolute path leads to from `base`."""
    return Path(os.path.realpath(base / target)) if target else None


def _first_line(file: Path) -> str | None:
    try:
        with open(file, "rb") as opened:
            return os.fsdecode(opened.read(_LONGEST).partition(b"\n")[0].rstrip(b"\r"))
    except OSError:
        return None


def _holds_references(key: str) -> bool:
    return key.partition("/")[0] in _FOLDERS


def _is_reference(key: str) -> bool:
    return (key in _FILES or _holds_references(key)) and not key.endswith(_LOCK)
