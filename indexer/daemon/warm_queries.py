"""Questions for each thread that asks, kept warm from one to the next: model loaded, catalog and table opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from indexer.composition import kept_between_questions, queries_beside
from indexer.config.values import Config
from indexer.ingest.index import Index
from indexer.ports import PassageStore
from indexer.query.kept import Kept
from indexer.query.queries import Queries


class WarmQueries:
    """Implements `service.Service.queries`. Catalog connections are not shared between threads; tables, the model and names are."""

    def __init__(
        self, index: Index, tables: Callable[[str, int], PassageStore], config: Callable[[], Config]
    ) -> None:
        """`tables`: those to read from; `config` is the one that holds at the moment."""
        self._index = index
        self._tables = tables
        self._config = config
        self._local = threading.local()
        self._sharing = threading.Lock()
        self._shared: tuple[Config, Kept] | None = None

    @contextmanager
    def queries(self) -> Iterator[Queries]:
        """For the calling thread; made anew where another configuration holds."""
        config = self._config()
        found: Queries | None = getattr(self._local, "queries", None)
        if found is None or self._local.config is not config:
            if found is not None:
                self._local.open.close()
            # Closed by the thread that opened it, when it ends.
            self._local.open = ExitStack()
            found = self._local.open.enter_context(
                queries_beside(config, self._index, self._tables, self._kept(config))
            )
            self._local.queries, self._local.config = found, config
        yield found

    def _kept(self, config: Config) -> Kept:
        """What threads share that work by this configuration: another one may group documents otherwise."""
        with self._sharing:
            if self._shared is None or self._shared[0] is not config:
                self._shared = config, kept_between_questions(config)
            return self._shared[1]
