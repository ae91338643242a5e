"""A service over a real index, as plain as can be: no loops, each thing done when it is asked for; and its control socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer import __version__
from indexer import config as configuration
from indexer.cli.served import ServedCommands
from indexer.clock import SystemClock
from indexer.composition import check_source, connectors, open_index, open_queries
from indexer.config import Config
from indexer.config.values import LogLevel
from indexer.daemon.control.server import ControlServer
from indexer.errors import BusyError
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import Index
from indexer.ingest.progress import Progress
from indexer.ingest.reports import BackfillReport
from indexer.model import Instant
from indexer.ports.query_log import LoggedQuery
from indexer.query.queries import Queries

PATIENCE = 20.0
"""[s] after which a test that waits has failed."""


class PlainService:
    """Implements `indexer.daemon.service.Service`."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.level: LogLevel = "info"
        self.purposes: list[str] = []
        self.asked = threading.Semaphore(0)
        """Released by each question and each run that began."""
        self.may_go_on = threading.Event()
        """Cleared: questions and runs begin, and go no further."""
        self.may_go_on.set()
        self.refused: str | None = None
        """Why the configuration was not taken when it was read again."""
        self.finished = threading.Event()
        """A run is over."""
        self.answers: list[tuple[str, int]] = []
        """Commands that were run, with their exit codes."""
        self.kept: list[tuple[LoggedQuery, int | None]] = []
        """Questions that were answered, and to whom."""
        self.server: ControlServer
        self._turn = threading.Lock()

    @contextmanager
    def queries(self) -> Iterator[Queries]:
        self._begin()
        with open_queries(self.config) as queries:
            yield queries

    @contextmanager
    def exclusive(self, purpose: str) -> Iterator[Index]:
        with self._turn, open_index(self.config) as index:
            self.purposes.append(purpose)
            yield index

    @contextmanager
    def at_rest(self, names: Sequence[str], purpose: str) -> Iterator[Index]:
        with self.exclusive(purpose) as index:
            yield index

    def backfill(
        self,
        names: Sequence[str],
        *,
        accept_deletions: bool = False,
        retry: Mapping[str, frozenset[str]] | None = None,
        progress: Progress,
    ) -> Future[BackfillReport]:
        report: Future[BackfillReport] = Future()

        def work() -> None:
            try:
                with self.exclusive("backfill") as index:
                    progress.note("it begins")
                    self._begin()
                    found = Backfill(index, progress).run(
                        connectors(self.config, names), accept_deletions=accept_deletions, retry=retry
                    )
            except Exception as error:  # noqa: BLE001 - whoever waits gets it
                report.set_exception(error)
            else:
                report.set_result(found)
            self.finished.set()

        threading.Thread(target=work, name="plain-backfill", daemon=True).start()
        return report

    def state(self) -> dict[str, Any]:
        since = "2024-03-01T12:00:00Z"
        known = {"version": __version__, "pid": 1, "since": since, "configuration_refused": self.refused}
        return known | {"sources": {}, "schedules": [], "queues": {}}

    def set_log_level(self, level: LogLevel) -> None:
        self.level = level

    def answered(self, command: str, exit_code: int, began: float) -> None:
        self.answers.append((command, exit_code))

    def keep_query(self, query: LoggedQuery, uid: int | None) -> None:
        self.kept.append((query, uid))

    def now(self) -> Instant:
        return SystemClock().now()

    def monotonic(self) -> float:
        return SystemClock().monotonic()

    def metrics(self) -> bytes:
        return b"indexer_documents 3\n"

    def _begin(self) -> None:
        self.asked.release()
        if not self.may_go_on.wait(PATIENCE):
            raise BusyError("the test forgot to let it go on")


@contextmanager
def served(file: Path) -> Iterator[PlainService]:
    """The control socket of the index that this configuration names, answered inside the `with`."""
    service = PlainService(configuration.load(file, {}, check_source))
    service.server = ControlServer(service, ServedCommands(service), service.config.data_dir)
    service.server.start()
    try:
        yield service
    finally:
        service.may_go_on.set()
        service.server.stop(deadline=2)
