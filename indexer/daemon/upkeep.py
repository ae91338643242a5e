"""Looking after the stores while the service runs: the passages table is merged and its indexes are refreshed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from queue import SimpleQueue
from typing import Final

from indexer import logs
from indexer.clock import Clock
from indexer.daemon.metrics import Metrics
from indexer.errors import DamagedStoreError, IndexerError, NewerSchemaError
from indexer.heaps import give_back
from indexer.ingest.index import Index
from indexer.ingest.recovery import needs_filling
from indexer.ingest.turns import Turns, Urgency
from indexer.ingest.writing import Writer
from indexer.model import Instant
from indexer.ports import UpkeepDue

_log = logs.get("upkeep")

COMMITS: Final = 8
"""Fewer commits than these since the last time are not worth a look at the table, unless nothing else is to be done."""
LONGEST: Final = 600.0
"""Seconds after which it is looked at all the same, where there was any commit."""
QUIET: Final = 15.0
"""Seconds without a commit after which nobody is expected to come while the table is looked after, which takes seconds."""


class Keeper:
    """Has a thread of its own, which waits for its turn like everybody, and is the last to get one."""

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Index]],
        turns: Turns,
        metrics: Metrics,
        clock: Clock,
        fatal: Callable[[IndexerError], None],
        *,
        full: Callable[[], bool] = lambda: False,
    ) -> None:
        """`full`: whether no work is taken for want of room on the disk."""
        self._full = full
        self._opened = opened
        self._turns = turns
        self._metrics = metrics
        self._clock = clock
        self._fatal = fatal
        self._due = threading.Event()
        self._stopping = threading.Event()
        self._chores: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._commits = 0
        self._committed = clock.monotonic()
        """When the last commit was."""
        self._looked = clock.monotonic()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self.working = False
        self.ended: Instant | None = None
        """When it last came to its end."""

    def start(self) -> None:
        """Begin: a table that is not level with the catalog is filled first."""
        self._thread.start()

    def committed(self) -> None:
        """There was a commit. Called with the writer's turn held."""
        self._commits += 1
        self._committed = self._clock.monotonic()

    def consider(self) -> None:
        """It is time to see whether there is something to do."""
        self._due.set()

    def do(self, chore: Callable[[], None]) -> None:
        """Something else that is done now and then, without a turn of its own."""
        self._chores.put(chore)
        self._due.set()

    def stop(self) -> None:
        """End soon."""
        self._stopping.set()
        self._due.set()

    def join(self, timeout: float) -> bool:
        """Whether it has ended, after at most `timeout` seconds."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with self._opened() as index:
                writer = Writer(index, lambda line: _log.info("note", detail=line), upkeep=False)
                self._fill(index, writer)
                self._open_table(index)
                while True:
                    self._due.wait()
                    self._due.clear()
                    if self._stopping.is_set():
                        return
                    busy = self._commits > 0
                    self._look(writer)
                    self._carry_out()
                    if busy:
                        give_back()  # commits leave holes too, whether the table was looked after or not
        except IndexerError as error:
            self._fatal(error)
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            _log.exception("unexpected error")
            self._fatal(
                IndexerError(f"upkeep: unexpected {type(error).__name__}: {error}", code="unexpected")
            )

    def _carry_out(self) -> None:
        while not self._chores.empty() and not self._stopping.is_set():
            with self._going_on("put off until the next time"):
                self._chores.get()()

    @contextmanager
    def _going_on(self, what: str) -> Iterator[None]:
        """What fails inside is said, and is tried again when its time comes; damaged stores end the service."""
        try:
            yield
        except (DamagedStoreError, NewerSchemaError):
            raise
        except IndexerError as error:
            _log.error(what, code=error.code, detail=str(error))

    def _fill(self, index: Index, writer: Writer) -> None:
        """Bring the passages table level with the catalog, where another model or a crash left it behind."""
        if not needs_filling(index):
            return
        with self._turns.turn(Urgency.CHANGES):
            self.working = True
            try:
                # Whoever commits next finds out, and tries again.
                with self._going_on("the passages table could not be filled"):
                    writer.recover()
            finally:
                self.working = False

    def _open_table(self, index: Index) -> None:
        """Have the table and its library loaded before the first change comes. Nothing of it is changed."""
        with self._turns.turn(Urgency.UPKEEP):
            try:
                index.table().newest()
            except IndexerError as error:
                # Whoever commits next recovers it, or says what cannot be done.
                _log.error("the passages table cannot be opened", code=error.code, detail=str(error))

    @property
    def _quiet(self) -> bool:
        return not self._turns.waiting and self._clock.monotonic() - self._committed >= QUIET

    def _look(self, writer: Writer) -> None:
        now = self._clock.monotonic()
        if not self._commits or (self._commits < COMMITS and now - self._looked < LONGEST):
            return
        with self._turns.turn(Urgency.UPKEEP):
            # Asked only now: whoever had the turn before may have run out of room.
            if self._full():
                return
            self.working = True
            try:
                with self._going_on("put off until the next time"):
                    due = writer.upkeep_due()
                    if due is UpkeepDue.WHEN_QUIET and not self._quiet:
                        return  # and see again the next time
                    self._commits, self._looked = 0, now
                    if due is UpkeepDue.NO:
                        return
                    if writer.upkeep():
                        self.ended = self._clock.now()
            finally:
                self.working = False
        self._metrics.upkeep_seconds.observe(self._clock.monotonic() - now)
