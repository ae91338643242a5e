"""What a look at a few places brought up to date while another look at the same source, or a scan of it, went on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Overtaken:
    """Scopes of which the running look's listing is out of date: what it decided about them is dropped."""

    def __init__(self) -> None:
        self._scopes: set[str] = set()
        self.allowed = False
        """Whether it may be overtaken: not before what moved or went away is committed, which is done in one piece."""

    def add(self, scopes: Iterable[str]) -> None:
        """These were looked at, after they had been listed."""
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
