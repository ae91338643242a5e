"""How much waits between reading, parsing, embedding and folding, for whoever wants to know what a source waits for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Depths:
    """Of one write side. Told by its threads, read by any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parsing = 0
        self._preparing = 0
        self.prepared = 0
        """Documents that are read and parsed, and wait to be folded."""
        self.embedding = 0
        """Texts that wait for their vectors, or for the commit that takes them."""

    @property
    def parsing(self) -> int:
        """Documents that are being parsed."""
        return self._parsing

    @property
    def reading(self) -> int:
        """Documents that are being read, or are about to be."""
        return max(0, self._preparing - self._parsing)

    def ahead(self, preparing: int, prepared: int) -> None:
        """So many documents were begun and are not ready, so many are ready."""
        self._preparing, self.prepared = preparing, prepared

    @contextmanager
    def parsed(self) -> Iterator[None]:
        """Inside, a document is parsed."""
        with self._lock:
            self._parsing += 1
        try:
            yield
        finally:
            with self._lock:
                self._parsing -= 1
