"""What the daemon does for those who ask it, as a port: the control socket knows nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, Protocol

from indexer.config.values import Config, LogLevel
from indexer.ingest.index import Index
from indexer.ingest.progress import Progress
from indexer.ingest.reports import BackfillReport
from indexer.model import Instant
from indexer.ports.query_log import LoggedQuery
from indexer.query.queries import Queries


class Service(Protocol):
    """The running daemon. Any thread may call any of it at any time, until the control socket is stopped."""

    @property
    def config(self) -> Config:
        """The configuration that it works by at present; another object after another one was read."""

    def queries(self) -> AbstractContextManager[Queries]:
        """Questions for the calling thread, kept warm between its calls: model loaded, table opened."""

    def exclusive(self, purpose: str) -> AbstractContextManager[Index]:
        """The index, with the writer's turn held: nobody else commits inside. Waits for its turn.

        `purpose` is one word for people, such as ``purge``. Raises `BusyError` once the daemon is stopping.
        """

    def at_rest(self, names: Sequence[str], purpose: str) -> AbstractContextManager[Index]:
        """The index, while these sources are left alone and all others are followed: nothing may be written through it.

        Raises `BusyError` as `exclusive` does, and where one of them does not come to rest.
        """

    def backfill(
        self,
        names: Sequence[str],
        *,
        accept_deletions: bool = False,
        retry: Mapping[str, frozenset[str]] | None = None,
        progress: Progress,
    ) -> Future[BackfillReport]:
        """Ask for these configured sources to be brought up to date now; returns at once.

        The report has them in the order of `names`. `progress` is told from whichever thread does the work, and
        never blocks. The work goes on whether or not anybody waits for the report, whose exceptions are those of
        `indexer.ingest.backfill.Backfill.run`, and `BusyError` where the daemon stops before it is done.
        """

    def state(self) -> dict[str, Any]:
        """What only the running daemon knows, ready for JSON; `indexer status` shows it as ``daemon``.

        Times are RFC 3339 in UTC, null where there is none; durations are seconds::

            {"pid": 4711, "since": "…Z",
             "sources": {"policies": {"state": "following" | "working" | "waiting" | "trouble" | "off",
                                      "activity": "embedding 12 of 300 documents" | null,
                                      "hints": 3, "watch": "native" | "poll" | "off",
                                      "interval": 3600.0 | null, "next_scan": "…Z" | null}},
             "schedules": [{"name": "optimize", "last": "…Z" | null, "next": "…Z" | null}],
             "queues": {"reading": 0, "parsing": 0, "embedding": 0, "folding": 0, "writing": 0}}

        ``activity`` is what is being done at this moment, ``interval`` the time between two complete scans, the longest where a crontab says when;
        ``next_scan`` may be a try after one that failed.
        More keys may be there.
        """

    def set_log_level(self, level: LogLevel) -> None:
        """Log from now on what is at least of this level."""

    def answered(self, command: str, exit_code: int, began: float) -> None:
        """A command was run for a client, since `began`, a moment of `monotonic`: for the metrics."""

    def keep_query(self, query: LoggedQuery, uid: int | None) -> None:
        """A question was answered, to the user `uid`: it is kept, if questions are. Never waits."""

    def now(self) -> Instant:
        """The time."""

    def monotonic(self) -> float:
        """Seconds since some fixed point; never runs backwards."""

    def metrics(self) -> bytes:
        """All metrics, as Prometheus' text exposition format has them."""


class Server(Protocol):
    """What answers on the control socket."""

    def start(self) -> None:
        """Begin to answer. Raises `IndexerError` where that cannot be."""

    def stop(self, deadline: float) -> None:
        """End within so many seconds."""
