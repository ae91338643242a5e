"""Which paths of a tree are documents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from connectors.names import key_of_bytes
from connectors.selection import Rule, Selection


class Documents:
    """Asks the patterns about whole paths, from the top folder downwards, as they are judged in a folder."""

    def __init__(self, include: Sequence[Rule], exclude: Sequence[Rule]) -> None:
        self._selection = Selection(include, exclude)
        # The same folders come again with every commit.
        self._enters = lru_cache(maxsize=50_000)(self._enter)
        self._takes = lru_cache(maxsize=200_000)(self._take)

    def __call__(self, path: bytes) -> bool:
        """Whether the file at `path` is a document."""
        return self._takes(path)

    def takes_inside(self, key: str) -> bool:
        """Whether what another document carries is one."""
        return self._selection.takes_inside(key)

    def _take(self, path: bytes) -> bool:
        key = key_of_bytes(path)
        if "//" in key:
            return False
        folder, _, name = key.rpartition("/")
        return self._enters(folder) and self._selection.takes(
            key, name, included=self._selection.takes_all(folder)
        )

    def _enter(self, folder: str) -> bool:
        if not folder:
            return True
        above, _, name = folder.rpartition("/")
        return self._enters(above) and self._selection.enters(folder, name)
