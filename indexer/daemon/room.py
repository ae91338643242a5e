"""Whether there is room on the disk: where a commit found none, nobody takes work until there is some again."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

from indexer import logs
from indexer.clock import Clock
from indexer.errors import StorageFullError

_log = logs.get("room")

PAUSE: Final = 5.0
"""Seconds between two looks at the disk."""
LONGEST: Final = 60.0
"""Seconds after which it is tried in any case: a quota, or another user's share, does not show."""
FREED: Final = 256 * 1024
"""Bytes that have to be free beside what was free when there was no room."""


class Room:
    """The room in the data folder, for all loops together."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._full: tuple[int, float, float] | None = None
        """(bytes that were free, since when, when to look again)."""
        self._grown = False
        """Whether more was free than that when somebody was let in."""
        self.detail = ""
        """Why no work is taken, in one line; empty while there is room."""

    def ran_out(self, error: StorageFullError) -> None:
        """A write found no room."""
        now = self._clock.monotonic()
        with self._lock:
            since = now if self._full is None else self._full[1]
            if self._full is None:
                _log.error("the disk is full: no work is taken until there is room", detail=str(error))
            self._full = (_free(self._folder), since, now + PAUSE)
            self.detail = str(error)

    def there(self, *, proven: bool) -> None:
        """A look that was let in came to its end. `proven`: it wrote something that takes room, or was the one without.

        One that had nothing to write says nothing, unless the disk has room by its own account.
        """
        with self._lock:
            if self._full is None or not (proven or self._grown):
                return
            _log.info("there is room on the disk again")
            self._full = None
            self.detail = ""

    def closed_until(self, now: float) -> float | None:
        """When work may be taken, or the disk is to be looked at again; None: work may be taken now."""
        with self._lock:
            if self._full is None:
                return None
            free, since, again = self._full
            if now < again:
                return again
            self._grown = _free(self._folder) >= free + FREED
            if self._grown or now - since >= LONGEST:
                # Whoever tries says how it went: `there`, or `ran_out` once more.
                self._full = (free, now, now + PAUSE)
                return None
            self._full = (free, since, now + PAUSE)
            return now + PAUSE


def _free(folder: Path) -> int:
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0
    return found.f_bavail * found.f_frsize
