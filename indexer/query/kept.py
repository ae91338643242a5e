"""What questions leave behind for those that come after them, shared by all threads that ask one index."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from indexer.model import Instant
from indexer.query.asking.works import Grouping, KnownNames

T = TypeVar("T")

MOST_KEPT: Final = 16
"""Values of one commit; one may have a number for each passage of an index."""


class OfCommit:
    """What was worked out of one commit, kept until a question sees a later one: nothing else changes what it is made of."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._recorded: Instant = -1
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def see(self, recorded: Instant) -> None:
        """A question sees this commit: what is kept of an earlier one is let go, as a purge may have wanted it gone."""
        with self._lock:
            if recorded > self._recorded:
                self._values.clear()
                self._recorded = recorded

    def get(self, recorded: Instant, key: Hashable, make: Callable[[], T]) -> T:
        """The value of `key` at this commit; made where it is not kept. Two threads may both make it."""
        self.see(recorded)
        with self._lock:
            if recorded == self._recorded and key in self._values:
                self._values.move_to_end(key)
                found: T = self._values[key]
                return found
        made = make()
        with self._lock:
            # A question that began before the last commit keeps nothing.
            if recorded == self._recorded:
                self._values[key] = made
                while len(self._values) > self._most:
                    self._values.popitem(last=False)
        return made


class Kept:
    """All of it, for one way to group documents into works."""

    def __init__(self, grouping: Grouping | None = None) -> None:
        self.names = KnownNames(grouping)
        self.of_commit = OfCommit()
