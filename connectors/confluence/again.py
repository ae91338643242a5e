"""Reads states a second time: those whose read failed when their export was told, and those to be rendered anew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from connectors.confluence.archive import ExportError
from connectors.confluence.documents import Documents
from connectors.confluence.exports import Found, find
from connectors.confluence.listing import Opened, staged
from connectors.confluence.settings import ConfluenceSettings
from indexer.errors import ReadError
from indexer.ports import Content, Observed


class Again:
    """The exports of one source. Any number of threads may read, one after another.

    The export that was read last stays open, in a temporary database: nothing in an export can be found
    without reading all of it, and many states that are read again lie in one.
    """

    def __init__(self, settings: ConfluenceSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._last: tuple[Found, Opened] | None = None

    def read(self, origin: str) -> Content | None:
        """The bytes of the state `origin`; None where no export has it. Raises `ReadError` if one has and cannot give it."""
        with self._lock:
            return self._read(origin)

    def close(self) -> None:
        """Let go of what is open; harmless twice."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._last = None
        self._held.close()

    def _read(self, origin: str) -> Content | None:
        failed: ReadError | None = None
        lineage = origin.partition(":")[2].rpartition("@")[0]
        space, _, content_id = lineage.rpartition("/")
        for opened in self._exports():
            documents = Documents(opened.staged, opened.facts, opened.taken, self._settings)
            for state in documents.told_of(space, content_id, opened.archive):
                if isinstance(state, Observed) and state.origin == origin:
                    try:
                        return state.read()
                    except ReadError as error:
                        failed = error
        if failed is not None:
            raise failed
        return None

    def _exports(self) -> Iterator[Opened]:
        """The exports that can be used: the one that is open, then the others from the last to the first."""
        try:
            there = list(find(Path(self._settings.path)))[::-1]
        except OSError:
            there = []
        there.sort(key=lambda found: self._last is None or found != self._last[0])
        for found in there:
            try:
                yield self._opened(found)
            except ExportError:
                continue  # it is on the list of failures already

    def _opened(self, found: Found) -> Opened:
        if self._last is None or self._last[0] != found:
            self._close()
            self._last = found, self._held.enter_context(staged(found, None))
        return self._last[1]
