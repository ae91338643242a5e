"""Shares a few threads among callers that have many small pieces of work each: whoever has the fewest left goes first.

Somebody's one edited passage does not wait until the thirty-two of a first import are done: the threads
turn to it after the piece in hand. The order is "shortest remaining processing time", which keeps
the mean wait smallest (Schrage 1968); all pieces are about as long, so that counting them will do.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class _Job:
    """The pieces of one caller."""

    work: Callable[[int], None]
    waiting: deque[int]
    running: int = 0
    error: BaseException | None = None
    over: threading.Event = field(default_factory=threading.Event)


class SharedThreads:
    """`threads` threads, which any number of callers may use at once. They begin with the first piece."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="embedding")
        self._lock = threading.Lock()
        self._jobs: list[_Job] = []
        """Those with pieces that nobody has begun."""

    @property
    def waiting(self) -> int:
        """How many pieces nobody has begun."""
        with self._lock:
            return sum(len(job.waiting) for job in self._jobs)

    def run(self, work: Callable[[int], None], pieces: Iterable[int]) -> None:
        """Call `work` with each piece, in this order but several at once; returns when all have ended.

        Raises what `work` raised first; then, as after an interruption, no other piece is begun.
        """
        job = _Job(work, deque(pieces))
        tickets = len(job.waiting)
        if not tickets:
            return
        with self._lock:
            self._jobs.append(job)
        try:
            # As many as there are pieces, each for one piece of whichever job has the fewest left by then.
            for _ in range(tickets):
                self._pool.submit(self._one)
            job.over.wait()
        finally:
            self._drop(job)
            job.over.wait()
        if job.error is not None:
            raise job.error

    def _one(self) -> None:
        with self._lock:
            if not self._jobs:
                return  # the piece that this was for has been dropped
            job = min(self._jobs, key=lambda job: len(job.waiting))
            piece = job.waiting.popleft()
            job.running += 1
            if not job.waiting:
                self._jobs.remove(job)
        try:
            job.work(piece)
        except BaseException as error:  # noqa: BLE001 - raised by whoever waits for it
            self._failed(job, error)
        with self._lock:
            job.running -= 1
            if not job.waiting and not job.running:
                job.over.set()

    def _failed(self, job: _Job, error: BaseException) -> None:
        with self._lock:
            job.error = job.error or error
        self._drop(job)

    def _drop(self, job: _Job) -> None:
        """Begin nothing more of it."""
        with self._lock:
            job.waiting.clear()
            if job in self._jobs:
                self._jobs.remove(job)
            if not job.running:
                job.over.set()
