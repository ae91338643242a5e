"""Asking the process that looks at a source, whichever that is: started when needed, replaced when it failed."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Final, TypeVar

from indexer.clock import Clock
from indexer.errors import ClosedError, IndexerError
from indexer.model import Instant
from indexer.outside.process import ConnectorProcess, GoneError, Patience, SilentError
from indexer.outside.recipe import Recipe
from indexer.outside.wire import DefectError
from indexer.processes.frames import GarbageError

_Answer = TypeVar("_Answer")


class Conversation:
    """At most one process at a time, and one thread at a time that asks it. Thread-safe."""

    def __init__(
        self, recipe: Recipe, patience: Patience, clock: Clock, start: Callable[..., ConnectorProcess]
    ) -> None:
        """`start` takes what the constructor of `ConnectorProcess` takes."""
        self.patience = patience
        self._recipe = recipe
        self._clock = clock
        self._start = start
        self._asking = threading.Lock()
        self._closed = threading.Event()
        self._processes: list[ConnectorProcess] = []
        """The one that is asked, or the one that hangs."""
        self._silent_since: Instant | None = None
        """Since when, if the process hangs and cannot be ended."""
        # Where nobody closes it, too: a process that nobody can ask is no use.
        self._finalizer = weakref.finalize(self, _end_all, self._processes)

    @property
    def pid(self) -> int | None:
        """The process that is there; None where none is."""
        return self._processes[0].pid if self._processes else None

    @property
    def hangs(self) -> bool:
        """Whether there is a process that neither answers nor can be ended."""
        return self._silent_since is not None

    def close(self) -> None:
        """End the process; who waits for an answer is told `ClosedError`. Any thread may call it, and again."""
        self._closed.set()
        for process in list(self._processes):
            process.kill()
        # Whoever is waiting for an answer ends the process when it sees that.
        if self._asking.acquire(timeout=self.patience.farewell):
            self._finalizer()
            self._asking.release()

    def with_process(
        self, ask: Callable[[ConnectorProcess], _Answer], with_whom: ConnectorProcess | None = None
    ) -> _Answer:
        """What `ask` brings of the process; of this one only, if one is named. Raises what `ConnectorProcess.ask` does."""
        with self._asking:
            process = self._present() if with_whom is None else self._still(with_whom)
            try:
                try:
                    return ask(process)
                except GoneError:
                    # What it was asked before may be to blame, or nothing was asked of it for long and it just
                    # ended: only what fails in a fresh process fails.
                    if with_whom is not None or process.asked == 1:
                        raise
                    self._give_up(process, None)
                    process = self._present()
                    return ask(process)
            except (IndexerError, DefectError) as error:
                if isinstance(error, ClosedError):
                    self._give_up(process, None)
                raise
            except SilentError as error:
                self._give_up(process, error.since)
                raise
            except GarbageError as error:
                self._give_up(process, None)
                raise GoneError(f"answered with garbage ({error})") from error
            except BaseException:
                self._give_up(process, None)
                self._require_open()
                raise

    def abandon(self, process: ConnectorProcess, listing: int) -> None:
        """Nobody will go on with a listing. The process hears of it now, or with the next question."""
        process.abandon(listing)
        if self._asking.acquire(blocking=False):
            try:
                if self._silent_since is None and process in self._processes:
                    process.forget()
            except (SilentError, GoneError, ClosedError):
                process.kill()  # who asks it next finds out
            finally:
                self._asking.release()

    # --- inside ---------------------------------------------------------------------------------

    def _present(self) -> ConnectorProcess:
        """The process, started if there is none."""
        self._require_open()
        for process in list(self._processes):
            if process.status is None:
                if self._silent_since is not None:
                    raise SilentError(self._silent_since)
                return process
            self._give_up(process, None)
        process = self._start(self._recipe, self.patience, self._clock, self._closed)
        self._processes.append(process)
        return process

    def _still(self, process: ConnectorProcess) -> ConnectorProcess:
        """The process, which was asked before."""
        self._require_open()
        if self._silent_since is not None or process not in self._processes:
            raise GoneError("was ended meanwhile")
        return process

    def _give_up(self, process: ConnectorProcess, silent: Instant | None) -> None:
        """End a process, or leave it to itself where it cannot be ended."""
        if not process.end():
            self._silent_since = silent or self._silent_since or self._clock.now()
        elif process in self._processes:
            self._processes.remove(process)
            self._silent_since = None

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise ClosedError("the source was closed", remedy="nothing: the program is ending")


def _end_all(processes: list[ConnectorProcess]) -> None:
    _LEFT[:] = [process for process in [*_LEFT, *processes] if not process.end()]
    processes.clear()


_LEFT: Final[list[ConnectorProcess]] = []
"""Those that hang though nobody waits for them any more: forgotten when this program ends."""
