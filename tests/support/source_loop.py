"""A source's loop that a test steps by hand, over a real index, with a clock that moves only when told to.

scene = Followed(home, folder)
scene.pass_time(0)                     # the first scan
folder.write("a.md", b"New."); scene.hint("a.md")
scene.pass_time(2)                     # two seconds, and what is due in them
scene.looks                            # reasons of the looks that were taken
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from indexer.composition import beside
from indexer.daemon.agenda import Agenda, Job
from indexer.daemon.filesystems import WatchMode
from indexer.daemon.hints import Hints
from indexer.daemon.loop import SourceLoop
from indexer.daemon.metrics import Metrics
from indexer.daemon.room import Room
from indexer.daemon.surroundings import Surroundings
from indexer.daemon.telling import Teller
from indexer.daemon.watcher import Coverage, Loss
from indexer.daemon.watching import SourceWatch
from indexer.errors import IndexerError
from indexer.ingest.index import ConfiguredSource, Index
from indexer.model import Row
from indexer.ports import Connector, StoredPassage, Watched
from tests.support.indexes import Home, configured
from tests.support.memory_passages import MemoryPassages

_AT_ONCE = 50
"""More steps than these without any time in between are a loop that spins."""


class FakeWatcher:
    """Implements `Watcher`: sees what a test tells it to have seen."""

    def __init__(self, root: str = "", coverage: Coverage | None = None) -> None:
        self.root = root
        self.coverage = coverage or Coverage()
        self.calls: list[str] = []
        self.watching = False
        self.after_refresh: Coverage | None = None
        """What is not watched once it was refreshed; None: as before."""

    def start(self) -> None:
        self.calls.append("start")
        self.watching = self.coverage.unwatched != ("",)

    def stop(self) -> None:
        self.calls.append("stop")
        self.watching = False

    def caught_up(self, timeout: float) -> bool:
        return self.watching

    def refresh(self) -> None:
        self.calls.append("refresh")
        if self.after_refresh is not None:
            self.coverage = self.after_refresh


@dataclass
class World:
    """What several loops share."""

    home: Home
    metrics: Metrics = field(default_factory=Metrics)
    fatal: list[IndexerError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.teller = Teller(self.metrics)
        self.room = Room(self.home.folder, self.home.clock)
        self.around = Surroundings(self.opened, self.home.clock, self.room, self.teller, self.fatal.append)

    @contextmanager
    def opened(self) -> Iterator[Index]:
        """The index: loops live in the thread of the test, but for those that it starts."""
        if threading.current_thread() is threading.main_thread():
            yield self.home.index
            return
        with beside(self.home.index) as index:
            yield index


class Troubled(MemoryPassages):
    """A table whose commits fail while there is something in `error`."""

    error: Exception | None = None

    def commit(self, add: Sequence[StoredPassage], change: Sequence[Row]) -> int:
        if self.error is not None:
            raise self.error
        return super().commit(add, change)


class Followed:
    """One source, its loop, and what came of it."""

    def __init__(
        self,
        home: Home,
        source: Connector | ConfiguredSource,
        world: World | None = None,
        *,
        index: Index | None = None,
    ) -> None:
        """`index`: what the loop works with, if not the home's own."""
        self.home = home
        self.world = world or World(home)
        self.source = source if isinstance(source, ConfiguredSource) else configured(source)
        partial = self.source.connector.snapshot
        self.hints = Hints(home.clock)
        self.watcher = FakeWatcher()
        self.watch = SourceWatch(
            self.source.name,
            (Watched("/fake"),),
            "auto",
            self.hints,
            lambda: self.loop.wake(),
            make=lambda watched, listener: self.watcher,
            mode=lambda root, setting: WatchMode("native", "it is a fake"),
        )
        self.agenda = Agenda(self.hints, partial=partial)
        self.looks: list[str] = []
        """Reasons of the looks that were begun, in order; with the scopes where there are any."""
        self.loop = _Noted(self.source, self.watch, self.agenda, self.world.around)
        self.loop.begun = self.looks
        self.loop.begin()
        self.at_step: Callable[[str], object] = lambda name: None
        """Called at each step of the commit protocol."""
        inner = index or home.index

        def step(name: str) -> None:
            inner.step(name)
            self.at_step(name)

        self.worker = self.loop.worker(replace(inner, step=step))

    def hint(self, *keys: str) -> None:
        """The watcher saw something there."""
        for key in keys:
            self.watch.on_hint(key, False)

    def lose(self, code: str = "overflow") -> None:
        """The watcher lost events."""
        self.watch.on_lost(Loss(code, "more happened than could be read"))  # type: ignore[arg-type]

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and the loop do what is due in it. A loop that does not rest in between is refused."""
        clock = self.home.clock
        end, at_once = clock.monotonic() + seconds, 0
        while True:
            before = clock.monotonic()
            at = self.loop.step(self.worker)
            now = clock.monotonic()
            if at is None or at > end:
                clock.advance(max(0, round((end - now) * 1e6)))
                return
            if at > now:
                clock.advance(math.ceil((at - now) * 1e6))
            at_once = at_once + 1 if clock.monotonic() == before else 0
            assert at_once < _AT_ONCE, f"it spins: {self.looks[-5:]}"

    def texts(self) -> dict[str, str]:
        """Key → text of every document that is there."""
        queries = self.home.queries()
        return {key: queries.show(key).text for key in sorted(self.home.keys())}


class _Noted(SourceLoop):
    """Notes which looks it takes."""

    begun: list[str]

    def _do(self, worker, job: Job, requests) -> None:  # type: ignore[no-untyped-def]
        self.begun.append(job.reason if job.scopes is None else f"{job.reason} {' '.join(job.scopes)}")
        super()._do(worker, job, requests)
