"""A few threads that work for whoever asks, and no more waiting in front of them than will be served."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any


class CrowdedError(Exception):
    """All threads are busy, and as many wait as may."""


@dataclass(frozen=True, slots=True)
class _Work:
    act: Callable[[], Any]
    result: Future[Any]


class Workers:
    """At most `threads` threads, started when they are needed; at most `waiting` pieces of work wait for one.

    They end with the process, whatever they are at: a thread that hangs on a disk must not keep the daemon from
    ending, as those of `concurrent.futures` would.
    """

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._name = name
        self._most = threads
        self._most_waiting = waiting
        self._queue: deque[_Work] = deque()
        self._changed = threading.Condition()
        self._threads = 0
        self._idle = 0
        self._working = 0
        self._stopped = False

    def submit(self, act: Callable[[], Any]) -> Future[Any]:
        """What `act` returns or raises, in time; cancelled before it begins, it is never called. Raises `CrowdedError`."""
        work = _Work(act, Future())
        with self._changed:
            # Those who lost patience do not count.
            waiting = sum(not other.result.cancelled() for other in self._queue)
            if self._stopped or waiting + self._working >= self._most + self._most_waiting:
                raise CrowdedError(self._name)
            self._queue.append(work)
            if waiting >= self._idle and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._run, name=f"{self._name}-{self._threads}", daemon=True).start()
            else:
                self._changed.notify()
        return work.result

    def stop(self) -> None:
        """Take nothing more; what waits is cancelled, and a thread ends when its work is done."""
        with self._changed:
            self._stopped = True
            for work in self._queue:
                work.result.cancel()
            self._queue.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                result = work.act()
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                self._done()
                work.result.set_exception(error)
            else:
                self._done()
                work.result.set_result(result)

    def _done(self) -> None:
        with self._changed:
            self._working -= 1

    def _next(self) -> _Work | None:
        """The next piece of work that somebody still wants; None when there will be none."""
        with self._changed:
            self._idle += 1
            try:
                while True:
                    while self._queue:
                        work = self._queue.popleft()
                        if work.result.set_running_or_notify_cancel():
                            self._working += 1
                            return work
                    if self._stopped:
                        return None
                    self._changed.wait()
            finally:
                self._idle -= 1
