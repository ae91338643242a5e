"""What a look at a few places brought up to date while a complete scan of the same source went on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Overtaken:
    """Scopes of which the running scan's listing is out of date: what it decided about them is dropped."""

    def __init__(self) -> None:
        self._scopes: set[str] = set()

    def add(self, scopes: Iterable[str]) -> None:
        """These were looked at, after the scan had listed them."""
        self._scopes.update(scopes)

    def covers(self, key: str) -> bool:
        """Whether `key` is such a scope or lies in one."""
        if not self._scopes:
            return False
        while key not in self._scopes:
            if not key:
                return False
            key = key.rpartition("/")[0]
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._scopes))
