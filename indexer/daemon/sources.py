"""The loops of all configured sources: made from the configuration, replaced when it changes, paused together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from indexer import logs
from indexer.clock import Clock
from indexer.config.values import Config, SourceConfig
from indexer.daemon.agenda import Agenda
from indexer.daemon.hints import Hints
from indexer.daemon.loop import SourceLoop
from indexer.daemon.polling import scan_interval
from indexer.daemon.requests import Request, together
from indexer.daemon.schedule import Schedule
from indexer.daemon.surroundings import Surroundings
from indexer.daemon.watching import SourceWatch
from indexer.errors import BusyError, NotFoundError
from indexer.ingest.index import ConfiguredSource
from indexer.ingest.progress import Progress
from indexer.ingest.reports import BackfillReport
from indexer.ports import Watchable

_log = logs.get("sources")

PAUSE: Final = 30.0
"""Seconds within which every loop comes to a place where nothing is half done; a source that hangs does not."""

Connect = Callable[[Config], Sequence[ConfiguredSource]]
"""Makes the connectors of a configuration. Raises `ConfigurationError`."""


class Sources:
    """Every source's loop. `follow` and `tend` are called by one thread, the others by any."""

    def __init__(self, around: Surroundings, schedule: Schedule, connect: Connect) -> None:
        self._around = around
        self._schedule = schedule
        self._connect = connect
        self._lock = threading.Lock()
        self._pausing = threading.Lock()
        """Held by whoever has all loops paused: no loop begins meanwhile, and nobody else resumes them."""
        self._loops: dict[str, SourceLoop] = {}
        self._settings: dict[str, SourceConfig] = {}
        self._ending: list[SourceLoop] = []
        """Told to stop, and not yet over: maybe they hang."""
        self._waiting: dict[str, SourceLoop] = {}
        """To begin when their predecessors are over."""
        self._planned: dict[str, float | str | None] = {}
        self._file: Path | None = None
        """Of the configuration."""

    def follow(self, config: Config) -> list[str]:
        """Follow the sources of this configuration; the names of those that began anew.

        Loops of sources that stay as they are go on undisturbed. Raises `ConfigurationError`, before anything changed.
        """
        connected = {source.name: source for source in self._connect(config)} if config.sources else {}
        wanted = {source.name: replace(source, position=0) for source in config.sources}
        begun = [name for name, settings in wanted.items() if self._settings.get(name) != settings]
        for name in self._settings.keys() - wanted.keys():
            _log.info(
                "no longer followed", source=name, detail=f"`indexer forget {name}` removes it for good"
            )
        for name in [*begun, *(self._settings.keys() - wanted.keys())]:
            self._end(name)
        for name in begun:
            loop = self._make(wanted[name], connected[name])
            with self._lock:
                self._waiting[name] = loop
        self._settings, self._file = wanted, config.file
        self.tend()
        return begun

    def tend(self) -> None:
        """Begin what waits for its predecessor, and plan scans as often as the watchers make necessary."""
        with self._lock:
            self._ending = [loop for loop in self._ending if loop.alive]
            # Also under another name it is the same source, and two at work on it would index everything twice.
            uids = {loop.configured.connector.uid for loop in self._ending}
            ready = [
                name
                for name, loop in self._waiting.items()
                if loop.configured.connector.uid not in uids and not self._pausing.locked()
            ]
            for name in ready:
                self._loops[name] = self._waiting.pop(name)
            loops = dict(self._loops)
        for name in ready:
            loops[name].start()
        for name, loop in loops.items():
            if loop.armed.is_set():
                self._plan(name, loop)

    def all(self) -> Mapping[str, SourceLoop]:
        """The loops by name of source."""
        with self._lock:
            return dict(self._loops)

    def waiting(self) -> list[str]:
        """The sources that are not followed yet, as what followed them under other settings does not come to its end."""
        with self._lock:
            return [*self._waiting]

    def ask(
        self,
        names: Sequence[str],
        *,
        progress: Progress,
        accept_deletions: bool = False,
        retry: Mapping[str, frozenset[str]],
    ) -> Future[BackfillReport]:
        """Have these sources, or all, brought up to date now; as `service.Service.backfill`.

        Raises `NotFoundError` for one that is not configured, `BusyError` for one that is not followed yet.
        """
        loops = self.all()
        for name in names:
            if name not in loops and name in self.waiting():
                raise BusyError(
                    f"source {name} is not followed yet: what followed it by other settings does not come to its end",
                    remedy="see whether the source answers at all; try again later",
                )
            if name not in loops:
                raise NotFoundError(
                    f'there is no source "{name}" in {self._file}, as the service read it',
                    remedy="correct the name, or have the service read its configuration again",
                    code="no-such-source",
                )
        asked = {
            name: Request(progress, accept_deletions, retry.get(name, frozenset()))
            for name in dict.fromkeys(names or loops)
        }
        answer = together([request.answer for request in asked.values()], self._around.clock)
        for name, request in asked.items():
            loops[name].ask(request)
        return answer

    def interval(self, name: str) -> float | None:
        """Seconds between two scheduled scans of a source, the most where a crontab says when; None where there are none."""
        planned = self._planned.get(name)
        return self._schedule.longest_pause(planned) if isinstance(planned, str) else planned

    def stop(self) -> None:
        """Tell all to end."""
        for loop in self.all().values():
            loop.stop()

    def join(self, deadline: float) -> list[str]:
        """Wait until `deadline` [monotonic seconds] for all to end; the names of those that did not."""
        with self._lock:
            loops = [*self._loops.values(), *self._ending]
        clock = self._around.clock
        return [loop.name for loop in loops if not loop.join(max(0.0, deadline - clock.monotonic()))]

    @contextmanager
    def paused(self, purpose: str) -> Iterator[None]:
        """Inside, no loop does anything; afterwards they go on with what they dropped.

        Raises `BusyError` where one does not come to rest in time.
        """
        end = self._around.clock.monotonic() + PAUSE
        if not self._pausing.acquire(timeout=PAUSE):
            raise BusyError(
                f"something else has all sources paused, so that {purpose} cannot begin",
                remedy="try again when it has finished",
            )
        try:
            with self._lock:
                # Those that are about to end, too: what they have in hand they may still commit.
                loops = [*self._loops.values(), *self._ending]
            with self._still(loops, purpose, end):
                yield
        finally:
            self._pausing.release()

    @contextmanager
    def at_rest(self, names: Collection[str], purpose: str) -> Iterator[None]:
        """Inside, the loops of these sources do nothing; otherwise as `paused`, which may come and go meanwhile."""
        end = self._around.clock.monotonic() + PAUSE
        with self._lock:
            loops = [loop for name, loop in self._loops.items() if name in names]
        with self._still(loops, purpose, end):
            yield

    @contextmanager
    def _still(self, loops: Sequence[SourceLoop], purpose: str, end: float) -> Iterator[None]:
        """These loops do nothing inside. Raises `BusyError` where one has not come to rest by `end` [monotonic seconds]."""
        for loop in loops:
            loop.pause()
        try:
            for loop in loops:
                if not loop.resting(max(0.0, end - self._around.clock.monotonic())):
                    raise BusyError(
                        f"source {loop.name} does not come to rest, so that {purpose} cannot begin",
                        remedy="see `indexer status`; try again when it has finished, or stop the service",
                    )
            yield
        finally:
            for loop in loops:
                loop.resume()

    # --- inside ------------------------------------------------------------------------------

    def _make(self, settings: SourceConfig, configured: ConfiguredSource) -> SourceLoop:
        connector, clock = configured.connector, self._around.clock
        watched = connector.watched() if isinstance(connector, Watchable) else ()
        hints = Hints(clock, lambda key: watch.size_of(key) if watched else None)
        watch = SourceWatch(settings.name, watched, settings.watch, hints, lambda: loop.wake())
        agenda = Agenda(hints, partial=connector.snapshot, jitter=lambda: _drawn(clock))
        loop = SourceLoop(configured, watch, agenda, self._around)
        return loop

    def _end(self, name: str) -> None:
        self._schedule.remove(_job(name))
        self._planned.pop(name, None)
        with self._lock:
            self._waiting.pop(name, None)
            loop = self._loops.pop(name, None)
            if loop is not None:
                self._ending.append(loop)
        self._around.teller.forget(name)
        if loop is not None:
            loop.stop()

    def _plan(self, name: str, loop: SourceLoop) -> None:
        settings = self._settings[name]
        plan: float | str | None = settings.schedule
        if plan is None:
            state = loop.watch.state
            plan = scan_interval(
                "off" if state.mode == "off" else "native" if loop.watch.any else "poll",
                settings.poll_interval,
                covered=state.mode == "native",
                remote=loop.watch.remote,
            )
        if name in self._planned and self._planned[name] == plan:
            return
        self._planned[name] = plan
        if isinstance(plan, str):
            self._schedule.cron(_job(name), plan, loop.schedule)
        elif plan is not None:
            self._schedule.every(_job(name), plan, loop.schedule)
        else:
            self._schedule.remove(_job(name))


def _job(name: str) -> str:
    return f"scan {name}"


def _drawn(clock: Clock) -> float:
    """A random share, 0 to 1."""
    digits = clock.draw_id("")[-4:]
    number = int.from_bytes(digits.encode()) % 1000
    return number / 1000
