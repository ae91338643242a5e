"""Keeps the questions that the service answered: written by one thread, in batches, behind every answer."""

from __future__ import annotations

import pwd
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import lru_cache
from typing import Final

from indexer import logs
from indexer.clock import Clock
from indexer.config.values import Log
from indexer.errors import BusyError, StoreError
from indexer.ingest.index import Index
from indexer.ingest.turns import Turns, Urgency
from indexer.ports.query_log import LoggedQuery

_log = logs.get("query log")

WAITING: Final = 1_000
"""Questions that wait to be written; more are dropped, and counted."""
MOST: Final = 50_000
"""Questions that are kept."""
GATHERING: Final = 1.0
"""[s] between the first question of a batch and its being written."""


class KeptQueries:
    """A queue that never makes anybody wait, and the thread that empties it."""

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Index]],
        turns: Turns,
        settings: Callable[[], Log],
        clock: Clock,
        dropped: Callable[[int], None] = lambda count: None,
    ) -> None:
        """`opened` is called by the thread itself; `settings` may change; `dropped` hears how many were not kept."""
        self._opened = opened
        self._turns = turns
        self._settings = settings
        self._clock = clock
        self._dropped = dropped
        self._changed = threading.Condition()
        self._waiting: list[tuple[LoggedQuery, int | None]] = []
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="query log", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def keep(self, query: LoggedQuery, uid: int | None) -> None:
        """Have it written soon, under the name of the user `uid`. Returns at once, from any thread."""
        if not self._settings().queries:
            return
        with self._changed:
            if len(self._waiting) < WAITING and not self._stopping:
                self._waiting.append((query, uid))
                self._changed.notify_all()
                return
        self._dropped(1)

    def stop(self) -> None:
        """Write what waits, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self, timeout: float) -> bool:
        """Whether it has ended, after at most `timeout` seconds."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with self._opened() as index:
                while self._gathered():
                    # Of equals whoever came first goes first: a long import does not keep questions waiting for ever.
                    with self._turns.turn(Urgency.SCAN):
                        self._write(index)
        except Exception:  # noqa: BLE001 - nobody else would hear of it, and answers are given all the same
            _log.exception("no more questions are kept")

    def _gathered(self) -> bool:
        """Wait for a batch; False once there is nothing more to come."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            self._changed.wait_for(lambda: self._stopping, GATHERING)
            return bool(self._waiting)

    def _write(self, index: Index) -> None:
        with self._changed:
            batch, self._waiting = self._waiting, []
        oldest = self._clock.now() - round(self._settings().keep * 1e6)
        try:
            queries = [replace(query, who=user_name(uid)) for query, uid in batch]
            left_out = index.catalog.log_queries(queries, oldest, MOST)
        except (StoreError, BusyError) as error:
            _log.warning("questions are not kept", count=len(batch), code=error.code, detail=str(error))
            left_out = len(batch)
        if left_out:
            self._dropped(left_out)


@lru_cache(maxsize=256)
def user_name(uid: int | None) -> str | None:
    """The name of a user of this machine; the number itself where there is no name. Asks whoever knows users, which may take long."""
    if uid is None:
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
