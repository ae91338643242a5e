"""When something becomes searchable: the published index is asked again whenever something new was published."""

from __future__ import annotations

import http.client
import json
import socket
import time
import urllib.parse
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.share import Saved
from indexer import config as configuration
from indexer.composition import check_source, open_queries, read_index
from indexer.daemon.control.address import FILE_NAME
from indexer.model import Version, VersionKind
from indexer.query.queries import Queries
from indexer.query.results import Mode, Question

TICK = 0.02
"""Seconds between two looks at what is published. A search can only answer otherwise after it changed."""


class Searching:
    """A reader of an index that another process writes to, in this one."""

    def __init__(self, config: Path) -> None:
        loaded = configuration.load(config, {}, check_source)
        self._read = read_index(loaded)
        self._open = open_queries(loaded)

    def __enter__(self) -> Searching:
        self._index = self._read.__enter__()
        self._catalog = self._index.catalog
        self._queries: Queries = self._open.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.__exit__(None, None, None)
        self._read.__exit__(None, None, None)

    def warm(self) -> None:
        """Have everything loaded that a search needs: what that takes is not the service's doing."""
        self.keys("warm")

    def published(self) -> int:
        """The instant of the last commit."""
        with self._catalog.snapshot() as snapshot:
            return snapshot.recorded

    def changes(self) -> Callable[[], bool]:
        """Says whether anything was committed since now."""
        before = self.published()
        return lambda: self.published() != before

    def level(self) -> bool:
        """Whether the newest version of the passages table is the published one: then no start takes anything back."""
        published = [entry for entry, _, _ in self._catalog.publications() if entry.active]
        return [entry.table_version for entry in published] == [self._index.table().newest()]

    def contents(self) -> dict[str, str]:
        """Key → content hash of what was last seen of the files that are indexed; empty where they could not be read."""
        with self._catalog.recorded() as state:
            return {key: seen.content_hash or "" for key, seen in state.seen(1).items()}

    def versions(self) -> list[Version]:
        """Every version of every document."""
        with self._catalog.snapshot() as snapshot:
            return [version for versions in snapshot.versions_of().values() for version in versions]

    def texts(self) -> dict[str, str | None]:
        """Key → hash of the text of every document that is there."""
        present = [v for v in self.versions() if v.valid_to is None and v.number is not None]
        return {v.key: v.text_hash for v in present if v.kind is not VersionKind.TOMBSTONE}

    def keys(self, word: str) -> list[str]:
        """Where documents with this word are."""
        found = self._queries.search(Question(word, k=3, mode=Mode.TEXT))
        return [hit.document.key for hit in found.hits if word in hit.text]

    def shows(self, saved: Saved) -> bool:
        """Whether a search finds what was saved, and where it was saved."""
        keys = self.keys(saved.word)
        return not keys if saved.save == "delete" else keys == [saved.key]

    def wait(self, saved: Iterable[Saved], timeout: float, alive: Callable[[], bool]) -> float | None:
        """The moment [perf_counter seconds] at which all of it is found; None if that does not come in time.

        Nothing can be found before something was published: until then nobody is asked.
        """
        waiting = list(saved)
        end = time.perf_counter() + timeout
        seen = -1
        while alive() and time.perf_counter() < end:
            now = self.published()
            if now != seen:
                seen = now
                while waiting and self.shows(waiting[-1]):
                    waiting.pop()
                if not waiting:
                    return time.perf_counter()
            time.sleep(TICK)
        return None


class Asking(Searching):
    """The same, by asking the service on its control socket, as commands and other programs do."""

    def __init__(self, config: Path) -> None:
        super().__init__(config)
        self._socket = str(configuration.load(config, {}, check_source).data_dir / FILE_NAME)

    def keys(self, word: str) -> list[str]:
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(self._socket)
            connection.request(
                "GET",
                "/v1/search?"
                + urllib.parse.urlencode({"query": word, "k": 3, "mode": "text", "literal": "true"}),
            )
            answer = connection.getresponse()
            told = json.load(answer)
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"the service answered {answer.status}: {told}")
        return [hit["document"]["key"] for hit in told["hits"] if word in hit["text"]]

    def wait(self, saved: Iterable[Saved], timeout: float, alive: Callable[[], bool]) -> float | None:
        """As of `Searching`, asking again and again."""
        waiting = list(saved)
        end = time.perf_counter() + timeout
        while alive() and time.perf_counter() < end:
            while waiting and self.shows(waiting[-1]):
                waiting.pop()
            if not waiting:
                return time.perf_counter()
            time.sleep(TICK)
        return None
