"""What of the file system tells that a source changed: connectors name it, the daemon watches it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder that is to be watched, with all below it."""

    root: str
    """An absolute path; may be a symbolic link to a folder."""
    wants_folder: Callable[[str], bool] = lambda key: True
    """Whether the folder with this key is watched at all: an unwatched one costs nothing."""
    wants_file: Callable[[str], bool] = lambda key: True
    """Whether changes of the file with this key are hinted."""
    key_of: Callable[[str], str] = lambda path: path
    """Makes keys of relative paths as `os` gives them. Of a snapshot source they are its documents' keys."""
    path_of: Callable[[str], bytes] = os.fsencode
    """The other way round; ValueError where no path could have the key."""


@runtime_checkable
class Watchable(Protocol):
    """A connector that can name the folders which tell that its source changed."""

    def watched(self) -> Sequence[Watched]:
        """Those folders, which need not exist; empty where nothing tells. Raises nothing.

        Of a snapshot source there is one, and what changes in it changes the document with that key; of
        any other source every change means that it is to be looked at as a whole.
        """
