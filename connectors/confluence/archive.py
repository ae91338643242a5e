"""The files of one export, in a zip or in a folder, behind one interface. Nothing is ever unpacked to disk.

Names are paths relative to the export's root with slashes. Whatever is wrong with the whole is found
when it is opened: a zip is not read any further then.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Protocol

from connectors.confluence.archive_error import ExportError, named, shown
from connectors.confluence.archive_folder import FolderArchive
from connectors.confluence.archive_zip import ZipArchive

__all__ = ["Archive", "ExportError", "open_archive"]


class Archive(Protocol):
    """One export's files."""

    @property
    def path(self) -> Path:
        """The zip or the folder."""

    def names(self) -> frozenset[str]:
        """Every file in it."""

    def size(self, name: str) -> int:
        """Bytes of a file. KeyError if there is none."""

    def open(self, name: str) -> BinaryIO:
        """A file's bytes, as a stream. KeyError if there is none; reading raises `ExportError` (``damaged``)
        where they are not what the archive says.
        """

    def modified(self, name: str) -> float:
        """Seconds since 1970 at which a file was last written, as far as the archive knows."""

    def close(self) -> None:
        """Let go of it; harmless twice."""


def open_archive(path: Path, root: str = "") -> Archive:
    """The export at `path`, a zip or a folder; `root`: the folder in it that holds the export, if it is not the top.

    Raises `ExportError`: ``missing``, ``unreadable`` or ``vanished`` (trying again may help), and for a zip
    ``empty``, ``damaged``, ``encrypted``, ``unsafe-archive`` or ``bomb``. What is wrong with one entry
    alone is raised by `Archive.open` or by reading it: ``damaged``, ``bomb`` or ``unsupported-compression``.
    """
    root = root.strip("/")
    if root and not {"", ".", ".."}.isdisjoint(root.split("/")):
        raise ExportError(
            "unsafe-archive", f"{shown(root)} is no folder of an export; name one below {named(path)}"
        )
    if _is_folder(path):
        return FolderArchive(path, root)
    return ZipArchive(path, root)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # opening it tells why it cannot be looked at
