"""The running service: starts everything, watches over it, reads the configuration again, and ends in order."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from queue import Empty, SimpleQueue
from typing import Any, Final

from indexer import __version__, logs
from indexer.clock import Clock, rfc3339
from indexer.composition import beside, connectors
from indexer.config.values import Config, LogLevel
from indexer.daemon.chores import Chores
from indexer.daemon.health import Health
from indexer.daemon.metrics import Metrics, Reading
from indexer.daemon.notify import Notifier
from indexer.daemon.query_log import KeptQueries
from indexer.daemon.room import Room
from indexer.daemon.schedule import Schedule
from indexer.daemon.service import Server, Service
from indexer.daemon.sources import Sources
from indexer.daemon.state import overall, queues, readings, sources_state
from indexer.daemon.surroundings import Surroundings
from indexer.daemon.telling import Teller
from indexer.daemon.upkeep import Keeper
from indexer.daemon.warm_queries import WarmQueries
from indexer.errors import BusyError, ConfigurationError, IndexerError
from indexer.ingest.index import Index
from indexer.ingest.progress import Progress
from indexer.ingest.reports import BackfillReport
from indexer.ingest.turns import Turns, Urgency
from indexer.model import Instant
from indexer.ports.query_log import LoggedQuery
from indexer.query.queries import Queries

_log = logs.get("service")

TICK: Final = 1.0
"""Seconds between two looks at how everything is."""
UPKEEP: Final = 30.0
"""Seconds between two looks at what the stores need."""
UNFINISHED: Final = 600.0
"""Seconds between two tries to finish what was removed and left something behind."""
RETENTION: Final = "30 3 * * *"
"""When old versions are thinned out: the five fields of a crontab, in the configured zone."""
ARMED: Final = 60.0
"""Seconds after which the service counts as ready though some source is not watched yet."""
LOOPS_END: Final = 2.5
"""Seconds for the loops to end."""
COMMIT_ENDS: Final = 1.5
"""Seconds more for a commit that goes on."""


class Supervisor:
    """Implements `service.Service`. `run` is the main thread; everything else has threads of its own."""

    def __init__(
        self,
        config: Config,
        index: Index,
        *,
        reread: Callable[[], Config],
        serve: Callable[[Service], Server] | None = None,
        notifier: Notifier | None = None,
        connect: Callable[[Config], Sequence[Any]] = connectors,
    ) -> None:
        """`index` is opened by the calling thread, with the writer's lock. `reread` raises `ConfigurationError`."""
        self._config = config
        self._clock: Clock = index.clock
        self._reread = reread
        self._notifier = notifier or Notifier()
        self.measured = Metrics()
        teller = Teller(self.measured)
        # One table for all who write: another one would not know of what this one committed.
        self._index = replace(index, passages=cache(index.passages), step=self._step)
        self._warm = WarmQueries(self._index, cache(index.passages), lambda: self._config)
        self._committing = 0.0
        self.room = Room(index.folder, self._clock)
        self._keeper = Keeper(
            self._opened,
            self._index.turns,
            self.measured,
            self._clock,
            self._end_with,
            full=lambda: bool(self.room.detail),
        )
        self.chores = Chores(
            self._opened, self.exclusive, lambda: self._config, lambda: self.stopping, self._clock
        )
        self.schedule = Schedule(config.timezone, self._clock)
        around = Surroundings(self._opened, self._clock, self.room, teller, self._end_with)
        self.sources = Sources(around, self.schedule, connect)
        self._kept = KeptQueries(
            self._opened, self._index.turns, lambda: self._config.log, self._clock, self.measured.not_kept.inc
        )
        self._since = self._clock.now()
        self._began = self._clock.monotonic()
        # What signal handlers touch: they run in the middle of the main thread, which may hold any lock at that moment.
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._stop = False
        self._reload = False
        self._error: IndexerError | None = None
        self._said = ""
        self._refused = ""
        """What is wrong with a configuration that was not taken over."""
        self._warming: threading.Thread | None = None
        self._server = None if serve is None else serve(self)
        self._health = Health(self.sources, self._index.turns, self._clock)
        self.measured.read_also(self._readings)

    # --- the main thread ----------------------------------------------------------------------

    def run(self) -> None:
        """Until `stop`. Raises what the service could not go on after."""
        _log.info("starting", data_dir=str(self._index.folder), sources=len(self._config.sources))
        if self._server is not None:
            self._server.start()
        try:
            self.schedule.start()
            self.schedule.every("upkeep", UPKEEP, self._keeper.consider)
            self.schedule.every("purges", UNFINISHED, lambda: self._keeper.do(self.chores.finish_purges))
            self.schedule.cron("retention", RETENTION, lambda: self._keeper.do(self.chores.thin_out))
            self._keeper.start()
            self._kept.start()
            self.sources.follow(self._config)
            self._warming = threading.Thread(target=self._warm_up, name="warming up", daemon=True)
            self._warming.start()
            self._until_armed()
            self._notifier.ready(self._status())
            _log.info("ready", detail=self._status())
            while not self._stop:
                self._tick()
                self._wait()
        finally:
            self._end()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """End in order. May be called by a signal handler."""
        self._stop = True
        self._wake.put(None)

    @property
    def stopping(self) -> bool:
        """Whether it was told to end."""
        return self._stop

    def reload(self) -> None:
        """Read the configuration again soon. May be called by a signal handler."""
        self._reload = True
        self._wake.put(None)

    @property
    def turns(self) -> Turns:
        """Whose turn it is to write."""
        return self._index.turns

    @property
    def _pause(self) -> float:
        watchdog = self._notifier.watchdog
        return TICK if watchdog is None else min(TICK, watchdog / 3)

    def _warm_up(self) -> None:
        """Have the model loaded and names read before the first question, or the first change, comes."""
        try:
            self._index.embedder.embed_query("warming up")
        except IndexerError as error:
            # Whoever needs it next finds out, and says so where it matters.
            _log.error("the embedding model cannot be used", code=error.code, detail=str(error))
        try:
            with self.queries() as queries:
                queries.warm()
        except IndexerError as error:
            _log.error("questions cannot be answered yet", code=error.code, detail=str(error))
        # What is there now stays: walking through it in search of garbage would hold up a question now and then.
        gc.collect()
        gc.freeze()

    def _wait(self) -> None:
        """Until the next look, or until somebody wants something."""
        with suppress(Empty):
            self._wake.get(timeout=self._pause)
        with suppress(Empty):
            while True:
                self._wake.get_nowait()

    def _until_armed(self) -> None:
        end = self._clock.monotonic() + ARMED
        waiting = list(self.sources.all().values())
        while waiting and not self._stop and self._clock.monotonic() < end:
            waiting[0].armed.wait(self._pause)
            waiting = [loop for loop in waiting if loop.alive and not loop.armed.is_set()]
            self._notifier.alive()

    def _tick(self) -> None:
        if self._reload:
            self._reload = False
            self._read_again()
        self.schedule.tend()
        self.sources.tend()
        problem = self._health.problem()
        if problem is None:
            self._notifier.alive()
        else:
            # Without the sign of life the service manager ends this process, and starts another one.
            _log.error("something hangs", detail=problem)
        status = self._status()
        if status != self._said:
            self._said = status
            self._notifier.status(status)

    def _read_again(self) -> None:
        self._notifier.reloading(int(self._clock.monotonic() * 1e6))
        try:
            config = self._reread()
            begun = self.sources.follow(config)
        except ConfigurationError as error:
            self._refused = str(error)
            for problem in error.problems or [str(error)]:
                _log.error("the new configuration is refused, the old one stays", detail=problem)
        else:
            self._refused = ""
            later = [name for name in _NOT_NOW if getattr(config, name) != getattr(self._config, name)]
            if later:
                _log.warning("takes effect when the service is started again", settings=later)
            logs.configure(config.log.level, config.log.format)
            self.schedule.move(config.timezone)
            self._config = replace(config, **{name: getattr(self._config, name) for name in _NOT_NOW})
            _log.info("the configuration was read again", sources=len(config.sources), begun=begun)
        self._notifier.ready(self._status())

    def _end(self) -> None:
        """Commit or drop what is in hand, and let go of everything, within a few seconds."""
        self._notifier.stopping()
        _log.info("stopping")
        self.schedule.stop()
        self.sources.stop()
        self._keeper.stop()
        if self._server is not None:
            self._server.stop(1.0)
        self._kept.stop()
        deadline = self._clock.monotonic() + LOOPS_END
        left = self.sources.join(deadline)
        if not self._keeper.join(max(0.0, deadline - self._clock.monotonic())):
            left.append("upkeep")
        if not self._kept.join(max(0.0, deadline - self._clock.monotonic())):
            left.append("query log")
        if self._warming is not None:
            self._warming.join(max(0.0, deadline - self._clock.monotonic()))
            if self._warming.is_alive():
                # Native code that loads a model must not find the interpreter taken down around it: it aborts.
                left.append(self._warming.name)
        if left:
            # A source that hangs, or a long step between two commits. With the turn in our hands, no commit is
            # under way, and none begins: then it does no harm to leave.
            got = self._index.turns.take(Urgency.CHANGES, timeout=COMMIT_ENDS)
            _log.warning("left behind", threads=left, in_a_commit=not got)
            self.left_behind = True
        _log.info("stopped")

    left_behind = False
    """Whether threads still run that could not be ended: the process is to be left without waiting for them."""

    def _end_with(self, error: IndexerError) -> None:
        """Nobody can go on after this."""
        if self._error is None and not self._stop:
            self._error = error
            _log.error("the service cannot go on", code=error.code, detail=str(error))
        self.stop()

    # --- what loops and others use --------------------------------------------------------------

    @contextmanager
    def _opened(self) -> Iterator[Index]:
        with beside(self._index) as index:
            yield index

    def _step(self, name: str) -> None:
        """The commit protocol came so far: with the writer's turn held, so by one thread at a time."""
        self._index.turns.going_on()
        if name == "embedded":
            self._committing = self._clock.monotonic()
        elif name == "catalog committed":
            if self._committing:
                self.measured.commit_seconds.observe(self._clock.monotonic() - self._committing)
            self._committing = 0.0
            self._keeper.committed()

    def _status(self) -> str:
        return overall(self.sources.all(), self.room.detail, self._refused)

    # --- the service --------------------------------------------------------------------------

    @property
    def config(self) -> Config:
        return self._config

    @contextmanager
    def queries(self) -> Iterator[Queries]:
        with self._warm.queries() as queries:
            yield queries

    @contextmanager
    def exclusive(self, purpose: str) -> Iterator[Index]:
        if self._stop:
            raise BusyError("the service is stopping", remedy="try again in a moment")
        with self.sources.paused(purpose), self._opened() as index, index.turns.turn(Urgency.ASKED):
            # Whoever writes inside takes turns with nobody.
            yield replace(index, turns=type(index.turns)())

    @contextmanager
    def at_rest(self, names: Sequence[str], purpose: str) -> Iterator[Index]:
        if self._stop:
            raise BusyError("the service is stopping", remedy="try again in a moment")
        with self.sources.at_rest(names, purpose), self._opened() as index:
            yield index

    def backfill(
        self,
        names: Sequence[str],
        *,
        accept_deletions: bool = False,
        retry: Mapping[str, frozenset[str]] | None = None,
        progress: Progress,
    ) -> Future[BackfillReport]:
        return self.sources.ask(
            names, progress=progress, accept_deletions=accept_deletions, retry=retry or {}
        )

    def state(self) -> dict[str, Any]:
        turns = self._index.turns
        return {
            "version": __version__,
            "pid": os.getpid(),
            "since": rfc3339(self._since),
            "status": self._status(),
            "configuration_refused": self._refused or None,
            "disk": self.room.detail or None,
            "upkeep": self._keeper.working,
            "sources": sources_state(self.sources, self.schedule, self._clock),
            "schedules": [
                {
                    "name": job.name,
                    # It is considered far more often than there is anything to do.
                    "last": rfc3339(self._keeper.ended if job.name == "upkeep" else job.last),
                    "next": rfc3339(job.next),
                }
                for job in self.schedule.planned()
            ],
            "queues": {**queues(self.sources.all()), "writing": turns.waiting},
        }

    def set_log_level(self, level: LogLevel) -> None:
        logs.configure(level, self._config.log.format)
        _log.info("log level", level_now=level)

    def answered(self, command: str, exit_code: int, began: float) -> None:
        self.measured.requests.labels(command, str(exit_code)).inc()
        self.measured.request_seconds.labels(command).observe(self.monotonic() - began)

    def keep_query(self, query: LoggedQuery, uid: int | None) -> None:
        self._kept.keep(query, uid)

    def now(self) -> Instant:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def metrics(self) -> bytes:
        return self.measured.text()

    def _readings(self) -> Iterable[Reading]:
        yield "up_seconds", "Since the service began.", {}, self._clock.monotonic() - self._began
        yield "writers_waiting", "Threads that wait for their turn to write.", {}, self._index.turns.waiting
        yield "disk_full", "1 while no work is taken for want of room.", {}, float(bool(self.room.detail))
        with self.queries() as queries:
            status = queries.status()
        yield from readings(status, self.sources.all(), self._clock.now())


_NOT_NOW: Final = ("data_dir", "embedding", "parsing", "limits")
"""Settings that are read once, when the service starts."""
