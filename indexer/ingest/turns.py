"""Whose turn it is to write: one at a time, the most urgent of those who wait first.

A batch draws its numbers from the catalog when its first document is folded, so that nobody else may
fold or commit until it is committed or dropped. Reading, rendering and embedding need no turn.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Final

LOOK: Final = 0.2
"""Seconds between two looks at whether a turn is still wanted."""


class Urgency(IntEnum):
    """Who goes first; of equals, whoever came first."""

    CHANGES = 0
    """What somebody just saved."""
    ASKED = 1
    """What somebody waits for."""
    SCAN = 2
    """A complete look at a source, a first import too."""
    UPKEEP = 3


class Turns:
    """Gives turns to threads. Not reentrant: a thread that has one must not ask for another."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[int, int]] = []
        self._order: Final = itertools.count()
        self._held = False
        self._count = 0

    def take(
        self,
        urgency: Urgency,
        timeout: float | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> bool:
        """Wait for a turn, `timeout` seconds at most; `give_back` ends it. False: it was not got in time.

        `meanwhile` is called now and then as long as it is waited for, and ends that by raising. It must be quick, and
        have nothing to do with turns. Whoever gives it waits without a `timeout`.
        """
        with self._changed:
            mine = (int(urgency), next(self._order))
            heapq.heappush(self._waiting, mine)
            got = False
            try:
                while not got:
                    pause = timeout if meanwhile is None else LOOK
                    got = self._changed.wait_for(lambda: not self._held and self._waiting[0] == mine, pause)
                    if meanwhile is None:
                        break
                    if not got:
                        meanwhile()
            finally:
                if not got:
                    self._waiting.remove(mine)
                    heapq.heapify(self._waiting)
                    self._changed.notify_all()
            if not got:
                return False
            heapq.heappop(self._waiting)
            self._held = True
            self._count += 1
            return True

    def going_on(self) -> None:
        """Whoever has the turn came a step further: for those who watch over turns it is another one."""
        with self._changed:
            if self._held:
                self._count += 1

    def give_back(self) -> None:
        """The turn is over."""
        with self._changed:
            assert self._held, "nobody has a turn"
            self._held = False
            self._changed.notify_all()

    @contextmanager
    def turn(self, urgency: Urgency) -> Iterator[None]:
        """A turn for as long as the `with` lasts."""
        self.take(urgency)
        try:
            yield
        finally:
            self.give_back()

    @property
    def held(self) -> int | None:
        """The number of the turn that somebody has; None if nobody has one. A later turn, or one that came further, has another."""
        with self._changed:
            return self._count if self._held else None

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        with self._changed:
            return len(self._waiting)
