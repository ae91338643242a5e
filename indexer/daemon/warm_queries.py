"""Questions for each thread that asks, kept warm from one to the next: model loaded, catalog and table opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from indexer.composition import queries_beside
from indexer.config.values import Config
from indexer.ingest.index import Index
from indexer.ports import PassageStore
from indexer.query.queries import Queries


class WarmQueries:
    """Implements `service.Service.queries`. Catalog connections are not shared between threads, tables and the model are."""

    def __init__(
        self, index: Index, tables: Callable[[str, int], PassageStore], config: Callable[[], Config]
    ) -> None:
        """`tables`: those to read from; `config` is the one that holds at the moment."""
        self._index = index
        self._tables = tables
        self._config = config
        self._local = threading.local()

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
            found = self._local.open.enter_context(queries_beside(config, self._index, self._tables))
            self._local.queries, self._local.config = found, config
        yield found
