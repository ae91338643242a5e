"""Whether a loop is to rest because somebody else needs its source, or the whole index, for a moment."""

from __future__ import annotations

import threading


class Pausing:
    """Several may want it at once; it is over when the last of them says so. Thread-safe."""

    def __init__(self, changed: threading.Condition) -> None:
        """`changed` is told, and guards what is decided together with it."""
        self._changed = changed
        self._wanted = 0
        """How many want it."""
        self._resting = threading.Event()
        """Set while nothing is done because of that."""

    @property
    def wanted(self) -> bool:
        """Whether somebody wants it now."""
        return self._wanted > 0

    def begin(self) -> None:
        """One more wants it."""
        with self._changed:
            self._wanted += 1
            if self._wanted == 1:
                self._resting.clear()
            self._changed.notify_all()

    def end(self) -> None:
        """One less does."""
        with self._changed:
            self._wanted -= 1
            if not self._wanted:
                self._resting.clear()
            self._changed.notify_all()

    def rest_if_wanted(self) -> bool:
        """Whether it is wanted; then nothing is done until it is not, and whoever waits is told."""
        with self._changed:
            # In one piece: somebody may come after another one's pause, and rely on its being at rest.
            if self.wanted:
                self._resting.set()
            return self.wanted

    def over(self) -> None:
        """Nothing will ever be done any more."""
        self._resting.set()

    def resting(self, timeout: float) -> bool:
        """Whether nothing is done any more, after at most `timeout` seconds."""
        return self._resting.wait(timeout)
