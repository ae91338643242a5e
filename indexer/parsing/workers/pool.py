"""The worker processes of one program: started when needed, kept warm, replaced when spent."""

from __future__ import annotations

import contextlib
import threading
import weakref
from typing import Final

from indexer.errors import ParserProcessError
from indexer.parsing.canonical import Reading
from indexer.parsing.workers.limits import WorkerLimits
from indexer.parsing.workers.process import Worker, remove_leftovers

_OTHERS_FAULT: Final = ("parser-memory", "parser-crashed")
"""Failures that what a process did before can bring about."""
_FAREWELL: Final = 10.0
"""How long closing waits for other threads to notice. [seconds]"""


class Workers:
    """Parses documents in other processes, several at a time. Thread-safe."""

    def __init__(self, limits: WorkerLimits | None = None) -> None:
        self.limits = limits or WorkerLimits()
        self._free = threading.Condition()
        self._idle: list[Worker] = []
        self._busy = 0
        self._closed = False
        self._alive: set[Worker] = set()
        # Also at the end of the program, and where nobody called `close`.
        self._end = weakref.finalize(self, _end_all, self._alive)

    def read(self, module: str, function: str, data: bytes, *, programs: bool = False) -> Reading:
        """What `function` of `module`, `(data: bytes) -> Reading`, makes of `data`, blocks in canonical form.

        `programs` lets it start other programs, such as a converter. Raises `ParseError`; as
        `ParserProcessError` where another try may go better.
        """
        fresh = False
        while True:
            worker = self._take(programs, fresh)
            fresh = not worker.documents
            try:
                return worker.read(module, function, data)
            except ParserProcessError as error:
                if self._closed:
                    raise _closed() from error
                if fresh or error.reason not in _OTHERS_FAULT:
                    raise
                # Earlier documents may be to blame: only what fails in a fresh process fails.
                fresh = True
            finally:
                self._give_back(worker, module)

    def close(self) -> None:
        """End all processes; documents that are being parsed fail. Nothing can be read any more."""
        with self._free:
            self._closed = True
            for worker in self._alive:
                worker.kill()
            self._free.notify_all()
            self._free.wait_for(lambda: not self._busy, timeout=_FAREWELL)
            self._idle.clear()
        self._end()

    def _take(self, programs: bool, fresh: bool) -> Worker:
        """A process for one document. Waits until there is room for one."""
        with self._free:
            self._free.wait_for(lambda: self._closed or self._busy < self.limits.processes)
            if self._closed:
                raise _closed()
            fitting = [w for w in self._idle if w.programs == programs and not w.ended and not fresh]
            worker = fitting[-1] if fitting else None
            surplus = [w for w in self._idle if w is not worker and w.ended]
            if worker is None and self._idle and self._busy + len(self._idle) >= self.limits.processes:
                surplus = self._idle[:1]
            self._idle = [w for w in self._idle if w is not worker and w not in surplus]
            self._busy += 1
        try:
            for old in surplus:
                self._end_one(old)
            return worker or self._start(programs)
        except BaseException:
            self._leave()
            raise

    def _start(self, programs: bool, warm: str = "") -> Worker:
        if not self._alive:
            remove_leftovers()
        try:
            worker = Worker(self.limits, programs=programs, warm=warm)
        except OSError as error:
            raise _unavailable(f"no process could be started ({error.strerror})") from error
        with self._free:
            if not self._closed:
                self._alive.add(worker)
                return worker
        worker.end()
        raise _closed()

    def _give_back(self, worker: Worker, module: str) -> None:
        try:
            if not worker.spent:
                worker.tidy()
                self._keep(worker)
                return
            self._end_one(worker)
            if not worker.programs:
                # Importing a parser may take seconds: the next one begins with it before it is asked.
                with contextlib.suppress(ParserProcessError):  # whoever needs one next is told
                    self._keep(self._start(programs=False, warm=module))
        finally:
            self._leave()

    def _keep(self, worker: Worker) -> None:
        with self._free:
            if not self._closed:
                self._idle.append(worker)
                return
        self._end_one(worker)

    def _end_one(self, worker: Worker) -> None:
        with self._free:
            self._alive.discard(worker)
        worker.end()

    def _leave(self) -> None:
        with self._free:
            self._busy -= 1
            self._free.notify()


def _closed() -> ParserProcessError:
    return _unavailable("the parsers were closed")


def _unavailable(why: str) -> ParserProcessError:
    return ParserProcessError("parser-unavailable", f"it could not be parsed: {why}", remedy="try again")


def _end_all(alive: set[Worker]) -> None:
    while alive:
        alive.pop().end()
