"""What questions leave behind for those that come after them, shared by all threads that ask one index."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sized
from typing import Any, Final, TypeVar

from indexer.model import Instant
from indexer.query.asking.works import Grouping, KnownNames

T = TypeVar("T")

MOST_KEPT: Final = 64
"""Values of one commit."""
MOST_NUMBERS: Final = 600_000
"""Numbers in all of them, some 100 bytes each; one value may have a number for each passage of an index."""


class OfCommit:
    """What was worked out of one commit, kept until a question sees a later one: nothing else changes what it is made of.

    What was kept of earlier ones may be gone on from, unless something was purged since.
    """

    def __init__(self, most: int = MOST_KEPT, numbers: int = MOST_NUMBERS) -> None:
        """`most` values are kept, and of those that say their length no more than `numbers` in all, but the last one always."""
        self._most = most
        self._numbers = numbers
        self._lock = threading.Lock()
        self._recorded: Instant = -1
        self._purges = 0
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._before: OrderedDict[Hashable, Any] = OrderedDict()

    def see(self, recorded: Instant, purges: Callable[[], int]) -> None:
        """A question sees this commit; `purges`: how many there were by then."""
        if recorded <= self._recorded:
            return
        count = purges()
        with self._lock:
            if recorded <= self._recorded:
                return
            self._before.update(self._values)
            if count != self._purges:
                self._before.clear()
            self._values.clear()
            self._recorded, self._purges = recorded, count
            self._trim()

    def get(self, recorded: Instant, key: Hashable, make: Callable[[T | None], T]) -> T:
        """The value of `key` at this commit; made where it is not kept, of what it was at an earlier one, if that is known.

        Two threads may both make it.
        """
        with self._lock:
            current = recorded == self._recorded
            if current and key in self._values:
                self._values.move_to_end(key)
                found: T = self._values[key]
                return found
            before: T | None = self._before.get(key) if current else None
        made = make(before)
        with self._lock:
            # A question that began before the last commit keeps nothing.
            if recorded == self._recorded:
                self._values[key] = made
                self._before.pop(key, None)
                self._trim()
        return made

    def _trim(self) -> None:
        for values in (self._values, self._before):
            held = sum(map(_size, values.values()))
            while len(values) > self._most or (held > self._numbers and len(values) > 1):
                _, value = values.popitem(last=False)
                held -= _size(value)


def _size(value: object) -> int:
    return len(value) if isinstance(value, Sized) else 1


class Kept:
    """All of it, for one way to group documents into works."""

    def __init__(self, grouping: Grouping | None = None) -> None:
        self.names = KnownNames(grouping)
        self.of_commit = OfCommit()
